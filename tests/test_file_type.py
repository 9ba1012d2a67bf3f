import io

import pytest
from PIL import Image

from monkeycli.file_type import IMAGE_TYPES, describe_other, find_type, unsupported_type


@pytest.mark.parametrize("name", IMAGE_TYPES)
def test_knows_what_pillow_writes(name):
    file = io.BytesIO()
    Image.new("RGB", (5, 5)).save(file, name)

    assert find_type(file.getvalue()) == name


@pytest.mark.parametrize(
    "head, expected",
    [
        (b"%PDF-1.4\n", "pdf"),
        (b"\0junk\n" * 100 + b"%PDF-1.4\n", "pdf"),
        (b"x" * 2000 + b"%PDF-1.4\n", None),
        (b"II+\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"BM is how this text begins", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"GIF88a", None),
        (b"", None),
    ],
)
def test_tells_types(head, expected):
    assert find_type(head) == expected


@pytest.mark.parametrize(
    "head, expected",
    [
        (b"PK\x03\x04\x14\0[Content_Types].xml...word/document.xml", "a Word file"),
        (b"PK\x03\x04\x14\0[Content_Types].xml...xl/workbook.xml", "an Excel file"),
        (b"PK\x03\x04\x14\0anything", "a ZIP archive"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript file"),
        (b"\n<!DOCTYPE html>\n<html>", "an HTML page"),
        (b"<!-- saved -->\n<HTML lang=en>", "an HTML page"),
        (b"<?xml version='1.0'?>\n<!-- by hand -->\n<svg xmlns='...'>", "an SVG drawing"),
        (b"<?xml version='1.0'?>\n<invoice>", "an XML file"),
        (b"\0\0\0\x18ftypheic", "a HEIC image"),
        (b"dear sir,\n", "a text file"),
        ("caf\u00e9 ".encode() * 800 + "\u20ac".encode()[:2], "a text file"),
        (b"caf\xe9 au lait", "of an unknown type"),
        (b"\0\1\2\3", "of an unknown type"),
    ],
)
def test_says_what_else_a_file_seems_to_be(head, expected):
    assert describe_other(head) == expected


@pytest.mark.parametrize(
    "path, head, code, message",
    [
        ("a.pdf", b"", "corrupt", "a.pdf is empty; copy it again"),
        ("a.pdf", b"\0\1", "corrupt", "a.pdf does not begin like a PDF file; copy it again"),
        ("a.pdf", b"<html>", "unsupported", "a.pdf is an HTML page; convert it to PDF or PNG"),
        ("a.bin", b"\0\1", "unsupported", "a.bin is of an unknown type; convert it to PDF or PNG"),
    ],
)
def test_refuses_with_a_reason(path, head, code, message):
    error = unsupported_type(path, head)

    assert (error.code, str(error)) == (code, message)
