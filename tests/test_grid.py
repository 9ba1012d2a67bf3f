"""The choice of a grid is arithmetic: tables say what it is, properties hold for every page."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.errors import UsageError
from monkeycli.grid import (
    GRIDS,
    MAX_SIDE,
    MAX_WINDOWS,
    NEARLY,
    WINDOW_SIDE,
    GridRule,
    WindowGrid,
    choose_grid,
    parse_grid,
)

SIDES = st.integers(1, 20_000)
SOME_GRIDS = st.lists(st.sampled_from(GRIDS), min_size=1, unique=True).map(tuple)
RULES = st.builds(GridRule, SOME_GRIDS, st.sampled_from(["shape", "size"]))
BY_SIZE = GridRule(by="size")


def test_grids_are_all_up_to_six_windows_and_three_in_a_direction():
    assert set(map(str, GRIDS)) == {"1x1", "1x2", "1x3", "2x1", "2x2", "2x3", "3x1", "3x2"}
    assert max(grid.canvas for grid in GRIDS if grid.rows == 2) == (896, 1344)
    assert WindowGrid(3, 2).canvas == (1344, 896)


@pytest.mark.parametrize(
    "height, width, grid",
    [
        (842, 595, "3x2"),  # A4 in points
        (595, 842, "2x3"),
        (792, 612, "3x2"),  # US letter
        (612, 792, "2x3"),
        (1008, 612, "3x2"),  # US legal
        (540, 960, "1x2"),  # a slide, 16:9
        (540, 720, "2x3"),  # a slide, 4:3
        (600, 600, "2x2"),
        (1000, 226, "3x1"),  # a till receipt
        (226, 1000, "1x3"),  # a banner
        (5, 5000, "1x3"),
    ],
)
def test_page_without_pixels_gets_the_largest_grid_of_its_shape(height, width, grid):
    assert str(choose_grid(height, width, has_pixels=False)) == grid


@pytest.mark.parametrize(
    "height, width, grid",
    [
        (1754, 1240, "3x2"),  # A4 at 150 dpi
        (877, 620, "2x1"),  # at 75 dpi the rows are too few for three
        (1240, 1754, "2x3"),
        (3024, 4032, "2x3"),  # a telephone's photograph
        (4032, 3024, "3x2"),
        (2000, 600, "3x1"),  # a receipt
        (1080, 1920, "1x2"),  # a screen
        (900, 900, "2x2"),
        (672, 672, "2x2"),  # one and a half windows: just enough
        (671, 671, "1x1"),
        (448, 448, "1x1"),
        (300, 300, "1x1"),
        (32, 32, "1x1"),
        (1, 1, "1x1"),
        (1, 10_000, "1x3"),
        (10_000, 1, "3x1"),
    ],
)
def test_image_gets_no_more_windows_than_it_has_pixels_for(height, width, grid):
    assert str(choose_grid(height, width)) == grid


@pytest.mark.parametrize("shape", [(10, 10), (842, 595), (200, 3000), (5000, 5000)])
def test_checkpoint_that_knows_one_grid_gets_it(shape):
    assert choose_grid(*shape, rule=GridRule((WindowGrid(2, 2),))) == WindowGrid(2, 2)


def test_page_that_fits_no_grid_gets_the_smallest():
    grids = WindowGrid(3, 2), WindowGrid(2, 2), WindowGrid(1, 2)

    assert choose_grid(100, 100, rule=GridRule(grids)) == WindowGrid(1, 2)


@pytest.mark.parametrize(
    "height, width, grid",
    [
        (1754, 1240, "3x2"),  # A4 at 150 dpi
        (1412, 747, "3x2"),  # a till receipt: by shape 2x1, with half the pixels across
        (1792, 600, "3x1"),  # a longer one, which 3x2 would only widen
        (933, 461, "2x1"),  # has no pixels for more
        (1080, 1920, "2x3"),  # a screen: by shape 1x2
        (900, 900, "2x2"),
        (300, 300, "1x1"),
        (1, 10_000, "1x3"),
    ],
)
def test_by_size_a_page_gets_the_grid_that_shrinks_it_least(height, width, grid):
    assert str(choose_grid(height, width, rule=BY_SIZE)) == grid


def test_by_size_a_slide_gets_six_windows():
    assert str(choose_grid(540, 960, has_pixels=False, rule=BY_SIZE)) == "2x3"


@given(height=SIDES, width=SIDES, has_pixels=st.booleans())
def test_by_size_a_page_is_never_much_smaller_than_by_shape(height, width, has_pixels):
    def scale(rule):
        canvas = choose_grid(height, width, has_pixels=has_pixels, rule=rule).canvas
        return min(canvas[0] / height, canvas[1] / width, 1.0 if has_pixels else math.inf)

    assert scale(BY_SIZE) >= NEARLY * scale(GridRule()) * (1 - 1e-9)


def test_a_rule_that_is_unknown_is_refused():
    with pytest.raises(ValueError, match="not by 'luck'"):
        GridRule(by="luck")


@given(height=SIDES, width=SIDES, rule=RULES, has_pixels=st.booleans())
def test_chosen_grid_is_an_allowed_one(height, width, rule, has_pixels):
    grid = choose_grid(height, width, rule=rule, has_pixels=has_pixels)

    assert grid in rule.grids
    assert grid.num_windows <= MAX_WINDOWS
    assert max(grid.rows, grid.cols) <= MAX_SIDE


@given(height=SIDES, width=SIDES)
def test_canvas_has_the_nearest_shape_of_those_that_can_be_filled(height, width):
    def distance(grid):
        return abs(math.log(grid.rows / grid.cols) - math.log(height / width))

    def is_filled(grid):
        return all(
            windows == 1 or side >= (windows - 0.5) * WINDOW_SIDE
            for side, windows in ((height, grid.rows), (width, grid.cols))
        )

    chosen = choose_grid(height, width)
    filled = [grid for grid in GRIDS if is_filled(grid)]
    assert chosen in filled
    assert distance(chosen) <= min(map(distance, filled)) + 1e-8
    alike = [grid for grid in filled if abs(distance(grid) - distance(chosen)) < 1e-10]
    assert chosen.num_windows == max(grid.num_windows for grid in alike)


@pytest.mark.parametrize("rule", [GridRule(), BY_SIZE], ids=["shape", "size"])
@given(height=SIDES, width=SIDES, has_pixels=st.booleans())
def test_page_turned_by_a_quarter_gets_its_grid_turned(height, width, has_pixels, rule):
    upright = choose_grid(height, width, has_pixels=has_pixels, rule=rule)
    turned = choose_grid(width, height, has_pixels=has_pixels, rule=rule)

    assert (turned.rows, turned.cols) == (upright.cols, upright.rows)


@pytest.mark.parametrize("rule", [GridRule(), BY_SIZE], ids=["shape", "size"])
@given(height=SIDES, width=SIDES, scale=st.floats(0.01, 100))
def test_units_of_a_page_without_pixels_do_not_matter(height, width, scale, rule):
    scaled = choose_grid(height * scale, width * scale, has_pixels=False, rule=rule)

    assert scaled == choose_grid(height, width, has_pixels=False, rule=rule)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_windows_cover_the_canvas_once_row_by_row(grid):
    covered = [
        (top // WINDOW_SIDE, left // WINDOW_SIDE)
        for left, top, right, bottom in grid.boxes
        if (right - left, bottom - top) == (WINDOW_SIDE, WINDOW_SIDE)
    ]
    cells = [(row, col) for row in range(grid.rows) for col in range(grid.cols)]

    assert covered == (cells if len(cells) > 1 else [])
    assert len(grid.boxes) == grid.num_windows


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_grid_reads_back_as_written(grid):
    assert parse_grid(str(grid)) == grid
    assert parse_grid(str(grid).upper()) == grid


@pytest.mark.parametrize(
    "text",
    ["", "x", "2", "2x", "x2", "2x2x2", "0x1", "4x1", "3x3", "-1x2", "2 x 2", "Auto", "1e1x1"],
)
def test_what_is_no_grid_is_refused_and_all_grids_are_named(text):
    with pytest.raises(UsageError) as caught:
        parse_grid(text)

    assert repr(text) in str(caught.value)
    assert all(str(grid) in str(caught.value) for grid in GRIDS)
