"""Tiles and signatures: what is asked stands there, beside or below its label."""

import pytest

pytest.importorskip("faker", reason="the synthesizer needs Faker: pip install faker")

from training.synthesis.blocks import add_signature, add_tiles
from training.synthesis.draft import Draft
from training.synthesis.words import Words


@pytest.mark.parametrize("add", [add_tiles, add_signature])
@pytest.mark.parametrize("split", ["train", "held-out"])
def test_every_question_has_its_answer_on_the_page(add, split):
    for number in range(60):
        draft = Draft(Words(f"{split}/{number}", split, "en"))
        add(draft)

        assert len(draft.questions) > 1
        for question, answer in draft.questions:
            assert any(answer in line for line in draft.lines), question


def test_labels_stand_above_their_values_or_below_them_or_each_over_its_own():
    forms = set()
    for number in range(80):
        draft = Draft(Words(f"tiles/{number}", "train", "en"))
        add_tiles(draft)
        answers = [answer for _, answer in draft.questions]
        rows = [line.split("  ") for line in draft.lines]
        forms.add(next((n for n, row in enumerate(rows) if row == answers), "apart"))

    assert forms == {0, 1, "apart"}
