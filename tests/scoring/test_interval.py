"""Means and their intervals."""

import random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.scoring.interval import mean_and_interval, student_t

SCORES = st.lists(st.floats(0, 1), min_size=2, max_size=30)


@given(SCORES)
def test_the_mean_lies_within_its_interval_and_that_within_the_bounds(scores):
    interval = mean_and_interval(scores)

    assert interval.n == len(scores)
    assert interval.mean == pytest.approx(mean(scores))
    assert 0 <= interval.low <= interval.mean + 1e-12
    assert interval.mean - 1e-12 <= interval.high <= 1


@given(SCORES, SCORES)
def test_a_difference_the_other_way_round_is_its_mirror_image(before, after):
    pairs = list(zip(before, after, strict=False))
    gained = mean_and_interval([b - a for a, b in pairs], bounds=(-1, 1))
    lost = mean_and_interval([a - b for a, b in pairs], bounds=(-1, 1))

    assert (lost.mean, lost.low, lost.high) == pytest.approx(
        (-gained.mean, -gained.high, -gained.low)
    )


@pytest.mark.parametrize(
    "freedom, point",  # any table of Student's t
    [(1, 12.706), (5, 2.571), (6, 2.447), (10, 2.228), (30, 2.042), (120, 1.980), (10**9, 1.960)],
)
def test_student_t(freedom, point):
    assert student_t(freedom) == pytest.approx(point, abs=0.002)


def test_by_hand():
    """Mean 0.5, standard deviation 0.5345, error 0.1890, t of 7 is 2.3646."""
    interval = mean_and_interval([0, 1] * 4)

    assert interval.low == pytest.approx(0.5 - 2.3646 * 0.18898, abs=1e-4)


def test_questions_of_one_document_count_as_one():
    """Ten copies of every score say no more than one of each."""
    scores = [0.0, 1.0, 1.0, 0.0, 1.0]
    tenfold = mean_and_interval(scores * 10, list(range(5)) * 10)

    assert (tenfold.low, tenfold.high) == pytest.approx(
        (mean_and_interval(scores).low, mean_and_interval(scores).high)
    )
    assert tenfold.n == 50
    assert tenfold.groups == 5


def test_one_document_has_no_interval():
    interval = mean_and_interval([0.0, 1.0, 1.0], ["a.pdf"] * 3)

    assert (interval.low, interval.high) == (None, None)


@pytest.mark.parametrize(
    "scores, low, high",
    [
        ([1.0] * 10, 0.6915, 1.0),  # Clopper and Pearson's, for 10 right of 10
        ([0.0] * 10, 0.0, 0.3085),
        ([0.5] * 10, 0.5 - 0.3085 / 2, 0.5 + 0.3085 / 2),
    ],
)
def test_the_same_score_everywhere_is_no_certainty(scores, low, high):
    interval = mean_and_interval(scores)

    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-4)


def test_it_holds_the_true_mean_19_times_of_20():
    """20 documents of 5 questions each, which are right or wrong together."""
    draw = random.Random(0)
    documents = [number // 5 for number in range(100)]
    held = 0
    for _ in range(1000):
        shares = [draw.betavariate(2, 2) for _ in range(20)]
        scores = [float(draw.random() < shares[document]) for document in documents]
        interval = mean_and_interval(scores, documents)
        held += interval.low <= 0.5 <= interval.high

    assert 930 <= held <= 970
