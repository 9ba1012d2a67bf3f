"""Kinds of values: told by the question's words, seen by the value's letters."""

import time

import pytest

from monkeycli.asked_kind import KINDS, kind_of

HOLDS = {
    "When is it due?": [
        *("3 May 2024", "May 3, 2024", "3rd of May", "03.05.2024", "2024-05-03", "5/3/24"),
        *("12. März 2023", "3 août 2019", "14-DEC-2021", "le 1er juin 2020", "Sep 2026"),
    ],
    "at what time?": ["Opens 9:30", "20:15:20", "7:46 AM"],
    "telephone number": ["+44 20 7946 0958", "(324) 262-8670", "Tel. 030/901820", "0161.496.0957"],
    "e-mail?": ["write to ann.smith@example.org"],
    "What is their website?": ["see www.example.com", "https://example.org/a"],
    "growth rate": ["12.5%", "up 3 %"],
}
LACKS = {
    "When is it due?": [
        "Total 12.50",
        "Room 4",
        "may be changed",
        "7 separate items",
        "1,204.50",
        "version 3.2.1",
    ],
    "at what time?": ["ratio 3:1", "12.50", "12-30"],
    "telephone number": [
        "12.50",
        "07-03-2024",
        "2024/03/07",
        "INV-2024-118",
        "1,204,377,112",
        "4711",
    ],
    "e-mail?": ["@ 3.50 each", "at the office"],
    "What is their website?": ["on the web"],
    "growth rate": ["12.5", "percent"],
}


@pytest.mark.parametrize(
    ("question", "line", "holds"),
    [(question, line, True) for question, lines in HOLDS.items() for line in lines]
    + [(question, line, False) for question, lines in LACKS.items() for line in lines],
)
def test_a_value_is_known_by_its_letters(question, line, holds):
    kind = kind_of(question)

    assert kind is not None
    assert bool(kind.value.search(line.casefold())) == holds


@pytest.mark.parametrize(
    "question",
    ["Who wrote it?", "", "update?", "the dated", "What is the title?"],
)
def test_a_question_that_names_no_kind_has_none(question):
    assert (kind_of(question) is None) == (question != "the dated")


def test_a_long_line_is_quick():
    """A pattern that goes back over what it has read took 17 seconds."""
    started = time.perf_counter()
    for line in ("1" * 100_000, "1 " * 50_000, "a@" * 50_000, "may " * 25_000, "(1" * 50_000):
        for kind in KINDS:
            kind.value.search(line)
    assert time.perf_counter() - started < 5
