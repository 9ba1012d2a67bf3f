"""The VQA score, and the normalization before it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.scoring.vqa import normalize, vqa


@pytest.mark.parametrize(
    "text, plain",
    [
        ("The  Two dogs!", "2 dogs"),
        ("dont", "don't"),
        ("couldnt've", "couldn't've"),
        ("John's", "john's"),
        ("Johns", "johns"),
        ("black-white", "black white"),  # a mark between letters is a space
        ("black - white", "black white"),  # beside a space it goes
        ("1,000 - 2,000", "1000 2000"),  # a comma in a number takes all marks along
        ("3.5.", "3.5"),
        ("none", "0"),
        ("a\nb\tc", "b c"),
        ("ten", "10"),
    ],
)
def test_normalization(text, plain):
    assert normalize(text) == plain


@pytest.mark.parametrize(
    "num_same, score", [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1.0), (10, 1.0)]
)
def test_each_person_in_turn_is_left_out(num_same, score):
    golds = ["Two"] * num_same + ["three"] * (10 - num_same)

    assert vqa("2", golds) == pytest.approx(score)


def test_fewer_than_four_people_cannot_make_an_answer_right():
    assert [vqa("x", ["x"] * people) for people in (1, 2, 3, 4)] == [0, 1 / 3, 2 / 3, 1]


@given(st.text(), st.lists(st.text(), max_size=12))
def test_more_people_of_the_same_opinion_never_lower_the_score(prediction, golds):
    assert 0 <= vqa(prediction, golds) <= vqa(prediction, [*golds, prediction]) <= 1


@given(st.text())
def test_what_is_normalized_is_found_equal_to_its_text(text):
    assert vqa(text.upper() if text.isascii() else text, [text] * 10) == 1
