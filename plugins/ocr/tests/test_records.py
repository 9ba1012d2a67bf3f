"""A page's record has the same keys whatever came of it, and says what stands where."""

import json

import pytest
from monkey_ocr.engine import PageText
from monkey_ocr.records import to_json, to_text
from PIL import Image

from monkeycli.document import Document, Page, PageResult
from monkeycli.errors import ItemError
from monkeycli.grid import WindowGrid
from monkeycli.reading.layout import Word

ERROR = ItemError("corrupt", "caf\udce9.png is broken", "copy it again")
READ = PageText(
    "Total  9\n",
    (Word(1, 2, 30.26, 12, "Total"), Word(40, 2, 50, 12, "9")),
    0,
    0.98765,
    size=(896, 440),
)


def _result(path="a.png", error=None):
    image = Image.new("RGB", (448, 896))
    page = None if error else Page(2, "ii", image, WindowGrid(2, 1), None)
    return PageResult(Document(path), "0f", 3, 2, page, error, is_last=True)


def _record(*given):
    line = to_json(*given, model="rapidocr@3")
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    return json.loads(line)


def test_record_of_a_page():
    record = _record(_result(), READ, None)

    assert record["kind"] == "text"
    assert (record["status"], record["error"]) == ("ok", None)
    assert (record["page"], record["page_label"], record["pages"]) == (2, "ii", 3)
    assert record["text"] == "Total  9\n"
    assert record["words"] == ["Total", "9"]
    assert record["boxes"] == [[1, 2, 30.3, 12], [40, 2, 50, 12]]
    assert record["size"] == [896, 440]
    assert record["confidence"] == pytest.approx(0.9876, abs=1e-4)


def test_record_of_a_failed_page_has_the_same_keys():
    record = _record(_result(error=ERROR), None, ERROR)

    assert list(record) == list(_record(_result(), READ, None))
    assert record["status"] == "error"
    assert record["text"] is record["words"] is record["boxes"] is None
    assert record["error"]["code"] == "corrupt"
    assert r"caf\xe9" in record["error"]["message"]


def test_blank_page_has_no_words_and_no_confidence():
    record = _record(_result(), PageText("", (), 0, None), None)

    assert (record["status"], record["text"], record["words"]) == ("ok", "", [])
    assert record["confidence"] is None


def test_id_does_not_depend_on_the_path():
    assert _record(_result("a.png"), READ, None)["id"] == _record(_result("b"), READ, None)["id"]


def test_text_stands_alone_or_under_a_heading():
    assert to_text(_result(), READ, with_heading=False) == b"Total  9\n"
    assert to_text(_result(), READ, with_heading=True) == b"==> a.png p.2 <==\nTotal  9\n\n"
    assert to_text(_result(error=ERROR), None, with_heading=True) == b""


def test_path_that_is_not_utf8_can_be_written():
    assert to_text(_result("caf\udce9.png"), READ, with_heading=True).isascii()
    assert _record(_result("caf\udce9.png"), READ, None)["source"] == r"$'caf\xe9.png'"
