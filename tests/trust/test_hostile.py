"""No document stops a run, none hangs it, bombs are refused, what is contained stays contained."""

import json
import random
import struct
import time
import zlib

import pymupdf
import pytest
from PIL import Image

from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image, draw_pdf
from tests.trust.drawn_sites import draw_faulty_site, write_faulty

CLEAR = {"corrupt", "unsupported", "encrypted", "decode_bomb", "too_large", "render_timeout"}
"""What may be wrong with a damaged document; a crash of its reader is `render_crash`."""


@pytest.fixture
def ask(monkey, folder):
    """Give a function that asks of every page and gives the command's end and its records."""

    def run(*words, **options):
        output = ("-o", "out.jsonl", "--overwrite", "--max-tokens", 1, "--quiet")
        ended = monkey("ask", "-q", "?", "--each", "page", *output, *words, **options)
        assert ended.code in (ExitCode.OK, ExitCode.PARTIAL, ExitCode.FAILED), ended.err
        assert "Traceback" not in ended.err
        lines = (folder / "out.jsonl").read_bytes().splitlines()
        return ended, [json.loads(line) for line in lines]

    return run


def code_of(record):
    return record["error"]["code"] if record["error"] else "ok"


# Readers that crash and hang


def test_readers_that_crash_and_hang_cost_their_pages(ask, folder, tmp_path):
    """Seven pages hang for good; two readers at a time are killed after two seconds each."""
    acts = ["fine", "exit", "hang", "segfault", "fine", "spin", "divide", "hang", "fine"]
    write_faulty(folder / "a.faulty", *acts)
    write_faulty(folder / "b.faulty", opening="hang")
    write_faulty(folder / "c.faulty", "hang", "hang", "hang", "fine")
    draw_image(folder / "z.png")
    began = time.monotonic()
    ended, records = ask(
        *("a.faulty", "b.faulty", "c.faulty", "z.png", "--page-timeout", 2, "-j", 2),
        sites=[draw_faulty_site(tmp_path / "site")],
    )

    by_act = {"exit": "render_crash", "segfault": "render_crash", "divide": "internal"}
    by_act |= {"hang": "render_timeout", "spin": "render_timeout", "fine": "ok"}
    timeout = "render_timeout"
    assert ended.code == ExitCode.PARTIAL
    assert [(record["source"], record["page"], code_of(record)) for record in records] == [
        *(("a.faulty", number, by_act[act]) for number, act in enumerate(acts, 1)),
        ("b.faulty", None, timeout),
        *(("c.faulty", number, timeout) for number in (1, 2, 3)),
        ("c.faulty", 4, "ok"),
        ("z.png", 1, "ok"),
    ]
    assert time.monotonic() - began < 7 * 2 / 2 + 120  # readers have to start, on a busy machine


def draw_endless_pdf(path):
    """Write a page of forms that draw each other twice: 2**60 squares."""
    forms = 60
    bodies = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R"
        b"/Resources<</XObject<</F 5 0 R>>>>>>",
        4: b"<</Length 4>>stream\n/F Do\nendstream",
    }
    for number in range(forms):
        drawn, inside = b"/F Do /F Do", b"/Resources<</XObject<</F %d 0 R>>>>" % (number + 6)
        if number == forms - 1:
            drawn, inside = b"9 9 9 9 re f", b""
        form = b"<</Type/XObject/Subtype/Form/BBox[0 0 300 300]%s/Length %d>>"
        form += b"stream\n%s\nendstream"
        bodies[5 + number] = form % (inside, len(drawn), drawn)
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in bodies.items():
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n" % (size, table)
    end += b"<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (size, len(data))
    path.write_bytes(data + end)


def test_a_page_that_would_be_drawn_for_ever_is_given_up(ask, folder):
    draw_endless_pdf(folder / "a.pdf")
    draw_image(folder / "b.png")
    _, records = ask("a.pdf", "b.png", "--page-timeout", 2)

    assert [(record["page"], code_of(record)) for record in records] == [
        (1, "render_timeout"),
        (1, "ok"),
    ]
    assert records[0]["error"]["hint"] == "try --page-timeout 6"


# Bombs


def png_header(width, height):
    """Give a PNG that declares so many pixels and holds none."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def draw_box(path, width, height):
    with pymupdf.open() as document:
        document.new_page(width=width, height=height).insert_text((72, 100), "Total 7")
        document.save(path)


def draw_picture_bomb(path, side):
    """Write a PDF of a small page with a picture of so many pixels, which packs well."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(side)) for _ in range(side)) + rows.flush()
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=300)
        page.insert_image((0, 0, 300, 300), pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 8, 8)))
        number = page.get_images()[0][0]
        document.update_stream(number, packed, new=True, compress=False)
        for key, value in {"Width": side, "Height": side, "Filter": "/FlateDecode"}.items():
            document.xref_set_key(number, key, str(value))
        document.xref_set_key(number, "ColorSpace", "/DeviceGray")
        document.save(path)


def test_bombs_cost_no_memory_and_the_run_goes_on(ask, folder):
    """A page box of any size is drawn straight onto the canvas, however large it says it is."""
    draw_box(folder / "a.pdf", 100_000, 100_000)
    draw_box(folder / "b.pdf", 3, 100_000)
    (folder / "c.png").write_bytes(png_header(100_000, 100_000))
    draw_picture_bomb(folder / "d.pdf", 30_000)
    draw_image(folder / "z.png")
    _, records = ask("a.pdf", "b.pdf", "c.png", "d.pdf", "z.png", "--page-timeout", 60)

    found = {record["source"]: code_of(record) for record in records}
    assert len(records) == 5
    assert (found["a.pdf"], found["b.pdf"], found["z.png"]) == ("ok", "ok", "ok")
    assert found["c.png"] == "decode_bomb"
    assert found["d.pdf"] in {"ok", "too_large", "corrupt", "render_timeout"}
    (bomb,) = [record for record in records if record["source"] == "c.png"]
    assert "100000 x 100000 pixels, more than" in bomb["error"]["message"]


