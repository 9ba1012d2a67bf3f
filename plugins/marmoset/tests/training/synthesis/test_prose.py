"""Pages of stated facts: what is asked stands there, or was stated nowhere."""

import pytest

pytest.importorskip("faker", reason="the synthesizer needs Faker: pip install faker")

from training.synthesis.draft import NO_ANSWER, Draft
from training.synthesis.prose import prose, state_facts
from training.synthesis.words import Words


@pytest.mark.parametrize("split", ["train", "held-out"])
def test_answers_stand_in_the_prose(split):
    for number in range(60):
        page = prose(Words(f"{split}/{number}", split, "en"))
        flat = " ".join(page.text.split())
        for question, answer in page.questions:
            assert answer == NO_ANSWER or " ".join(answer.split()) in flat, question


def test_some_of_what_is_asked_is_stated_and_some_is_not():
    answers = [a for n in range(40) for _, a in prose(Words(f"x/{n}", "train", "en")).questions]

    assert 0.1 < answers.count(NO_ANSWER) / len(answers) < 0.4


def test_what_is_not_stated_is_not_given():
    """A sentence is added by whoever asked for it; the questions are there already."""
    draft = Draft(Words("facts", "train", "en"))

    stated = state_facts(draft, 4)

    assert len(stated) == 4
    assert not draft.lines
    found = [answer for _, answer in draft.questions if answer != NO_ANSWER]
    assert found
    assert all(any(answer in sentence for sentence in stated) for answer in found)
