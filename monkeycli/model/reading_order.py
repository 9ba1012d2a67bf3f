"""From a page full of cells to one run of characters, in reading order. No weights, no torch.

    cells --find_slope, choose_rows--> lines --choose_characters--> characters
          --arrange--> run, with distances

A line's characters are seen in one or two rows of cells, a character in one or two neighbouring
cells; here each is counted once.
"""

# R rows and C columns of cells, T characters of a run

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monkeycli.model.page_lines import NOWHERE, SEEN, choose_rows, find_slope

LINE_BREAK = -1
"""Stands between two lines of a run."""

SECOND_SPACE = -2
"""Stands where a line goes on after a gap."""

BLANK, WORD_END = 0, 1
"""Classes of a cell that are no character."""

GAP = 3.0
"""A distance of so many usual ones is a gap."""

FURTHEST = 6.0
"""Distances beyond it count as this one."""

ONE = 1.25
"""Two neighbouring cells whose probabilities add up to less show one character, not two."""

ONE_OF_A_KIND, ONE_OF_A_KIND_IF_WIDE = 1.5, 1.85
"""The same where both seem to show the same character."""

WIDE_PRINT = 2
"""Print is wide if its usual distance is so many cells."""

LEGIBLE = 0.5
"""A line whose characters are on average less sure is more likely wrong than right: a picture, a
script that was not learnt, a blot. It is left out."""


@dataclass(frozen=True)
class Run:
    """Characters in reading order."""

    places: np.ndarray
    """(T,) int64: number of the cell (row * C + column), `LINE_BREAK` or `SECOND_SPACE`."""
    distances: np.ndarray
    """(T,) float32: from the character before, the line's usual distance being 1."""


def arrange(seen_RC: np.ndarray, classes_RC: np.ndarray, sure_RC: np.ndarray) -> Run:
    """Find the characters of a page and put them in order.

    Args:
        seen_RC: probability that a cell is not blank.
        classes_RC: the likeliest class of a cell that is not.
        sure_RC: probability that it is this one.

    Returns:
        The run; empty for a blank page.
    """
    places: list[int] = []
    distances: list[float] = []
    for cells_C in choose_rows(seen_RC, find_slope(seen_RC)):
        kept = choose_characters(*_line(cells_C, seen_RC, classes_RC))
        line = _spaced(kept, cells_C, classes_RC)
        if line and _is_legible(line, sure_RC):
            places += [LINE_BREAK] * bool(places) + [place for place, _ in line]
            distances += [0.0] * (len(places) - len(distances) - len(line))
            distances += [distance for _, distance in line]
    return Run(np.array(places, np.int64), np.array(distances, np.float32))


def _is_legible(line: Sequence[tuple[int, float]], sure_RC: np.ndarray) -> bool:
    cells = [place for place, _ in line if place >= 0]
    return bool(sure_RC.ravel()[cells].mean() >= LEGIBLE)


def choose_characters(seen_C: np.ndarray, classes_C: np.ndarray) -> np.ndarray:
    """Say in which columns of a line a character stands.

    One whose middle lies between two cells shares its probability between them: the likelier cell
    keeps it. The wider the print, the less likely are two of the same side by side.
    """
    kept = _without_doubles(seen_C, classes_C, ONE_OF_A_KIND)
    if len(kept) > 1 and np.median(np.diff(kept)) >= WIDE_PRINT:
        return _without_doubles(seen_C, classes_C, ONE_OF_A_KIND_IF_WIDE)
    return kept


def _without_doubles(seen_C: np.ndarray, classes_C: np.ndarray, most: float) -> np.ndarray:
    """Drop the less likely of two neighbours that look the same and are `most` likely together."""
    before_C = np.concatenate([[0], seen_C[:-1]])
    after_C = np.concatenate([seen_C[1:], [0]])
    same_before_C = np.concatenate([[False], classes_C[1:] == classes_C[:-1]])
    same_after_C = np.concatenate([classes_C[1:] == classes_C[:-1], [False]])
    is_double_C = (before_C >= seen_C) & (before_C + seen_C < np.where(same_before_C, most, ONE))
    is_double_C |= (after_C > seen_C) & (after_C + seen_C < np.where(same_after_C, most, ONE))
    is_shared_C = before_C + seen_C + after_C >= SEEN + 0.1
    is_peak_C = (seen_C > before_C) & (seen_C >= after_C) & is_shared_C
    return np.flatnonzero(np.where(seen_C >= SEEN, ~is_double_C, is_peak_C))


def _line(
    cells_C: np.ndarray, seen_RC: np.ndarray, classes_RC: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    columns = np.arange(len(cells_C))
    seen_C = np.where(cells_C == NOWHERE, 0.0, seen_RC[cells_C, columns])
    return seen_C, classes_RC[cells_C, columns]


def _spaced(
    columns: np.ndarray, cells_C: np.ndarray, classes_RC: np.ndarray
) -> list[tuple[int, float]]:
    """Places and distances of a line: one mark between words, two across a gap, no other."""
    ends = classes_RC[cells_C[columns], columns] == WORD_END
    kept = [
        number
        for number in range(len(columns))
        if not ends[number] or (number and not ends[number - 1] and not ends[number:].all())
    ]
    columns, ends = columns[kept], ends[kept]
    if not len(columns) or ends.all():
        return []
    usual = max(float(np.median(np.diff(columns))), 1.0) if len(columns) > 1 else 1.0
    line: list[tuple[int, float]] = []
    for number, column in enumerate(columns):
        distance = float(column - columns[number - 1]) / usual if number else 0.0
        if distance > GAP:
            line.append((SECOND_SPACE, 0.0))
        place = int(cells_C[column]) * len(cells_C) + int(column)
        line.append((place, min(distance, FURTHEST)))
    return line
