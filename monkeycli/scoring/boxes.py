"""Boxes in texts, `(x1,y1),(x2,y2)`, and how far they cover the same area."""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from monkeycli.errors import UsageError

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; in whatever unit its text has."""

_NUMBER = r"\s*(-?\d{1,9}(?:\.\d{1,9})?)\s*"
_POINT = rf"\({_NUMBER},{_NUMBER}\)"
_BOX = re.compile(rf"{_POINT}\s*,?\s*{_POINT}")


def iou(prediction: str, gold: str) -> float:
    """Give the area that both texts' boxes cover, divided by the area that either's cover.

    Args:
        prediction: its words are passed over; without a box it scores 0.
        gold: as it, with one box or more.

    Raises:
        UsageError: there is no box in `gold`.

    >>> iou("(0,0),(10,10)", "(0,0),(10,20)")
    0.5
    >>> iou("there is none", "(0,0),(10,20)")
    0.0
    """
    found, right = set(find_boxes(prediction)), set(find_boxes(gold))
    if not right:
        raise UsageError(f"iou: there is no box in {gold!r}", "write it as (x1,y1),(x2,y2)")
    if found == right:
        return 1.0
    both, either = _areas(found, right)
    return both / either if either else 0.0


def find_boxes(text: str) -> list[Box]:
    """Give the boxes that a text names, corners in order.

    >>> find_boxes("<ref>total</ref><box>(520,710),(80,690)</box>")
    [(80.0, 690.0, 520.0, 710.0)]
    """
    boxes = []
    for match in _BOX.finditer(text):
        x1, y1, x2, y2 = map(float, match.groups())
        boxes.append((min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
    return boxes


def write_boxes(boxes: Iterable[Sequence[float]]) -> str:
    """Write boxes as `find_boxes` reads them.

    >>> write_boxes([(80, 690, 520, 710.5)])
    '(80,690),(520,710.5)'
    """
    corners = (tuple(f"{value:.10g}" for value in box) for box in boxes)
    return " ".join(f"({x1},{y1}),({x2},{y2})" for x1, y1, x2, y2 in corners)


def _areas(found: Collection[Box], right: Collection[Box]) -> tuple[float, float]:
    """Give the area that both cover and the area that either covers, tile by tile."""
    boxes = [*found, *right]
    columns = sorted({x for box in boxes for x in (box[0], box[2])})
    rows = sorted({y for box in boxes for y in (box[1], box[3])})
    both = either = 0.0
    for left, end in pairwise(columns):
        for top, bottom in pairwise(rows):
            tile = (left, top, end, bottom)
            covers = [any(_covers(box, tile) for box in side) for side in (found, right)]
            area = (end - left) * (bottom - top)
            both += area * all(covers)
            either += area * any(covers)
    return both, either


def _covers(box: Box, tile: Box) -> bool:
    return box[0] <= tile[0] and box[1] <= tile[1] and box[2] >= tile[2] and box[3] >= tile[3]
