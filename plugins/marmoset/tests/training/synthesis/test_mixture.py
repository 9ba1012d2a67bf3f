"""Made-up pages: the same ones every time, answers that stand in them, held-out words held out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("faker", reason="the synthesizer needs Faker: pip install faker")

from training.synthesis.draft import NO_ANSWER, Page
from training.synthesis.labels import FIELDS
from training.synthesis.mixture import KINDS, QUESTIONS, make_page

COUNT = 300


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    return [make_page("train", number) for number in range(COUNT)]


def test_answers_stand_on_the_page(pages: list[Page]):
    for page in pages:
        flat = " ".join(page.text.split())
        for question, answer in page.questions:
            counted = answer in ("yes", "no") or (answer.isdigit() and len(answer) < 3)
            parts = " ".join(answer.split()).split(" and ")
            assert answer == NO_ANSWER or counted or all(part in flat for part in parts), (
                f"{question!r} -> {answer!r} on {page.kind}"
            )


def test_no_page_asks_the_same_for_two_answers(pages: list[Page]):
    for page in pages:
        asked = [question.lower().strip(" ?") for question, _ in page.questions]
        assert len(asked) == len(set(asked)), page.kind


def test_about_a_fifth_of_the_questions_has_no_answer(pages: list[Page]):
    answers = [answer for page in pages for _, answer in page.questions]

    assert 0.12 < answers.count(NO_ANSWER) / len(answers) < 0.3


def test_pages_are_of_all_kinds_and_no_page_asks_too_much(pages: list[Page]):
    assert len({page.kind for page in pages} - {"entries"}) == len(KINDS)
    assert max(len(page.questions) for page in pages) <= QUESTIONS


def test_scans_without_text_answer_nothing(pages: list[Page]):
    blank = [page for page in pages if not page.text]

    assert blank
    assert all(answer == NO_ANSWER for page in blank for _, answer in page.questions)


def test_held_out_words_are_never_trained_on(pages: list[Page]):
    questions = {text for field in FIELDS.values() for text in field.held_questions}
    labels = {text for field in FIELDS.values() for text in field.held_labels if " " in text}
    known = {text for field in FIELDS.values() for text in field.labels + field.foreign}
    held_out = [make_page("held-out", number) for number in range(COUNT)]

    asked = {question for page in pages for question, _ in page.questions}
    asked_held_out = {question for page in held_out for question, _ in page.questions}

    assert not asked & questions
    assert asked_held_out & questions
    assert not labels & known


def test_held_out_pages_need_no_thesaurus():
    assert "entries" not in {make_page("held-out", number).kind for number in range(COUNT)}


def test_pages_are_the_same_in_every_process():
    code = (
        "from training.synthesis.mixture import make_page;"
        "print([make_page('train', number) for number in range(40)])"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert outputs[0] == outputs[1] != b""
