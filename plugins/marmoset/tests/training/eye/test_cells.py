"""What the eye is taught is what stands on the sheet, and enough to read it again."""

import math

import numpy as np
import pytest
from training.eye.alphabet import BLANK, CLASSES, spell
from training.eye.cells import IGNORED, label_cells
from training.eye.windows import Print, draw_window

from monkeycli.model.reading_order import LINE_BREAK, SECOND_SPACE, arrange

LINES = ("Invoice number: 4711", "Bill to: Jill Hill, all will fill", "$4,821,300.00", "e")


def _read_labels(sheet):
    labels = label_cells(sheet)
    run = arrange((labels > 0).astype(float), np.maximum(labels, 0), np.ones(labels.shape))
    signs = {LINE_BREAK: "\n", SECOND_SPACE: " "}
    return "".join(
        signs.get(place) or spell([int(labels.ravel()[place])]) for place in run.places.tolist()
    )


@pytest.mark.parametrize("size", [22, 30, 38])
@pytest.mark.parametrize("shift", [0, 1.5, 3, 4.5, 6, 7.5])
def test_perfect_eyes_read_the_sheet_wherever_it_lies(size, shift):
    sheet = Print(np.full((448, 896, 3), 255, np.uint8), 0.94)
    for number, line in enumerate(LINES):
        sheet.line(30 + shift, 60 + shift + number * 1.3 * size, line, "helv", size)

    assert _read_labels(sheet) == "\n".join(LINES)


@pytest.mark.parametrize("degrees", [-2.4, -1.7, -1, -0.5, 0.3, 0.8, 1.5, 2.1])
@pytest.mark.parametrize("size", [22, 30])
def test_perfect_eyes_read_a_sheet_that_leans(size, degrees):
    sheet = Print(np.full((672, 896, 3), 255, np.uint8), 0.94)
    lines = (*LINES, "Delivered by hand on the 3rd of May", "Balance due now:", "$12.00") * 2
    for number, line in enumerate(lines):
        sheet.line(40 + 9 * number, 40 + number * 1.3 * size, line, "helv", size)
    sheet.ys = [
        y + math.tan(math.radians(degrees)) * (x - 448)
        for x, y in zip(sheet.xs, sheet.ys, strict=True)
    ]

    assert _read_labels(sheet) == "\n".join(lines)


def test_a_character_that_was_turned_off_the_sheet_is_not_taught():
    sheet = Print(np.full((448, 448, 3), 255, np.uint8))
    sheet.line(30, 100, "x", "helv", 24)
    sheet.xs = [-2.0, 449.0]

    assert (label_cells(sheet) == BLANK).all()


def test_a_gap_is_read_as_two_spaces():
    sheet = Print(np.full((448, 896, 3), 255, np.uint8))
    end = sheet.line(30, 60, "Total", "helv", 24)
    sheet.line(end + 90, 60, "5.00", "helv", 24)

    assert _read_labels(sheet) == "Total  5.00"


def test_every_line_counts_in_a_row_and_leaves_its_border_open():
    sheet = Print(np.full((448, 448, 3), 255, np.uint8))
    sheet.line(30, 100, "x", "helv", 24)
    rows = np.flatnonzero((label_cells(sheet) == CLASSES["x"]).any(axis=1))
    middle = 100 - 0.31 * 24

    assert 1 <= len(rows) <= 2
    assert all(abs(8 * row + 4 - middle) <= 5 for row in rows)
    assert (label_cells(sheet) == IGNORED).any()


def test_a_window_is_always_the_same_one():
    (one, first), (other, second) = draw_window(7), draw_window(7)

    assert np.array_equal(one, other)
    assert first.xs == second.xs
    assert not np.array_equal(one, draw_window(8)[0])
    assert one.shape == (448, 448, 3)


def test_print_is_dark_where_characters_are_said_to_be():
    sheet = Print(np.full((448, 448, 3), 255, np.uint8))
    sheet.line(20, 50, "HHHHHHHH", "hebo", 40)
    pixels = sheet.pixels()

    for x, y in zip(sheet.xs[:8], sheet.ys[:8], strict=True):
        assert pixels[int(y) - 6 : int(y) + 6, int(x) - 2 : int(x) + 2].min() < 60
