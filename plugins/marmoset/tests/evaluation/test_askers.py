"""Marmoset is asked as a user asks it, text from OCR or not."""

from contextlib import closing
from types import SimpleNamespace

import pytest
from evaluation import ocr
from evaluation.askers import OPTIONS, Marmoset, MarmosetWithOcr
from evaluation.ocr import OcrReaders

from monkeycli import api, pipeline
from monkeycli.api import load
from tests.drawn_documents import draw_pdf
from tests.small_checkpoint import draw_small

QUESTIONS = ["total?", "date?"]


class Reader:
    """Reads every page as the same."""

    def read_page(self, image):
        return SimpleNamespace(text="Total 42.00\n", warning=None, placed_words=())


@pytest.fixture(scope="module")
def monkey(tmp_path_factory):
    folder = draw_small(tmp_path_factory.mktemp("models") / "small")
    return load(folder, device="cpu", dtype="float32")


@pytest.fixture
def pdf(tmp_path):
    return str(draw_pdf(tmp_path / "a.pdf", "Total 17.00", "Total 18.00"))


def test_answers_with_ocr_are_those_of_the_tool(monkey, pdf, tmp_path, monkeypatch):
    for module in (api, ocr, pipeline):
        monkeypatch.setattr(module, "load_text_reader", Reader)
    wanted = monkey.ask(pdf, QUESTIONS, pages="2", text="ocr", options=OPTIONS)

    with closing(OcrReaders(tmp_path / "cache")) as readers:
        replies = MarmosetWithOcr(monkey, readers).ask(pdf, QUESTIONS, pages="2")

    assert [reply.text for reply in replies] == [record.answer for record in wanted]
    assert {reply.page for reply in replies} == {2}
    assert replies != Marmoset(monkey, "layer").ask(pdf, QUESTIONS, pages="2")


def test_the_text_layer_is_read_only_where_it_is_wanted(monkey, pdf):
    layer, none = (
        Marmoset(monkey, text).ask(pdf, QUESTIONS, pages="1") for text in ("layer", "none")
    )

    assert layer != none


def test_a_document_that_fails_says_why(monkey, tmp_path):
    torn = tmp_path / "torn.pdf"
    torn.write_bytes(b"%PDF-1.4 torn")

    assert all(reply.error for reply in Marmoset(monkey, "none").ask(str(torn), QUESTIONS))
