"""A page of cells becomes one run of characters, each of them once, in reading order."""

import numpy as np
import pytest

from monkeycli.model.reading_order import LINE_BREAK, arrange, choose_characters
from tests.model.cells import COLS, page, read, word


def test_lines_stand_one_after_the_other_and_words_apart():
    marks = word(9, 4, "second ") + word(2, 3, "one ") + word(2, 15, "two ")

    assert read(*marks)[0] == "one two/second"


def test_a_page_without_marks_is_an_empty_run():
    text, run = read()

    assert text == ""
    assert run.places.shape == run.distances.shape == (0,)


def test_a_line_that_is_more_likely_wrong_than_right_is_left_out():
    seen_RC, classes_RC = page(*word(2, 3, "blot"), *word(9, 4, "word"), *word(15, 4, "end"))
    sure_RC = np.ones_like(seen_RC)
    sure_RC[2], sure_RC[9, ::2] = 0.4, 0.2
    run = arrange(seen_RC, classes_RC, sure_RC)

    assert (run.places == LINE_BREAK).sum() == 1
    assert run.places[0] // COLS == 9 and run.distances[0] == 0


@pytest.mark.parametrize("second", [4, 6])
def test_a_line_seen_in_two_rows_counts_once(second):
    text, run = read(*word(5, 2, "twice "), *word(second, 2, "twice ", likely=0.9))

    assert text == "twice"
    assert set((run.places // COLS).tolist()) == {5}


def test_a_character_seen_in_the_other_row_only_joins_its_line():
    letters, strays = word(5, 2, "abcdefgh"), word(6, 2, "abcd")
    del letters[3], strays[2]

    assert read(*letters, *strays)[0] == "abcdefgh"


def test_tight_lines_stay_apart():
    assert read(*word(5, 2, "one"), *word(7, 3, "two"), *word(9, 2, "six"))[0] == "one/two/six"


def test_a_gap_is_a_second_space():
    assert read(*word(5, 2, "sum "), *word(5, 40, "five "))[0] == "sum _five"


def test_distances_are_measured_in_the_usual_one():
    _, run = read(*word(5, 2, "abc"), (5, 12, "d", 1.0), *word(8, 2, "e"))

    assert run.distances.tolist() == pytest.approx([0, 1, 1, 4 / 3, 0, 0])


@pytest.mark.parametrize(
    "seen, kept",
    [
        ([0.0, 1.0, 0.0, 0.0], [1]),  # all in one cell
        ([0.0, 0.6, 0.4, 0.0], [1]),  # shared
        ([0.0, 0.45, 0.45, 0.0], [1]),  # neither is likely, both together are
        ([0.0, 0.9, 0.95, 0.0], [1, 2]),  # two of them
        ([0.0, 0.3, 0.0, 0.0], []),  # nothing much
    ],
)
def test_a_character_between_two_cells_counts_once(seen, kept):
    same = np.full(4, 7)

    assert choose_characters(np.array(seen), same).tolist() == kept


def test_wide_print_has_no_two_alike_side_by_side():
    seen_C, classes_C = np.zeros(30), np.arange(30)
    seen_C[[2, 6, 10, 11, 15]] = 1.0, 1.0, 0.8, 0.9, 1.0
    classes_C[[10, 11]] = 5

    assert choose_characters(seen_C, classes_C).tolist() == [2, 6, 11, 15]
