"""Cells of a table: those that are empty are seen, and nothing else is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.reading.cells import Cell, fill_rows

WIDTH = 20
"""Of a column, with the gutter behind it."""


def row_of(texts, *, from_right=False):
    """Give a table's row: cells of 3 to 10 in columns of `WIDTH`; None for an empty one."""
    cells = []
    for place, text in enumerate(texts):
        size, edge = len(text or ""), place * WIDTH
        left = edge + 15 - size if from_right else edge
        cells += [] if text is None else [Cell(left, left + size, text)]
    return cells


TEXTS = st.text("abc123", min_size=3, max_size=10)
TABLES = st.integers(3, 6).flatmap(
    lambda count: st.lists(
        st.lists(TEXTS | st.none(), min_size=count, max_size=count).filter(any), max_size=8
    )
)


@given(TABLES, st.booleans())
def test_a_cell_stands_under_the_headings_of_its_column(table, from_right):
    count = len(table[0]) if table else 3
    full = [[f"head{n}" for n in range(count)], [f"{n}00" for n in range(count)]]
    rows = [row_of(texts, from_right=from_right) for texts in full + table]

    for texts, found in zip(full + table, fill_rows(rows), strict=True):
        first = next(n for n, text in enumerate(texts) if text is not None)
        is_alone = sum(text is not None for text in texts) == 1
        assert found == ([texts[first]] if is_alone else [text or "" for text in texts[first:]])


CELLS = st.builds(
    lambda left, size, text: Cell(left, left + size, text),
    st.integers(0, 200), st.integers(1, 60), st.text("ab1", min_size=1, max_size=3),
)  # fmt: skip


ROWS = st.lists(CELLS, min_size=1, max_size=6).map(sorted)


@given(st.lists(ROWS | ROWS.map(lambda row: row[::-1]), max_size=10))
def test_no_cell_is_lost_and_none_changes_places(rows):
    for row, found in zip(rows, fill_rows(rows), strict=True):
        assert [text for text in found if text] == [cell.text for cell in row]
        assert found[0] == row[0].text


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ([Cell(0, 9, "Total"), Cell(42, 49, "9")], ["Total", "", "9"]),
        ([Cell(22, 29, "Total"), Cell(42, 49, "9")], ["Total", "9"]),
        ([Cell(0, 9, "Iowa"), Cell(22, 29, "7")], ["Iowa", "7", ""]),
        ([Cell(0, 9, "Iowa")], ["Iowa"]),
        ([Cell(0, 28, "a long note"), Cell(42, 49, "9")], ["a long note", "9"]),
        ([Cell(0, 9, "Iowa"), Cell(12, 18, "between")], ["Iowa", "between"]),
        ([Cell(42, 49, "right"), Cell(0, 9, "to left")], ["right", "to left"]),
        ([Cell(0, 4, "a"), Cell(5, 9, "b"), Cell(42, 49, "9")], ["a", "b", "9"]),
        ([Cell(n, n + 1, "x") for n in range(0, 50, 5)], ["x"] * 10),
    ],
)
def test_a_row_is_filled_only_where_all_its_cells_stand_in_columns_of_their_own(row, found):
    table = [row_of(["State", "2023", "2024"]), row_of(["Ohio", "1204", "1377"])]

    assert fill_rows([*table, row])[2] == found


def test_a_sign_apart_from_its_number_is_no_cell():
    """Else the rows without it would seem to leave something out."""
    rows = [
        [Cell(0, 9, "Sales"), Cell(20, 22, "$"), Cell(26, 29, "12"), Cell(50, 59, "£ 14")],
        [Cell(0, 9, "Rent"), Cell(26, 30, "(3"), Cell(32, 33, ")"), Cell(55, 59, "4")],
        [Cell(0, 9, "Tax"), Cell(55, 59, "%")],
    ]
    assert fill_rows(rows) == [["Sales", "$ 12", "£ 14"], ["Rent", "(3 )", "4"], ["Tax %"]]


def test_rows_that_do_not_agree_on_columns_are_no_table():
    rows = [row_of(["a", "b", "c"]), [Cell(0, 25, "a"), Cell(30, 45, "b"), Cell(50, 60, "c")]]
    short = [Cell(0, 1, "a"), Cell(40, 41, "c")]

    assert fill_rows([*rows, short])[2] == ["a", "c"]
    assert fill_rows([rows[0], short])[1] == ["a", "c"]
    assert fill_rows([]) == []
