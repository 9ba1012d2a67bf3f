"""Words with boxes in any unit to words placed in thousandths of the page. Pure arithmetic."""

import math
from collections.abc import Iterable, Sequence

from monkeycli.document import SIDE, PlacedWord
from monkeycli.reading.layout import Word


def place_lines(
    lines: Iterable[Sequence[Word]], *, height: float, width: float
) -> tuple[PlacedWord, ...]:
    """Place the words of a page, as it is rendered, without those that lie off it.

    A box only ever grows to whole thousandths, and what reaches over the page's edge ends there.

    Args:
        lines: of the page's text in reading order, with boxes on the upright page.
        height: of the page, in the unit of the boxes.
        width: likewise.

    >>> place_lines([[Word(10, 5, 30.1, 15, "Total")]], height=100, width=200)
    (PlacedWord(text='Total', line=0, left=50, top=50, right=151, bottom=150),)
    """
    return tuple(
        PlacedWord(
            word.text,
            number,
            left=math.floor(_clamp(word.left, width)),
            top=math.floor(_clamp(word.top, height)),
            right=math.ceil(_clamp(word.right, width)),
            bottom=math.ceil(_clamp(word.bottom, height)),
        )
        for number, line in enumerate(lines)
        for word in line
        if 0 <= (word.left + word.right) / 2 <= width and 0 <= word.middle <= height
    )


def _clamp(place: float, side: float) -> float:
    """Give a place along a side in thousandths of it."""
    return min(max(place * SIDE / side, 0), SIDE)
