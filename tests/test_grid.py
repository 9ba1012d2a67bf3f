"""The choice of a grid is arithmetic: tables say what it is, properties hold for every page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.errors import UsageError
from monkeycli.grid import (
    GRIDS,
    MAX_SIDE,
    MAX_WINDOWS,
    WINDOW_SIDE,
    WindowGrid,
    choose_grid,
    parse_grid,
)

SIDES = st.integers(1, 20_000)
GRID = st.sampled_from(GRIDS)


@pytest.mark.parametrize(
    "height, width, expected",
    [
        (1754, 1240, "3x2"),  # A4 upright at 150 dpi
        (1240, 1754, "2x3"),  # A4 lying
        (896, 896, "2x2"),
        (4000, 4000, "2x2"),
        (2000, 600, "3x1"),  # a till receipt
        (600, 2000, "1x3"),
        (448, 448, "1x1"),
        (300, 300, "1x1"),
        (10, 5000, "1x3"),  # a thread: one row is all the pixels it has
        (1344, 896, "3x2"),
        (1344, 448, "3x1"),
        (896, 448, "2x1"),
    ],
)
def test_grid_of_an_image(height, width, expected):
    assert str(choose_grid(height, width)) == expected


@pytest.mark.parametrize(
    "height, width, expected",
    [(842, 595, "3x2"), (595, 842, "2x3"), (100, 100, "2x2"), (8.5, 11, "2x3"), (10, 1000, "1x3")],
)
def test_page_without_pixels_gets_the_most_windows_of_its_shape(height, width, expected):
    assert str(choose_grid(height, width, has_pixels=False)) == expected


@given(SIDES, SIDES, st.booleans())
def test_page_on_its_side_gets_the_grid_on_its_side(height, width, has_pixels):
    upright = choose_grid(height, width, has_pixels=has_pixels)
    lying = choose_grid(width, height, has_pixels=has_pixels)

    if height != width:
        assert (upright.rows, upright.cols) == (lying.cols, lying.rows)


@given(SIDES, SIDES)
def test_every_row_and_column_of_an_image_is_at_least_half_full(height, width):
    grid = choose_grid(height, width)

    assert grid.rows == 1 or height / WINDOW_SIDE >= grid.rows - 0.5
    assert grid.cols == 1 or width / WINDOW_SIDE >= grid.cols - 0.5


@given(SIDES, SIDES, st.booleans(), st.lists(GRID, min_size=1))
def test_only_grids_of_the_checkpoint_are_chosen(height, width, has_pixels, grids):
    assert choose_grid(height, width, has_pixels=has_pixels, grids=grids) in grids


def test_published_checkpoints_always_get_their_one_grid():
    assert choose_grid(10, 10, grids=[WindowGrid(2, 2)]) == WindowGrid(2, 2)


def test_grids_keep_to_both_limits():
    assert len(GRIDS) == len(set(GRIDS)) == 8
    assert all(grid.rows * grid.cols <= MAX_WINDOWS for grid in GRIDS)
    assert max(max(grid.rows, grid.cols) for grid in GRIDS) == MAX_SIDE


@given(GRID)
def test_boxes_cover_the_canvas_once(grid):
    height, width = grid.canvas
    area = sum((right - left) * (bottom - top) for left, top, right, bottom in grid.boxes)

    assert len(set(grid.boxes)) == len(grid.boxes) == grid.num_windows
    assert area == (height * width if grid.num_windows else 0)
    assert all(right <= width and bottom <= height for _, _, right, bottom in grid.boxes)


def test_windows_are_numbered_row_by_row():
    assert WindowGrid(2, 2).boxes == (
        (0, 0, 448, 448),
        (448, 0, 896, 448),
        (0, 448, 448, 896),
        (448, 448, 896, 896),
    )


def test_one_window_is_the_global_view_and_no_window():
    assert WindowGrid(1, 1).num_windows == 0


@given(GRID)
def test_grid_is_read_as_it_is_written(grid):
    assert parse_grid(str(grid)) == grid
    assert parse_grid(str(grid).upper()) == grid


@pytest.mark.parametrize(
    "text", ["", "2", "x", "2x", "x2", "3x3", "0x1", "4x1", "2x2x1", "-1x2", "2 x 2"]
)
def test_anything_else_is_a_usage_error(text):
    with pytest.raises(UsageError, match="rows come first"):
        parse_grid(text)
