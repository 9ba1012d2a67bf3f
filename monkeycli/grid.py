"""Choose how a page is cut into windows. Pure arithmetic: no image, no torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from monkeycli.errors import UsageError

WINDOW_SIDE = 448
"""Side of one window, in pixels; the ViT is trained at exactly this size."""

MAX_WINDOWS = 6
"""Most windows a page is cut into (paper, section 4.4: 896x1344 is the largest canvas)."""

MAX_SIDE = 3
"""Most windows in one direction."""


@dataclass(frozen=True)
class WindowGrid:
    """How many windows a page is cut into; windows are numbered row by row from the top left."""

    rows: int
    cols: int

    @property
    def num_windows(self) -> int:
        """Windows beside the global view: none for 1x1, whose window would be the global view."""
        return 0 if self.rows == self.cols == 1 else self.rows * self.cols

    @property
    def canvas(self) -> tuple[int, int]:
        """The (height, width) in pixels that the page is resized to before it is cut."""
        return self.rows * WINDOW_SIDE, self.cols * WINDOW_SIDE

    @property
    def boxes(self) -> tuple[tuple[int, int, int, int], ...]:
        """The (left, top, right, bottom) of each window on the canvas, in pixels, by number."""
        side = WINDOW_SIDE
        return tuple(
            (col * side, row * side, (col + 1) * side, (row + 1) * side)
            for row in range(self.rows)
            for col in range(self.cols)
            if self.num_windows
        )

    def __str__(self) -> str:
        return f"{self.rows}x{self.cols}"


GRIDS = tuple(
    WindowGrid(rows, cols)
    for rows in range(1, MAX_SIDE + 1)
    for cols in range(1, MAX_SIDE + 1)
    if rows * cols <= MAX_WINDOWS
)
"""Every grid a page may be cut into: 1x1 to 2x3 and 3x2."""


NEARLY = 0.9
"""A grid on which a page is so many times as large as on the best one is as good."""


@dataclass(frozen=True)
class GridRule:
    """From which grids a page's is chosen, and by what."""

    grids: tuple[WindowGrid, ...] = GRIDS
    """Those the checkpoint was trained for; if a page fits none, the smallest is taken."""
    by: Literal["shape", "size"] = "shape"
    """`shape`: the one of the nearest aspect ratio, then the one with most windows. `size`: one on
    which the page is shrunk least, since small print is lost, then as for `shape`."""

    def __post_init__(self) -> None:
        if self.by not in {"shape", "size"}:
            raise ValueError(f"grids are chosen by shape or by size, not by {self.by!r}")

    @classmethod
    def unpack(cls, fields: Mapping[str, Any]) -> Self:
        """Build one from what `dataclasses.asdict` and JSON made of it."""
        return cls(tuple(WindowGrid(**grid) for grid in fields["grids"]), fields["by"])


ANY_GRID = GridRule()
"""Chooses from all grids, by shape."""


def parse_grid(text: str) -> WindowGrid | None:
    """Read a grid as typed: `auto` (None) or rows x columns.

    Raises:
        UsageError: `text` is no such grid, or has too many windows.

    >>> parse_grid("2x3")
    WindowGrid(rows=2, cols=3)
    >>> parse_grid("auto") is None
    True
    """
    if text == "auto":
        return None
    rows, cross, cols = text.lower().partition("x")
    if cross and rows.isdecimal() and cols.isdecimal():
        grid = WindowGrid(int(rows), int(cols))
        if grid in GRIDS:
            return grid
    allowed = ", ".join(map(str, GRIDS))
    raise UsageError(
        f"grid {text!r} is not one of auto, {allowed}", "rows come first: 3x2 is upright"
    )


def choose_grid(
    height: float, width: float, *, has_pixels: bool = True, rule: GridRule = ANY_GRID
) -> WindowGrid:
    """Choose the grid that fits a page best.

    An image gets no more windows than it has pixels for: a row or column must be at least half
    filled with pixels of its own. A PDF page has no pixels of its own and gets the largest grid.

    Args:
        height: of the page, in any unit if it has no pixels of its own.
        width: of the page, in the same unit.
        has_pixels: whether `height` and `width` are pixels that exist.
        rule: what best means.

    Returns:
        One of the rule's grids.

    >>> choose_grid(842, 595, has_pixels=False)  # A4 upright
    WindowGrid(rows=3, cols=2)
    >>> choose_grid(2000, 600)  # a till receipt
    WindowGrid(rows=3, cols=1)
    >>> choose_grid(300, 300)  # smaller than one window
    WindowGrid(rows=1, cols=1)
    >>> choose_grid(300, 300, rule=GridRule((WindowGrid(2, 2),)))  # the published checkpoints
    WindowGrid(rows=2, cols=2)
    >>> choose_grid(1700, 750), choose_grid(1700, 750, rule=GridRule(by="size"))
    (WindowGrid(rows=2, cols=1), WindowGrid(rows=3, cols=2))
    """
    assert height > 0 and width > 0 and rule.grids, (height, width, rule)

    def has_room(side: float, windows: int) -> bool:
        return windows == 1 or not has_pixels or side / WINDOW_SIDE >= windows - 0.5

    def scale(grid: WindowGrid) -> float:
        down, across = (side / own for side, own in zip(grid.canvas, (height, width), strict=True))
        return min(down, across, 1.0 if has_pixels else math.inf)

    fitting = [
        grid for grid in rule.grids if has_room(height, grid.rows) and has_room(width, grid.cols)
    ]
    if not fitting:
        return min(rule.grids, key=lambda grid: grid.rows * grid.cols)
    if rule.by == "size":
        best = max(map(scale, fitting))
        fitting = [grid for grid in fitting if round(scale(grid) / best, 9) >= NEARLY]

    def mismatch(grid: WindowGrid) -> float:
        return round(abs(math.log((grid.rows / grid.cols) / (height / width))), 9)

    return min(fitting, key=lambda grid: (mismatch(grid), -grid.rows * grid.cols))
