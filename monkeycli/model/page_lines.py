"""Find the lines of print on a page of cells. No weights, no torch.

A line's characters are seen in one or two rows of cells. A scanned page leans a little: its lines
cross the rows, and are followed along paths that do.
"""

# R rows and C columns of cells, P paths

from collections.abc import Iterator

import numpy as np

SEEN = 0.5
"""Probability from which on a cell is not blank."""

NOWHERE = -1
"""Stands for a cell that belongs to another line, or to none."""

STEEPEST = 1 / 40
"""Rows of cells that a line rises or falls in a column; with cells twice as high as wide, 2.9
degrees."""

LEANS = 1.02
"""So many times as sharply must the lines of a page that leans stand out when it is levelled."""

QUARTERS = 4
"""Parts of a row, on a page that leans."""

MIDDLE = (0.25, 0.5, 1.0, 0.5, 0.25)
"""How much a path's neighbours count for it: the middle one of those that are alike is taken."""

STRAY = 0.34
"""Of a path's characters, the share that may be another line's strays."""

FEW = 2
"""So many characters make no line of their own beside another."""

NEAR = 4
"""So many columns beside a line's characters, those of the next path are another line; further
away the line goes on with them."""


def find_slope(seen_RC: np.ndarray) -> float:
    """Measure by how many rows the lines of a page fall (or rise, below 0) in a column.

    The rows of a level page are full or empty: the sum of their squares is highest.

    Returns:
        0 for a level page, `STEEPEST` at most.
    """
    num_columns = seen_RC.shape[1]
    rows, columns = np.nonzero(seen_RC >= SEEN)
    from_middle = columns - num_columns / 2
    room = STEEPEST * num_columns / 2
    steps = max(1, round(2 * QUARTERS * room))  # a quarter of a row from side to side
    a_row = np.ones(QUARTERS)
    sharpness = {}
    for slope in (STEEPEST * (step / steps) for step in range(-steps, steps + 1)):
        level = np.rint(QUARTERS * (rows - slope * from_middle + room)).astype(np.int64)
        full = np.convolve(np.bincount(level, minlength=1), a_row)
        sharpness[slope] = float((full**2).sum())
    best = max(sharpness, key=lambda slope: (sharpness[slope], -abs(slope)))
    return best if sharpness[best] > LEANS * sharpness[0.0] else 0.0


def choose_rows(seen_RC: np.ndarray, slope: float = 0.0) -> list[np.ndarray]:
    """Take the fullest path across the page as a line, and what its neighbours have of the same.

    Args:
        seen_RC: probability that a cell is not blank.
        slope: of the paths, in rows a column. On a level page a path is a row; on one that leans
            a line lies between two rows somewhere, and paths are a quarter of a row apart.

    Returns:
        For each line, top to bottom, the number of a row for every column; `NOWHERE` where the
        cell belongs to another line, or to none.
    """
    paths = _Paths(seen_RC, slope)
    lines: dict[int, np.ndarray] = {}
    while (path := paths.fullest()) is not None:
        here_C = paths.seen(path) >= SEEN / 2
        line_C = paths.take(path)
        for other in paths.beside(path):
            paths.clear(other, _within(1, here_C))
            is_free = all(abs(other - line) >= paths.parts for line in lines)
            if is_free and paths.is_stray(other, _within(NEAR, here_C)):
                strays_C = paths.seen(other) > 0
                line_C = np.where(strays_C, paths.take(other), line_C)
        lines[path] = line_C
    return [lines[path] for path in sorted(lines)]


class _Paths:
    """Paths across a page, a row or a part of a row apart, and what is left of them.

    Args:
        seen_RC: probability that a cell is not blank.
        slope: of the paths, in rows a column.
    """

    def __init__(self, seen_RC: np.ndarray, slope: float) -> None:
        num_rows, num_columns = seen_RC.shape
        self.parts = QUARTERS if slope else 1
        fall_C = slope * (np.arange(num_columns) - num_columns / 2)
        room = int(np.ceil(np.abs(fall_C).max(initial=0)))
        starts_P = np.arange(-room * self.parts, (num_rows + room) * self.parts) / self.parts
        # Not rint, which rounds one half down and the next one up: a row apart must stay a row.
        rows_PC = np.floor(starts_P[:, None] + fall_C + 0.5).astype(np.int64)
        # A blank row below the last one stands for all that is beyond the page.
        self._rows_PC = np.where((rows_PC < 0) | (rows_PC >= num_rows), num_rows, rows_PC)
        self._columns_C = np.arange(num_columns)
        self._left_RC = np.pad(np.where(seen_RC >= SEEN / 2, seen_RC, 0), ((0, 1), (0, 0)))
        self._is_left_RC = np.pad(np.ones(seen_RC.shape, bool), ((0, 1), (0, 0)))
        self._whole_P = self._left_RC[self._rows_PC, self._columns_C].sum(axis=1)

    def fullest(self) -> int | None:
        """Give the path that sees most; None if none sees a character."""
        full_P = self._left_RC[self._rows_PC, self._columns_C].sum(axis=1)
        path = int((np.convolve(full_P, MIDDLE, "same") if self.parts > 1 else full_P).argmax())
        return path if full_P[path] >= SEEN else None

    def beside(self, path: int) -> Iterator[int]:
        """Give the paths a row above and a row below."""
        return (p for p in (path - self.parts, path + self.parts) if 0 <= p < len(self._rows_PC))

    def seen(self, path: int) -> np.ndarray:
        """Give the probabilities that are left of a path's cells; shape C."""
        return self._left_RC[self._rows_PC[path], self._columns_C]

    def take(self, path: int) -> np.ndarray:
        """Clear a path; returns the rows of the cells that were left, `NOWHERE` for others."""
        rows_C = self._rows_PC[path]
        taken_C = np.where(self._is_left_RC[rows_C, self._columns_C], rows_C, NOWHERE)
        self.clear(path, np.ones(len(rows_C), bool))
        return taken_C

    def clear(self, path: int, where_C: np.ndarray) -> None:
        """Leave nothing of a path in some columns."""
        cells = self._rows_PC[path, where_C], self._columns_C[where_C]
        self._left_RC[cells], self._is_left_RC[cells] = 0, False

    def is_stray(self, path: int, is_near_C: np.ndarray) -> bool:
        """Say whether what is left of a path is the rest of a line whose columns are given."""
        left_C = self.seen(path)
        is_little = left_C.sum() <= max(FEW, STRAY * self._whole_P[path])
        return bool(is_little or left_C[is_near_C].sum() <= STRAY * left_C.sum())


def _within(distance: int, is_it_C: np.ndarray) -> np.ndarray:
    """Say of every column whether it is so near to one of some."""
    return np.convolve(is_it_C, np.ones(2 * distance + 1), mode="same") > 0.5
