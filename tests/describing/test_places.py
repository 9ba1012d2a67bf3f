"""Positions in words agree with the boxes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.describing.places import PLACES, place_in_words, relate
from tests.describing.test_overlap import boxes

OPPOSITE = {
    "to the left of": "to the right of",
    "to the right of": "to the left of",
    "above": "below",
    "below": "above",
    None: None,
}


@pytest.mark.parametrize("number", range(9))
def test_the_nine_places_are_named_row_by_row(number):
    x, y = number % 3 / 3 + 0.15, number // 3 / 3 + 0.15
    box = (x - 0.05, y - 0.05, x + 0.05, y + 0.05)

    assert place_in_words(box) == PLACES[number]


def test_the_whole_page_is_no_place():
    assert place_in_words((0.05, 0.0, 0.95, 1.0)) is None
    assert place_in_words((0.0, 0.0, 1.0, 0.2)) == "at the top"


@given(boxes(), boxes())
def test_a_relation_is_true_and_the_other_way_round_the_opposite(one, other):
    relation = relate(one, other)

    assert relate(other, one) == OPPOSITE[relation]
    if relation == "to the left of":
        assert one[2] < other[0]
    elif relation == "above":
        assert one[3] < other[1]
    elif relation is None:
        assert one[0] <= other[2] and other[0] <= one[2]
        assert one[1] <= other[3] and other[1] <= one[3]


@given(boxes(), st.sampled_from([0, 1]))
def test_places_follow_the_centre(box, axis):
    place = place_in_words(box)
    middle = (box[axis] + box[axis + 2]) / 2
    words = (("left", "right"), ("top", "bottom"))[axis]
    if place is not None:
        assert (words[0] in place) == (middle * 3 < 1)
        assert (words[1] in place) == (int(middle * 3) >= 2)
