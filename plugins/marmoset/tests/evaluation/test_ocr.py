"""A page is read by OCR once, whatever text it has of its own, and never again."""

from types import SimpleNamespace

import pytest
from evaluation import ocr
from evaluation.ocr import OcrReaders

from monkeycli.document import Document
from monkeycli.errors import ItemError
from monkeycli.options import RasterOptions
from tests.drawn_documents import draw_pdf


class Reader:
    """Gives the same text for every page, and counts them."""

    num_read = 0
    text = "Total 42.00\n"

    def read_page(self, image):
        type(self).num_read += 1
        return SimpleNamespace(text=self.text, warning=None)


@pytest.fixture
def reader(monkeypatch):
    class Fresh(Reader):
        pass

    monkeypatch.setattr(ocr, "load_text_reader", Fresh)
    return Fresh


@pytest.fixture
def read(tmp_path):
    """Give a function that reads a document's pages in a run of its own."""

    def read_all(path):
        readers = OcrReaders(tmp_path / "cache")
        try:
            return list(readers.read_pages([Document(str(path))], RasterOptions(with_text=True)))
        finally:
            readers.close()

    return read_all


def test_what_ocr_reads_takes_the_place_of_the_text_layer(tmp_path, reader, read):
    (result,) = read(draw_pdf(tmp_path / "a.pdf", "Total 17.00"))

    assert (result.page.text, result.page.text_source) == ("Total 42.00\n", "ocr")


def test_a_page_is_read_once_in_all_runs_and_another_page_for_itself(tmp_path, reader, read):
    first, other = (draw_pdf(tmp_path / f"{text}.pdf", text) for text in "ab")
    read(first)
    reader.text = "other\n"
    texts = [result.page.text for path in (first, other) for result in read(path)]

    assert texts == ["Total 42.00\n", "other\n"]
    assert reader.num_read == 2


def test_a_page_without_text_has_none(tmp_path, reader, read):
    reader.text = ""

    assert [read(draw_pdf(tmp_path / "a.pdf", ""))[0].page.text for _ in range(2)] == [None, None]


def test_a_page_that_ocr_fails_on_is_one_that_failed(tmp_path, reader, read, monkeypatch):
    def fail(self, image):
        raise ItemError("oom", "too much")

    monkeypatch.setattr(reader, "read_page", fail)
    (result,) = read(draw_pdf(tmp_path / "a.pdf", ""))

    assert result.page is None
    assert str(result.error) == "too much"
