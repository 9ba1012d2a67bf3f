"""Tell a file's type by its first bytes, never by its name."""

import re
from pathlib import PurePath

from monkeycli.errors import ItemError

HEAD_BYTES = 4096
"""Bytes from a file's beginning that are enough to tell its type."""

_PDF_HEADER_WITHIN = 1024
"""A PDF's header may stand anywhere in this many bytes (ISO 32000-1, annex H.3.4.1)."""

IMAGE_TYPES = ("png", "jpeg", "webp", "bmp", "tiff", "gif")
"""Images that are read."""

DOCUMENT_SUFFIXES = frozenset(
    [
        *(".pdf", ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"),
        *(".bmp", ".dib", ".tif", ".tiff", ".gif"),
    ]
)
"""Names that promise a document; one whose content breaks the promise is an error, not skipped."""

_IMAGE_MAGIC = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp"),
    (re.compile(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), "bmp"),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), "tiff"),
    (re.compile(rb"GIF8[79]a"), "gif"),
)

_OTHER_MAGIC = (
    (rb"PK\x03\x04.*?word/", "a Word file"),
    (rb"PK\x03\x04.*?xl/", "an Excel file"),
    (rb"PK\x03\x04.*?ppt/", "a PowerPoint file"),
    (rb"PK\x03\x04.*?mimetypeapplication/vnd\.oasis", "an OpenDocument file"),
    (rb"PK\x03\x04.*?mimetypeapplication/epub", "an EPUB book"),
    (rb"PK\x03\x04.*?\[Content_Types\]", "an Office or XPS file"),
    (rb"PK\x03\x04", "a ZIP archive"),
    (rb"\xd0\xcf\x11\xe0", "an old Office file"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript file"),
    (rb"AT&TFORM", "a DjVu file"),
    (rb"\{\\rtf", "an RTF file"),
    (rb"....ftyp(heic|heix|mif1|msf1|hevc)", "a HEIC image"),
    (rb"....ftypavi[fs]", "an AVIF image"),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (rb"8BPS", "a Photoshop file"),
    (rb"P[1-7]\s", "a PNM image"),
    (rb"\0\0[\x01\x02]\0", "an icon"),
    (rb"....ftyp", "a video"),
    (rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd", "an archive"),
    (rb"\x7fELF|MZ", "a program"),
    (rb"(\xef\xbb\xbf)?\s*(<[?!][^>]*>\s*)*<svg[\s>]", "an SVG drawing"),
    (rb"(\xef\xbb\xbf)?\s*(<[?!][^>]*>\s*)*<(html|head|body|title)[\s>]", "an HTML page"),
    (rb"(\xef\xbb\xbf)?\s*<\?xml", "an XML file"),
)
"""What files look like that are not read, first match first."""


def find_type(head: bytes) -> str | None:
    """Tell a document's type.

    Args:
        head: the file's first `HEAD_BYTES` bytes, or all of a shorter one.

    Returns:
        `pdf`, one of `IMAGE_TYPES`, or None if it is none of these.

    >>> find_type(b"GIF89a...")
    'gif'
    >>> find_type(b"junk before the header %PDF-1.7")
    'pdf'
    """
    for magic, name in _IMAGE_MAGIC:
        if magic.match(head):
            return name
    return "pdf" if b"%PDF-" in head[:_PDF_HEADER_WITHIN] else None


def describe_other(head: bytes) -> str:
    """Say what a file that is no document of ours seems to be.

    >>> describe_other(b"<!DOCTYPE html><title>404</title>")
    'an HTML page'
    """
    for magic, name in _OTHER_MAGIC:
        if re.match(magic, head, re.DOTALL | re.IGNORECASE):
            return name
    return "of an unknown type" if b"\0" in head or not _is_text(head) else "a text file"


def _is_text(head: bytes) -> bool:
    """Whether `head` is UTF-8; its last character may be cut in half."""
    try:
        head[: max(len(head) - 3, 1)].decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 6
    return True


def unsupported_type(path: str, head: bytes) -> ItemError:
    """Say why a file is refused, by its content.

    Args:
        path: as the user named it.
        head: the file's first `HEAD_BYTES` bytes.

    Returns:
        `corrupt` for an empty file and for one whose suffix promises a type that it is not and that
        seems to be nothing else; `unsupported` for everything else.
    """
    if not head:
        return ItemError("corrupt", f"{path} is empty", "copy it again")
    seems = describe_other(head)
    suffix = PurePath(path).suffix.lower()
    if suffix in DOCUMENT_SUFFIXES and seems == "of an unknown type":
        return ItemError(
            "corrupt", f"{path} does not begin like a {suffix[1:].upper()} file", "copy it again"
        )
    return ItemError("unsupported", f"{path} is {seems}", "convert it to PDF or PNG")
