"""Boxes: a table, and what holds of all of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.describing.overlap import area, overlap, pixel_box, share_box

edges = st.lists(st.integers(0, 1000), min_size=4, max_size=4)


@st.composite
def boxes(draw):
    """Draw a box with an area, in thousandths of the page."""
    left, right = sorted(draw(st.lists(st.integers(0, 1000), min_size=2, max_size=2, unique=True)))
    top, bottom = sorted(draw(st.lists(st.integers(0, 1000), min_size=2, max_size=2, unique=True)))
    return left / 1000, top / 1000, right / 1000, bottom / 1000


@pytest.mark.parametrize(
    "one, other, expected",
    [
        ((0, 0, 1, 1), (0, 0, 1, 1), 1.0),
        ((0, 0, 0.5, 1), (0.5, 0, 1, 1), 0.0),  # they touch
        ((0, 0, 1, 1), (0.25, 0.25, 0.75, 0.75), 0.25),  # one inside the other
        ((0, 0, 0.4, 0.4), (0.2, 0.2, 0.6, 0.6), 0.143),  # 4 of 28
        ((0.1, 0.1, 0.2, 0.2), (0.8, 0.8, 0.9, 0.9), 0.0),  # 0.13 if a pixel is added to each side
        ((0.3, 0.3, 0.3, 0.3), (0.3, 0.3, 0.3, 0.3), 0.0),  # points
    ],
)
def test_overlap_of_two_boxes(one, other, expected):
    assert overlap(one, other) == expected


@given(boxes(), boxes())
def test_overlap_is_a_share_and_the_same_both_ways(one, other):
    assert 0.0 <= overlap(one, other) <= 1.0
    assert overlap(one, other) == overlap(other, one)


@given(boxes())
def test_a_box_covers_itself(box):
    assert overlap(box, box) == 1.0


@given(boxes(), boxes())
def test_boxes_apart_overlap_nothing(one, other):
    is_apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    if is_apart:
        assert overlap(one, other) == 0.0


@given(boxes(), st.integers(20, 3000), st.integers(20, 3000))
def test_pixels_hold_the_box_and_lie_on_the_page(box, width, height):
    left, top, right, bottom = pixel_box(box, width=width, height=height)

    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert left <= box[0] * width and right >= box[2] * width - 1e-6


@given(boxes(), st.integers(20, 3000), st.integers(20, 3000))
def test_shares_of_pixels_are_the_box_again(box, width, height):
    in_pixels = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
    shared = share_box(in_pixels, width=width, height=height)

    assert shared == pytest.approx(box)


@pytest.mark.parametrize(
    "box",
    [(5, 5, 5, 50), (50, 5, 5, 50), (math.nan, 0, 9, 9), (0, 0, math.inf, 9), (-9, 0, -1, 9)],
    ids=["no width", "crossed", "no number", "endless", "beside the page"],
)
def test_what_is_no_box_on_the_page_is_none(box):
    assert share_box(box, width=100, height=100) is None


def test_a_crossed_box_has_no_area():
    assert area((0.5, 0.5, 0.1, 0.9)) == 0.0