def tiff(num_pages):
    """Give a TIFF of so many pages of 8 x 8 bits; Pillow's time grows with their square."""
    fields = {256: 8, 257: 8, 258: 1, 259: 1, 262: 1, 273: 8, 277: 1, 278: 8, 279: 8}
    size = 2 + 12 * len(fields) + 4
    data = bytearray(b"II*\0" + struct.pack("<I", 16) + b"\xf0\x0f" * 4)
    for number in range(1, num_pages + 1):
        data += struct.pack("<H", len(fields))
        for tag, value in fields.items():
            data += struct.pack("<HHII", tag, 4, 1, value)
        data += struct.pack("<I", 16 + number * size if number < num_pages else 0)
    return bytes(data)


@pytest.mark.slow
def test_a_picture_of_ten_thousand_pages_is_read_page_by_page(ask, folder):
    """Takes 10 seconds of processor time."""
    (folder / "a.tiff").write_bytes(tiff(10_000))
    _, records = ask("a.tiff", "--pages", "1,5000,10000,10001")

    assert [code_of(record) for record in records] == ["ok", "ok", "ok", "page_out_of_range"]
    assert records[0]["pages"] == 10_000


OTHERS = {
    "a.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run showpage\n",
    "b.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    "c.pdf": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "d.pdf": b"PK\x03\x04" + bytes(26) + b"FixedDocSeq.fdseq",
    "e.jpg": b"<html><body>Total 7</body></html>",
}


def test_only_documents_of_known_kinds_are_opened(ask, folder):
    """Not PostScript, SVG, XPS or HTML, whatever they are called."""
    for name, data in OTHERS.items():
        (folder / name).write_bytes(data)
    ended, records = ask(*OTHERS)

    assert ended.code == ExitCode.FAILED
    assert [(record["source"], code_of(record)) for record in records] == [
        (name, "unsupported") for name in OTHERS
    ]


# Damage at random


def draw_good(folder):
    """Draw a document of each kind; give their bytes by name."""
    draw_pdf(folder / "a.pdf", "Total 7", "Invoice 4711")
    for suffix in ("png", "jpg", "webp", "bmp", "gif"):
        draw_image(folder / f"a.{suffix}", seed=3, size=(200, 120))
    pages = [Image.open(folder / "a.png").convert("L"), Image.open(folder / "a.bmp")]
    pages[0].save(folder / "a.tiff", save_all=True, append_images=pages[1:])
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def damage(data, chance, *, cuts, flips):
    """Give copies of a document: cut off after equal shares, and with bits turned over."""
    copies = [data[: len(data) * share // (cuts + 1)] for share in range(1, cuts + 1)]
    for _ in range(flips):
        copy = bytearray(data)
        for _ in range(chance.choice([1, 3, 30])):
            copy[chance.randrange(len(copy))] ^= 1 << chance.randrange(8)
        copies.append(bytes(copy))
    return copies


def check_damage(ask, folder, *, cuts, flips):
    """Every copy gives a record for each page, or one; nothing is the program's own fault."""
    chance = random.Random(11)
    (folder / "good").mkdir()
    for name, data in draw_good(folder / "good").items():
        copies = damage(data, chance, cuts=cuts, flips=flips)
        (folder / name).mkdir()
        for number, copy in enumerate(copies):
            (folder / name / f"{number:03}.{name.partition('.')[2]}").write_bytes(copy)
        _, records = ask(name, "--page-timeout", 30, "--grid", "1x1")

        sources = sorted({record["source"] for record in records})
        assert sources == [
            str(path.relative_to(folder)) for path in sorted((folder / name).iterdir())
        ]
        for source in sources:
            found = [record for record in records if record["source"] == source]
            numbers = [record["page"] for record in found]
            whole = list(range(1, (found[0]["pages"] or 0) + 1))
            assert numbers in ([None], whole), (source, numbers)
            if not found[0]["error"]:
                assert numbers == whole
        assert {code_of(record) for record in records} <= {"ok", *CLEAR}


def test_damaged_documents_are_at_most_errors(ask, folder):
    check_damage(ask, folder, cuts=4, flips=3)


@pytest.mark.slow
def test_documents_damaged_everywhere_are_at_most_errors(ask, folder):
    """Cut off at every hundredth, and a hundred times with bits turned: 1400 documents.

    Takes a minute of processor time.
    """
    check_damage(ask, folder, cuts=99, flips=100)


def test_what_is_no_file_is_a_record(ask, folder):
    """Folders without documents, links to nowhere and to themselves, and empty files."""
    (folder / "empty").mkdir()
    (folder / "lost.pdf").symlink_to("nowhere.pdf")
    (folder / "loop.pdf").symlink_to("loop.pdf")
    (folder / "zero.pdf").touch()
    draw_image(folder / "z.png")
    (folder / "list").write_text("empty\nlost.pdf\nloop.pdf\nzero.pdf\n/dev/zero\nz.png\n")
    _, records = ask("--files-from", "list")

    codes = [code_of(record) for record in records]
    assert codes == ["unsupported", "not_found", "not_found", "corrupt", "unsupported", "ok"]
