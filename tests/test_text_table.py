"""Rows know their headings; tables know their rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.text_table import Block, Heading, TextTable, cells_of

LINES = st.lists(
    st.lists(st.text("abc 12é中.:\u2028", max_size=12), max_size=5).map("  ".join), max_size=12
)

STATES = ("Births by state", "State  Births  Deaths", "Ohio  12  30", "Utah  7  81", "Source: me")


def _table(lines):
    return TextTable([cells_of(line) for line in lines])


@given(LINES)
def test_headings_stand_above_what_they_head_and_name_each_of_its_cells(lines):
    table = _table(lines)
    for number, row in enumerate(table.rows):
        heading = table.heading_of(number)
        if heading:
            assert max(heading.lines) < number
            assert len(heading.names) == len(row)


@given(LINES)
def test_every_row_belongs_to_one_table_at_most(lines):
    rows = [row for block in _table(lines).blocks for row in block.rows]
    assert len(rows) == len(set(rows))
    assert all(0 <= row < len(lines) for row in rows)


@given(LINES)
def test_a_row_with_headings_is_in_a_table(lines):
    table = _table(lines)
    inside = {row for block in table.blocks for row in (*block.rows, *block.heading.lines)}
    assert all(n in inside for n in range(len(lines)) if table.heading_of(n))


def test_a_table_is_its_heading_and_the_rows_below():
    heading = Heading((1,), ("State", "Births", "Deaths"))
    assert _table(STATES).blocks == [Block(heading, (2, 3))]
    assert _table(STATES).heading_of(0) is None
    assert _table(STATES).heading_of(4) is None


def test_a_row_is_written_with_its_headings():
    table = _table(STATES)
    heading = table.heading_of(2)
    assert table.label(2, heading, 100, set()) == "State: Ohio  Births: 12  Deaths: 30"
    assert table.label(2, heading, 25, {"death"}) == "State: Ohio  Deaths: 30"
    assert table.label(2, heading, 10, set()) == "Ohio  12  30"


@pytest.mark.parametrize(
    "head",
    [
        "Owner: Ada Hall  Colour  red",
        "12  13  14",
        "Births",
        "State  4  Deaths",
        "Wet  [x] yes  no",
        "Paid  EUR 12.00  by card",
        f"{'said so ' * 9} State  Births  Deaths",
    ],
    ids=["a value", "numbers", "too few", "a number among words", "choices", "an amount", "prose"],
)
def test_what_is_no_heading_heads_nothing(head):
    assert _table([head, "Ohio  12  30", "Utah  7  81"]).blocks == []


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["Name  Ada", "Stay  work  two days  Oslo", "Smoker  yes  no"], None),
        (["2021  2022", "Note", "Costs  4  12  20", "Rents  7  81"], ("", "2021", "2022")),
        (["Rain  Sun", "Oslo  12  30", "Rome  7  81"], ("", "Rain", "Sun")),
    ],
)
def test_two_words_head_three_columns_where_no_other_rows_stand_between(lines, names):
    heading = _table(lines).heading_of(len(lines) - 1)
    assert (heading and heading.names) == names


def test_of_two_headings_the_one_of_its_own_kind_of_rows_counts():
    lines = ["Date  Ref.  Terms", "15/07  R-6  net", "Goods  Qty  Sum", "Pen  5  40", "Ink  3  9"]
    assert [block.rows for block in _table(lines).blocks] == [(1,), (3, 4)]


def test_a_row_of_words_among_rows_of_numbers_begins_no_table():
    lines = ["Name  Rain  Sun", "Ohio  12  30", "Utah  none  little", "Iowa  4  5"]
    assert [block.rows for block in _table(lines).blocks] == [(1, 2, 3)]


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (["Drink  Price", "Tea  2.10", "Milk  EUR 1,90", "Juice  3"], (1, 2, 3)),
        (["Stop  Leaves", "Oslo  9:05", "Rome  10:45 PM", "Bonn  03:10", "Thanks"], (1, 2, 3)),
        (["Drink  Price", "Tea  2.10", "Milk  1.90"], None),
        (["Drink  Price", "Tea  2.10", "Milk  none", "Juice  3.00"], None),
        (["Name:  Hall", "Age:  12", "Size:  3", "Shoe:  7"], None),
        (["Name  Hall", "Born  in 1980", "Size  S", "Shoe  7"], None),
    ],
)
def test_two_columns_are_a_table_where_the_second_is_of_numbers(lines, rows):
    assert [block.rows for block in _table(lines).blocks] == ([rows] if rows else [])


def test_labels_and_values_of_another_kind_of_row_head_no_table_below():
    lines = ["Pupil  Amir  Class  9B", "Year  2023/24  Term  2", "Subject  Grade  Effort  Teacher"]
    rows = ["English  B  Good  Ms Patel", "History  C  Fair  Mrs Gray"]
    heading = _table([*lines, *rows]).heading_of(4)
    assert heading is not None and heading.names == ("Subject", "Grade", "Effort", "Teacher")


def test_empty_cells_are_unlike_nothing():
    head = "Layer  Soil  Colour  Blows"
    rows = ["0-10 cm  peat    6", "2-3 m    brown  65", "3-4 m  silt    13"]
    assert _table([head, *rows]).heading_of(3).names == tuple(cells_of(head))


def test_headings_of_the_rows_right_below_head_no_wider_rows_further_down():
    lines = [
        "Ordered  Sent  Carrier",
        "04.11.2023  06.11.2023  DHL",
        "Item  Size  Ordered  Sent",
        "Pen  A  2  2",
    ]
    table = _table(lines)
    assert table.heading_of(1).names == ("Ordered", "Sent", "Carrier")
    assert table.heading_of(2) is None
    assert table.heading_of(3).names == ("Item", "Size", "Ordered", "Sent")


def test_numbers_with_units_head_nothing():
    table = _table(["P1  P2  P3", "Flow  7,500 l/h  11 l/h  15 l/h", "Head  6 m  8 m  11 m"])
    assert [block.rows for block in table.blocks] == [(1, 2)]
    assert table.heading_of(2).names == ("", "P1", "P2", "P3")


@pytest.mark.parametrize(
    "head", ["1st  2nd  3rd", "3M  6M  9M", "1 yr  3 yr  5 yr", "2023E  2024E  2025E"]
)
def test_numbers_may_head_columns_where_no_unit_follows(head):
    table = _table([f"Fund  {head}", "Alpha  1.2  3.4  5.6"])
    assert table.heading_of(1).names == ("Fund", *head.split("  "))


def test_headings_of_more_columns_are_those_of_another_table():
    lines = [
        "Name  No.  Day",
        "Ada  4  May 2",
        "Pay  Hours  Rate  Amount  Tax",
        "Basic  9.5  11.20",
    ]
    assert _table(lines).heading_of(1).lines == (0,)
    assert _table(lines).heading_of(3) is None


@pytest.mark.parametrize("head", ["VENDOR  SHIP TO", "Bill to:  Ship to:", "From  To"])
def test_two_addresses_side_by_side_have_what_stands_above_them(head):
    table = _table(
        [head, "Hall Ltd  Ada Hall", "1 Mill Rd  2 Oak St", "Sum  9", "Tax  1", "Due  10"]
    )
    assert [table.heading_of(n) is not None for n in range(6)] == [False, *[True] * 4, False]
    assert table.label(1, table.heading_of(1), 100, set()).startswith(
        f"{head.split('  ')[0].rstrip(':')}: Hall"
    )


def test_a_label_and_its_value_are_no_addresses():
    assert _table(["Vendor  Hall Ltd", "Buyer  Ada Hall"]).heading_of(1) is None


@pytest.mark.parametrize("first", ["", "  "], ids=["as cells", "with an empty cell"])
def test_headings_that_span_columns_are_part_of_their_names(first):
    lines = [f"{first}Quarter to June  Year to June", "2024  2023  2024  2023", "Sales  1  2  3  4"]
    assert _table(lines).heading_of(2) == Heading(
        (0, 1),
        (
            "",
            "Quarter to June 2024",
            "Quarter to June 2023",
            "Year to June 2024",
            "Year to June 2023",
        ),
    )


@pytest.mark.parametrize("upper", ["Sales by quarter", "Sales  Costs  Profit", "12.00  13.00"])
def test_what_does_not_span_the_same_columns_is_no_part_of_their_names(upper):
    lines = [upper, "2024  2023  2024  2023", "Ohio  1  2  3  4"]
    assert _table(lines).heading_of(2).names == ("", "2024", "2023", "2024", "2023")
