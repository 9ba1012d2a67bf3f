"""Positions in words: where a box lies on the page, and how two boxes lie to each other."""

from typing import Literal, get_args

from monkeycli.describing.overlap import Box

Place = Literal[
    "at the top left",
    "at the top",
    "at the top right",
    "on the left",
    "in the centre",
    "on the right",
    "at the bottom left",
    "at the bottom",
    "at the bottom right",
]
"""A ninth of the page."""

PLACES: tuple[Place, ...] = get_args(Place)
"""All nine, row by row."""

Relation = Literal["to the left of", "to the right of", "above", "below"]

ALL_OVER = 0.8
"""A box at least so wide and so high, as a share of the page, lies nowhere in particular."""


def centre(box: Box) -> tuple[float, float]:
    """Give the middle of a box, from the left and from the top."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def place_in_words(box: Box) -> Place | None:
    """Say where a box's centre lies; None if it covers nearly the whole page.

    >>> place_in_words((0.0, 0.0, 0.2, 0.1))
    'at the top left'
    >>> place_in_words((0.0, 0.4, 1.0, 0.6))
    'in the centre'
    """
    if min(box[2] - box[0], box[3] - box[1]) >= ALL_OVER:
        return None
    x, y = centre(box)
    return PLACES[3 * min(int(y * 3), 2) + min(int(x * 3), 2)]


def relate(one: Box, other: Box) -> Relation | None:
    """Say how one box lies to another; None unless there is a clear gap between them.

    Of two gaps the wider one counts.

    >>> relate((0.0, 0.0, 0.2, 0.2), (0.5, 0.1, 0.7, 0.3))
    'to the left of'
    """
    gaps: dict[Relation, float] = {
        "to the left of": other[0] - one[2],
        "to the right of": one[0] - other[2],
        "above": other[1] - one[3],
        "below": one[1] - other[3],
    }
    relation = max(gaps, key=lambda name: gaps[name])
    return relation if gaps[relation] > 0 else None
