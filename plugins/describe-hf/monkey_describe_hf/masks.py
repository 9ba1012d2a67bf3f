"""What Segment Anything's own scripts do around its model: points to ask at, and masks to believe.

transformers' pipeline for it needs torchvision, and asks SAM 2 only about the left or upper part of
an image that is not square; here every part is asked about.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

POINTS_PER_SIDE = 32
"""Points of the grid that is asked about, in a row and in a column."""

MIN_QUALITY = 0.88
"""A mask is believed if the model is surer of it than this."""

MIN_STABILITY = 0.95
"""A mask is believed if it hardly changes when its edge is drawn a little in or out."""

STABILITY_STEP = 1.0
"""How far in and out, in the model's own numbers."""

MAX_OVERLAP = 0.7
"""Of two masks whose boxes overlap further (IoU), the worse goes."""

MASKS_AT_ONCE = 16
"""Masks that are drawn as large as the image together, to bound the memory."""


@dataclass(frozen=True)
class Frame:
    """Where an image lies in the square that a model sees: at the top left."""

    height: int
    width: int
    side: int
    """Of the square, in the same pixels."""


@dataclass(frozen=True)
class Shape:
    """A thing in an image."""

    box: tuple[int, int, int, int]
    """Left, top, right and bottom in pixels, the last two exclusive."""
    pixels_HW: torch.Tensor
    """As large as the box; True where the thing is."""
    quality: float
    """As the model sees it, from 0 to 1."""


def grid_points(num_per_side: int) -> torch.Tensor:
    """Give points in the middle of equal cells, as shares of width and height: (N * N, 2).

    >>> grid_points(2).tolist()
    [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]
    """
    middles = (torch.arange(num_per_side) + 0.5) / num_per_side
    rows, columns = torch.meshgrid(middles, middles, indexing="ij")
    return torch.stack([columns.flatten(), rows.flatten()], dim=1)


def draw_shapes(
    masks_NHW: torch.Tensor,
    quality_N: torch.Tensor,
    *,
    size: tuple[int, int],
    frame: Frame | None = None,
) -> list[Shape]:
    """Turn what a model gave into shapes, as far as it is to be believed.

    Args:
        masks_NHW: the model's numbers, above 0 inside, in its own resolution; square.
        quality_N: how sure it is of each.
        size: height and width of the image.
        frame: where the image lies in the masks; None if it fills them.
    """
    sure = quality_N > MIN_QUALITY
    masks_NHW, quality_N = masks_NHW[sure], quality_N[sure]
    shapes = []
    for start in range(0, len(masks_NHW), MASKS_AT_ONCE):
        part = slice(start, start + MASKS_AT_ONCE)
        large_NHW = _enlarge(masks_NHW[part], size, frame)
        stable = measure_stability(large_NHW) > MIN_STABILITY
        for mask_HW, quality in zip(
            large_NHW[stable] > 0, quality_N[part][stable].tolist(), strict=True
        ):
            box = box_of(mask_HW)
            if box is not None:
                left, top, right, bottom = box
                cut = mask_HW[top:bottom, left:right].cpu()
                shapes.append(Shape(box, cut, min(max(quality, 0.0), 1.0)))
    return shapes


def _enlarge(masks_NHW: torch.Tensor, size: tuple[int, int], frame: Frame | None) -> torch.Tensor:
    masks_N1HW = masks_NHW[:, None].float()
    if frame is not None:
        masks_N1HW = F.interpolate(masks_N1HW, (frame.side, frame.side), mode="bilinear")
        masks_N1HW = masks_N1HW[..., : frame.height, : frame.width]
    return F.interpolate(masks_N1HW, size, mode="bilinear")[:, 0]


def measure_stability(masks_NHW: torch.Tensor) -> torch.Tensor:
    """Give how much of each mask's outer extent is left when its edge moves in, as a share."""
    inner_N = (masks_NHW > STABILITY_STEP).flatten(1).sum(dim=1)
    outer_N = (masks_NHW > -STABILITY_STEP).flatten(1).sum(dim=1)
    return inner_N / outer_N.clamp(min=1)


def box_of(mask_HW: torch.Tensor) -> tuple[int, int, int, int] | None:
    """Give the smallest box around a mask, right and bottom exclusive; None if it is empty.

    >>> box_of(torch.tensor([[0, 0, 0], [0, 1, 1]], dtype=torch.bool))
    (1, 1, 3, 2)
    """
    rows = mask_HW.any(dim=1).nonzero().flatten().tolist()
    columns = mask_HW.any(dim=0).nonzero().flatten().tolist()
    return (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if rows else None


def drop_repeated(shapes: list[Shape], most: float = MAX_OVERLAP) -> list[Shape]:
    """Of shapes whose boxes overlap by more than `most` keep the best; best first."""
    best = sorted(shapes, key=lambda shape: -shape.quality)
    if not best:
        return []
    boxes_N4 = torch.tensor([shape.box for shape in best], dtype=torch.float64)
    kept: list[int] = []
    for place in range(len(best)):
        if not kept or _overlaps(boxes_N4[place], boxes_N4[kept]).max() <= most:
            kept.append(place)
    return [best[place] for place in kept]


def _overlaps(box_4: torch.Tensor, boxes_N4: torch.Tensor) -> torch.Tensor:
    """Give the intersection over union of a box with each of others."""
    corners_N2 = torch.minimum(box_4[2:], boxes_N4[:, 2:])
    shared_N2 = (corners_N2 - torch.maximum(box_4[:2], boxes_N4[:, :2])).clamp(min=0)
    shared_N = shared_N2.prod(dim=1)
    areas_N = (boxes_N4[:, 2:] - boxes_N4[:, :2]).prod(dim=1)
    return shared_N / ((box_4[2:] - box_4[:2]).prod() + areas_N - shared_N)
