"""The font files print is drawn with: free fonts of Debian packages, and those inside MuPDF.

Packages (`fonts-NAME`): dejavu, liberation, crosextra-carlito, crosextra-caladea, lato, open-sans,
roboto-unhinted, urw-base35, freefont-ttf, linuxlibertine, ebgaramond, cantarell, hack, stix,
vollkorn, inter, courier-prime, noto-core, sil-gentium, inconsolata; and, as tills and old printers
print, terminus, dotgothic16, proggy, 3270, ocr-a, ocr-b, gnutypewriter, anonymous-pro, hermit,
agave, go, mononoki. Those that are missing are left out. The families of
`HELD_OUT` are for evaluation only.
"""

import functools
import re
from pathlib import Path

import pymupdf

FOLDER = Path("/usr/share/fonts")

WANTED = re.compile(
    r"(DejaVu(Sans|Serif)|LiberationSans|LiberationSerif|LiberationMono|Caladea|Carlito|Lato-"
    r"|OpenSans|Roboto|Nimbus|C059|P052|URWBookman|URWGothic|FreeSans|FreeSerif|FreeMono|LinLibertine_R"
    r"|LinBiolinum_R|EBGaramond12|Cantarell|Hack-|STIXTwoText|STIX-|Vollkorn|Inter-|CourierPrime"
    r"|Courier Prime|NotoSans-|NotoSerif-|NotoSansMono-|Gentium|Inconsolata)"
)
UNWANTED = re.compile(
    r"Thin|Hairline|ExtraLight|Black|Oblique|BoldItalic|BoldIt|Initials|SC|Math|Symbol|Swash|Condensed"
    r"|Display|Keyboard|Slanted|Narrow.*Bold|\.t1$|\.afm$|\.pfb$|ExtraBold|Cond|BdIta|BdOblique|DemiOblique"
)
TILL = re.compile(
    r"TerminusTTF-|DotGothic16|ProggyTiny|3270(SemiCondensed)?-|OCRA\.|OCRBL?\.|GNUTypewriter"
    r"|Anonymous Pro( B)?\.|Hermit-(medium|bold)|agave-[rb]-autohinted"
    r"|Go-Mono(-Bold)?\.|mononoki-(Regular|Bold)\."
)
"""Letters of equal width, and letters made of dots."""
HELD_OUT = re.compile(r"Carlito|OpenSans|Cantarell|FreeSans|NotoSerif|Inconsolata")

BUILT_IN = ("helv", "hebo", "heit", "tiro", "tibo", "tiit", "cour", "cobo")
"""The base fonts a PDF need not embed."""


@functools.cache
def font_files(*, held_out: bool) -> tuple[str, ...]:
    """Names that `open_font` takes, sorted."""
    found = [
        str(path)
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in (".ttf", ".otf")
        and (
            TILL.search(path.name) or (WANTED.search(path.name) and not UNWANTED.search(path.name))
        )
        and bool(HELD_OUT.search(path.name)) == held_out
    ]
    return tuple(found) if held_out else (*BUILT_IN * 3, *found)


@functools.cache
def till_fonts() -> tuple[str, ...]:
    """Those of them that look like a till's or an old printer's."""
    equal = re.compile(r"Mono|Courier|Hack-|^cour$|^cobo$")
    fonts = font_files(held_out=False)
    return tuple(
        name for name in fonts if TILL.search(name) or equal.search(name.rpartition("/")[2])
    )


@functools.cache
def open_font(name: str) -> pymupdf.Font:
    """A font by its file or by MuPDF's name."""
    return pymupdf.Font(name) if name in BUILT_IN else pymupdf.Font(fontfile=name)


@functools.cache
def has_glyph(name: str, character: str) -> bool:
    """Whether a font can draw a character."""
    return bool(open_font(name).has_glyph(ord(character)))


@functools.cache
def advance(name: str, character: str) -> float:
    """Width of a character of size 1."""
    return float(open_font(name).glyph_advance(ord(character)))
