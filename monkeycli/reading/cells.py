"""Cells of a table's rows, the empty ones among them. Pure arithmetic: no words, no image.

    State    2023     2024
    Ohio    1,204               State | 2023 | 2024
    Utah               402      Ohio | 1,204 |
    Iowa      377      388      Utah | | 402

What a row leaves empty shows only by where its other cells stand. A table's columns are those of
its fullest rows, if these agree; a row of which each cell stands in one of them, no two in the
same, has an empty cell in the others. It begins with its first cell all the same: that what sums up
a column stands below it is no sign of something left out. A sign that stands apart from its number,
as in statements of accounts, is no cell of its own.
"""

import itertools
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

MIN_COLUMNS = 3
"""Of a table; with fewer nothing can be empty between two cells."""

MIN_ROWS = 2
"""Rows that have a cell in every column, at least."""

_BEHIND = (")", "%", ")%", "%)")
"""What stands behind a number and may stand apart from it."""


class Cell(NamedTuple):
    """What stands together in a row; in any unit."""

    left: float
    right: float
    text: str


def fill_rows(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Give the cells of each row, empty ones from the first that is not.

    Args:
        rows: that stand below each other; those from right to left stay as they are.

    >>> fill_rows([
    ...     [Cell(0, 9, "State"), Cell(20, 29, "2023"), Cell(40, 49, "2024")],
    ...     [Cell(0, 7, "Iowa"), Cell(22, 29, "377"), Cell(42, 49, "388")],
    ...     [Cell(0, 7, "Utah"), Cell(42, 49, "402")],
    ... ])[2]
    ['Utah', '', '402']
    """
    rows = [_join_signs(row) for row in rows]
    columns = _find_columns(rows)
    return [_fill(row, columns) for row in rows]


def _join_signs(row: Sequence[Cell]) -> list[Cell]:
    """Join what stands before or behind a number with it.

    >>> cells = [Cell(0, 1, "$"), Cell(5, 9, "12"), Cell(20, 24, "(3"), Cell(25, 26, ")")]
    >>> [cell.text for cell in _join_signs(cells)]
    ['$ 12', '(3 )']
    """
    joined: list[Cell] = []
    for cell in row:
        if joined and (_is_currency(joined[-1].text) or cell.text in _BEHIND):
            left, right, text = joined.pop()
            joined.append(Cell(min(left, cell.left), max(right, cell.right), f"{text} {cell.text}"))
        else:
            joined.append(cell)
    return joined


def _is_currency(text: str) -> bool:
    return all(unicodedata.category(sign) == "Sc" for sign in text)


def _find_columns(rows: Sequence[Sequence[Cell]]) -> list[tuple[float, float]]:
    """Find the left and right edge of every column; none if no full rows agree."""
    for count in sorted({len(row) for row in rows if len(row) >= MIN_COLUMNS}, reverse=True):
        full = [row for row in rows if len(row) == count]
        columns = [
            (min(cell.left for cell in cells), max(cell.right for cell in cells))
            for cells in zip(*full, strict=True)
        ]
        are_apart = all(one[1] < other[0] for one, other in itertools.pairwise(columns))
        if len(full) >= MIN_ROWS and are_apart:
            return columns
    return []


def _fill(row: Sequence[Cell], columns: Sequence[tuple[float, float]]) -> list[str]:
    found: dict[int, str] = {}
    for cell in row:
        places = [
            n for n, edges in enumerate(columns) if edges[0] < cell.right and cell.left < edges[1]
        ]
        if len(places) == 1:
            found[places[0]] = cell.text
    if len(row) < 2 or len(found) < len(row) or list(found) != sorted(found):
        return [cell.text for cell in row]
    return [found.get(n, "") for n in range(min(found), len(columns))]
