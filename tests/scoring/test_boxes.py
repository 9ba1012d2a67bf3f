"""Boxes in texts and the area they share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.errors import UsageError
from monkeycli.scoring.boxes import find_boxes, iou, write_boxes

numbers = st.integers(0, 1000)
boxes = st.tuples(numbers, numbers, numbers, numbers)
texts = st.lists(boxes, min_size=1, max_size=4).map(write_boxes)


@pytest.mark.parametrize(
    "prediction, gold, score",
    [
        ("(0,0),(10,10)", "(0,0),(10,10)", 1),
        ("(0,0),(10,10)", "(10,10),(0,0)", 1),  # corners in any order
        ("(0,0),(10,10)", "(5,0),(15,10)", 50 / 150),
        ("(0,0),(10,10)", "(20,0),(30,10)", 0),  # published code gives disjoint boxes 0.13
        ("(0,0),(10,10) (10,0),(20,10)", "(0,0),(20,10)", 1),  # two halves
        ("(0,0),(10,10) (0,0),(10,10)", "(0,0),(10,20)", 0.5),  # said twice, covered once
        ("(5,5),(5,5)", "(5,5),(5,5)", 1),  # no area, and right
        ("(5,5),(5,5)", "(6,6),(6,6)", 0),
        ("<box>( 0 , 0 ),( 1.5 , 2 )</box>", "(0,0),(3,2)", 0.5),
        ("nowhere", "(0,0),(10,10)", 0),
        ("(-10,0),(0,10)", "(-5,0),(0,10)", 0.5),
    ],
)
def test_iou(prediction, gold, score):
    assert iou(prediction, gold) == pytest.approx(score)


@given(texts, texts)
def test_iou_is_symmetric_and_a_share(one, two):
    assert 0 <= iou(one, two) <= 1
    assert iou(one, two) == iou(two, one)
    assert iou(one, one) == 1


@given(st.lists(boxes, max_size=4))
def test_what_is_written_is_found(drawn):
    ordered = [(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)) for x1, y1, x2, y2 in drawn]

    assert find_boxes(write_boxes(drawn)) == ordered


def test_numbers_too_long_to_be_coordinates_are_no_box():
    assert find_boxes(f"({'9' * 400},0),(1,1)") == []


def test_a_gold_answer_without_a_box_is_told():
    with pytest.raises(UsageError, match=r"there is no box in 'left'; write it as \(x1,y1\)"):
        iou("(0,0),(1,1)", "left")
