"""Lines are found on a page that leans as on a level one."""

import numpy as np
import pytest

from monkeycli.model.page_lines import NOWHERE, STEEPEST, choose_rows, find_slope
from tests.model.cells import COLS, page, read, word


def _leaning(slope, *lines):
    """Words in rows that fall by so much in a column."""
    marks = [mark for row, text in lines for mark in word(row, 2, text)]
    return [
        (row + round(slope * (column - COLS / 2)), column, letter, likely)
        for row, column, letter, likely in marks
    ]


LEANING = (5, "theeighthofmay "), (8, "atthestation "), (11, "andthenhome "), (14, "goodnight ")


@pytest.mark.parametrize("slope", [-1 / 40, -1 / 60, -1 / 100, 1 / 80, 1 / 50, 1 / 41])
def test_lines_of_a_page_that_leans_are_followed_across_its_rows(slope):
    marks = _leaning(slope, *LEANING)

    assert read(*marks)[0] == "/".join(text.strip() for _, text in LEANING)


def test_a_level_page_does_not_lean():
    assert find_slope(page(*_leaning(0, *LEANING))[0]) == 0
    assert find_slope(page()[0]) == 0


def test_what_leans_more_is_no_page_but_a_picture():
    assert abs(find_slope(page(*_leaning(1 / 8, *LEANING))[0])) <= STEEPEST


def test_on_a_page_that_leans_every_cell_belongs_to_one_line():
    seen_RC, _ = page(*_leaning(1 / 45, *LEANING))
    lines = choose_rows(seen_RC, 1 / 45)
    cells = [
        (row, column)
        for line in lines
        for column, row in enumerate(line.tolist())
        if row != NOWHERE
    ]

    assert len(cells) == len(set(cells))
    assert set(map(tuple, np.argwhere(seen_RC).tolist())) <= set(cells)


def test_every_line_says_for_each_column_which_row_it_is_in():
    (line,) = choose_rows(page(*word(5, 2, "abcdef"), (6, 30, "g", 1.0))[0])

    assert line[2] == 5
    assert line[30] == 6
