"""Real documents: which row of the table a question counts in, and who is asked what."""

import json

import pytest
from evaluation.askers import Reply
from evaluation.real import ask_contracts, ask_pdfs, ask_receipts

from tests.drawn_documents import draw_pdf


class Asker:
    """Answers every question the same, and remembers what it was asked."""

    name = "somebody"

    def __init__(self, *texts):
        self.asked = []
        self._texts = texts

    def ask(self, path, questions, *, pages="all", password=None):
        self.asked.append((path.rpartition("/")[2], *questions, pages, password))
        return [Reply(text, 2) for text, _ in zip(self._texts, questions, strict=True)]


@pytest.fixture
def write(tmp_path):
    """Give a function that writes the questions of a set, and gives the folder of all sets."""

    def write_questions(name, *items):
        (tmp_path / name).mkdir()
        lines = [json.dumps(item) for item in items]
        (tmp_path / name / "questions.jsonl").write_text("\n".join(lines))
        return tmp_path

    return write_questions


def test_receipts_are_scored_by_field(write):
    data = write(
        "sroie",
        {"image": "a.jpg", "question": "total?", "answer": ["9"], "field": "total"},
        {"image": "a.jpg", "question": "date?", "answer": ["May"], "field": "date"},
        {"image": "b.jpg", "question": "total?", "answer": ["8"], "field": "total"},
    )
    asker = Asker("9", "June")
    results = list(ask_receipts(asker, data, count=1))

    assert [(result.rows, result.accepted, result.answer) for result in results] == [
        (("scanned receipts, somebody", "- total"), ("9",), "9"),
        (("scanned receipts, somebody", "- date"), ("May",), "June"),
    ]
    assert asker.asked == [("a.jpg", "total?", "date?", "all", None)]


def test_pdfs_are_asked_page_by_page_and_scored_by_whether_the_page_has_text(write):
    item = {"image": "pdfs/a.pdf", "question": "total?", "answer": ["9"]}
    data = write("pdfs", item | {"page": 1}, item | {"page": 2})
    draw_pdf(data / "pdfs" / "a.pdf", "Total 9", "")
    asker = Asker("9")

    assert [result.rows for result in ask_pdfs(asker, data)] == [
        ("real PDFs, somebody", "- pages with text"),
        ("real PDFs, somebody", "- scanned pages"),
    ]
    assert [asked[-2:] for asked in asker.asked] == [("1", None), ("2", None)]


def test_an_answer_that_names_all_parties_is_right(write):
    item = {
        "image": "a.pdf", "question": "parties?", "answer": ["Ann & Bob"], "field": "party",
        "values": ["Ann", "Bob Inc."], "pages_with_answer": [2],
    }  # fmt: skip
    data = write("nda", item)
    results = [
        result
        for text in ("Bob Inc and ANN", "Ann and Eve")
        for result in ask_contracts(Asker(text), data)
    ]

    assert [result.is_contained for result in results] == [True, False]
    assert [result.page_is_right for result in results] == [True, True]
