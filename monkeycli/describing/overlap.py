"""Boxes on a page and how far two of them cover each other. Pure arithmetic.

The published scripts add a pixel to every side, as is right for boxes of whole pixels, to boxes of
0 to 1: there two boxes that do not even touch overlap by 0.13. This is plain intersection over
union.
"""

import math

Box = tuple[float, float, float, float]
"""Left, top, right and bottom. As shares of the page's width and height unless said otherwise."""

DECIMALS = 3
"""Of a side as a share of the page: a thousandth is about a pixel."""


def area(box: Box) -> float:
    """Give a box's area; 0 if its sides are crossed.

    >>> area((0.0, 0.0, 0.5, 0.5)), area((0.5, 0.0, 0.0, 0.5))
    (0.25, 0.0)
    """
    left, top, right, bottom = box
    return max(0.0, right - left) * max(0.0, bottom - top)


def overlap(one: Box, other: Box) -> float:
    """Give the intersection of two boxes over their union, from 0 to 1.

    >>> overlap((0.0, 0.0, 0.2, 0.1), (0.1, 0.0, 0.3, 0.1))  # half of each: 1 part in 3
    0.333
    >>> overlap((0.0, 0.0, 0.1, 0.1), (0.2, 0.2, 0.3, 0.3))  # they do not touch
    0.0
    """
    left, top = max(one[0], other[0]), max(one[1], other[1])
    common = area((left, top, min(one[2], other[2]), min(one[3], other[3])))
    union = area(one) + area(other) - common
    return round(common / union, DECIMALS) if union > 0 else 0.0


def share_box(box: Box, *, width: float, height: float) -> Box | None:
    """Turn a box in pixels into shares of the page.

    Args:
        box: in pixels; what lies beside the page is cut off.
        width: of the page, in pixels.
        height: of the page, in pixels.

    Returns:
        The box; None if nothing of it is left, or a side is no number.

    >>> share_box((-5.0, 10.0, 50.0, 20.0), width=100, height=40)
    (0.0, 0.25, 0.5, 0.5)
    >>> share_box((110.0, 10.0, 150.0, 20.0), width=100, height=40) is None
    True
    """
    if not all(map(math.isfinite, box)):
        return None
    sides = (width, height, width, height)
    left, top, right, bottom = (
        round(min(max(edge / side, 0.0), 1.0), DECIMALS)
        for edge, side in zip(box, sides, strict=True)
    )
    return (left, top, right, bottom) if left < right and top < bottom else None


def pixel_box(box: Box, *, width: int, height: int) -> tuple[int, int, int, int]:
    """Turn a box in shares of the page into whole pixels, at least one each way.

    >>> pixel_box((0.0, 0.25, 0.5, 0.5), width=100, height=40)
    (0, 10, 50, 20)
    >>> pixel_box((0.999, 0.999, 1.0, 1.0), width=100, height=100)
    (99, 99, 100, 100)
    """
    left, top = min(int(box[0] * width), width - 1), min(int(box[1] * height), height - 1)
    right, bottom = math.ceil(box[2] * width), math.ceil(box[3] * height)
    return left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)
