"""Forms, tables and pages of several parts."""

import re

import pytest

pytest.importorskip("faker", reason="the synthesizer needs Faker: pip install faker")

from training.synthesis.draft import NO_ANSWER
from training.synthesis.fillings import compound, figures, form
from training.synthesis.words import Words


@pytest.mark.parametrize("make", [form, figures, compound])
@pytest.mark.parametrize("split", ["train", "held-out"])
def test_answers_stand_on_the_page_or_are_counts(make, split):
    for number in range(40):
        page = make(Words(f"{split}/{number}", split, "en"))
        flat = " ".join(page.text.split())
        for question, answer in page.questions:
            counted = answer in (NO_ANSWER, "yes", "no") or answer.isdigit()
            assert counted or " ".join(answer.split()) in flat, (question, answer)


@pytest.mark.parametrize("make", [form, figures, compound])
def test_a_page_follows_from_its_seed(make):
    assert make(Words("seed", "train", "en")) == make(Words("seed", "train", "en"))


def test_years_are_asked_for_as_people_ask_for_years():
    questions = [
        question
        for number in range(150)
        for question, _ in figures(Words(f"years/{number}", "train", "en")).questions
    ]

    assert any(question.lower().startswith("what was") for question in questions)


def test_of_values_to_choose_from_the_ticked_one_is_the_answer():
    found = 0
    for number in range(150):
        page = form(Words(f"ticks/{number}", "train", "en"))
        answers = {answer for _, answer in page.questions}
        for line in page.text.split("\n"):
            if "[x] " in line:
                ticked = re.split(r"  | \[", line.partition("[x] ")[2])[0]
                found += any(answer == ticked.strip() for answer in answers)
    assert found > 20


def test_held_out_forms_are_without_ticks():
    pages = [form(Words(f"ticks/{number}", "held-out", "en")) for number in range(60)]
    assert not any("[x]" in page.text for page in pages)
