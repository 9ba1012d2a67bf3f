"""A mean and how far to trust it: its 95 % interval, over documents rather than questions.

Questions about one document are right or wrong together, so what varies is taken from document to
document (cluster-robust standard errors; Miller, "Adding Error Bars to Evals", 2024, section 2.2),
with Student's t for as many documents as there are, less one.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95

_SMALL_T = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706)
"""Two-sided 95 % points of Student's t for 1 to 5 degrees of freedom."""


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % interval."""

    n: int
    """Records."""
    mean: float
    low: float | None
    """None where it cannot be told: there are fewer than two documents."""
    high: float | None
    groups: int = 0
    """Documents, or records where documents are not known."""


def mean_and_interval(
    scores: Sequence[float],
    groups: Sequence[Hashable] | None = None,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Interval:
    """Give the mean of scores and its 95 % interval.

    Scores that are all the same do not show how much others would differ. The interval then
    allows for the largest share of others, as far off as `bounds` let them be, of which so many
    documents would show none in 1 of 40 cases (the exact binomial interval, if all are right).

    Args:
        scores: at least one.
        groups: which document each score is of; None if each is of one of its own.
        bounds: least and greatest score there can be.

    >>> mean_and_interval([0.0, 1.0, 1.0, 1.0])
    Interval(n=4, mean=0.75, low=0.0, high=1.0, groups=4)
    >>> interval = mean_and_interval([1.0] * 100)
    >>> round(interval.low, 3), interval.high
    (0.964, 1.0)
    """
    assert scores, "there is nothing to average"
    n, mean = len(scores), math.fsum(scores) / len(scores)
    deviations: dict[Hashable, float] = defaultdict(float)
    for number, score in enumerate(scores):
        deviations[groups[number] if groups is not None else number] += score - mean
    num_groups = len(deviations)
    if num_groups < 2:
        return Interval(n, mean, None, None, num_groups)
    least, greatest = bounds
    if min(scores) == max(scores):
        unseen = 1 - ((1 - CONFIDENCE) / 2) ** (1 / num_groups)
        low, high = mean - (mean - least) * unseen, mean + (greatest - mean) * unseen
        return Interval(n, mean, low, high, num_groups)
    squares = math.fsum(deviation**2 for deviation in deviations.values())
    error = math.sqrt(squares * num_groups / (num_groups - 1)) / n
    half = student_t(num_groups - 1) * error
    return Interval(n, mean, max(mean - half, least), min(mean + half, greatest), num_groups)


def student_t(freedom: int) -> float:
    """Give the two-sided 95 % point of Student's t.

    Args:
        freedom: degrees of freedom, 1 or more.

    >>> [round(student_t(freedom), 2) for freedom in (1, 10, 30, 10**6)]
    [12.71, 2.23, 2.04, 1.96]
    """
    if freedom <= len(_SMALL_T):
        return _SMALL_T[freedom - 1]
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    # Cornish-Fisher expansion: Abramowitz and Stegun, 26.7.5.
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))
