"""Rows that are asked for by size, place or number are those that arithmetic finds."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monkeycli.asked_rows import MOST_ROWS, count_rows, rows_asked_for
from monkeycli.text_table import TextTable, cells_of

TEXTS = st.lists(
    st.lists(st.text("abc 12é中.,:-()$", max_size=12), max_size=5).map("  ".join), max_size=12
)

PRICES = """Item  Unit  Price  Stock
Brass hook  box  $1,204.50  12
Oak shelf  piece  $388.00  7
Steel bolt  bag  $97.25  340
Wall lamp  piece  $2,010.00  7
Total    $3,699.75  366
"""


def _table(text):
    return TextTable([cells_of(line) for line in text.splitlines()])


def _found(text, question):
    table = _table(text)
    return [table.rows[n][0] for n in rows_asked_for(table, question)]


@given(TEXTS, st.sampled_from(["highest a?", "after a", "first b listed", "How many a are there?"]))
@example(["a  b  c", "1  2  3", "1  2  3"], "highest c?")
@example(["a  b  c", "a  .  3", "a  ,  3", "b  1.  ,"], "highest b?")
def test_any_text_has_rows_or_none(lines, question):
    table = TextTable([cells_of(line) for line in lines])
    assert all(0 <= n < len(lines) for n in rows_asked_for(table, question))
    assert all(line.split(" ")[0].isdigit() for line in count_rows(table, question))


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=40, unique=True), st.booleans())
def test_the_greatest_and_the_least_are_those_of_the_column_that_is_named(numbers, grouped):
    form = "{:,}" if grouped else "{}"
    lines = [f"Town {n}  {form.format(number)}  {-n}" for n, number in enumerate(numbers)]
    text = "\n".join(["Town  Rain  Sun", *lines])
    assert _found(text, "Which town has the highest rain?") == [
        f"Town {numbers.index(max(numbers))}"
    ]
    assert _found(text, "town with the least rain") == [f"Town {numbers.index(min(numbers))}"]
    assert _found(text, "Where is the smallest sun?") == [f"Town {len(numbers) - 1}"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Which item has the highest price?", ["Wall lamp"]),
        ("What is the most expensive item?", ["Wall lamp"]),
        ("cheapest?", ["Steel bolt"]),
        ("item with the largest stock", ["Steel bolt"]),
        ("Which has the lowest stock?", ["Oak shelf", "Wall lamp"]),
        ("highest unit?", []),
        ("highest mountain?", []),
        ("price of the oak shelf", []),
        ("What comes after Oak shelf?", ["Steel bolt"]),
        ("What is listed before the oak shelf?", ["Brass hook"]),
        ("What comes after the wall lamp?", []),
        ("What comes before the brass hook?", []),
        ("first item", ["Brass hook"]),
        ("What is the last item in the list?", ["Wall lamp"]),
        ("What is the last product?", ["Wall lamp"]),
        ("What is the last day to pay the bill?", []),
        ("What is the last name?", []),
    ],
)
def test_what_is_asked_for_by_size_or_place_is_found(question, found):
    assert _found(PRICES, question) == found


@pytest.mark.parametrize(
    ("cells", "greatest"),
    [
        (["1.204,50", "388,00", "97,25"], "a"),
        (["1 204", "388", "1 097"], "a"),
        (["(12)", "-5", "3"], "c"),
        (["4.978", "0.5", "12.1"], "c"),
        (["4.978", "500", "12"], "a"),
        (["12%", "7.5 %", "104%"], "c"),
        (["EUR 12", "EUR 7", "EUR 100"], "c"),
        (["n/a", "7", "9"], "c"),
        (["n/a", "none", "9"], None),
        (["red", "blue", "green"], None),
    ],
)
def test_numbers_are_read_as_they_are_written(cells, greatest):
    rows = [f"{name}  {cell}  x" for name, cell in zip("abc", cells, strict=True)]
    text = "\n".join(["Name  Rain  Note", *rows])
    assert _found(text, "Which name has the highest rain?") == ([greatest] if greatest else [])


def test_where_many_rows_are_the_greatest_none_is_shown():
    rows = "".join(f"Town {n}  5  1\n" for n in range(MOST_ROWS + 1))
    assert _found(f"Town  Rain  Sun\n{rows}", "Which town has the most rain?") == []


def test_numbered_rows_are_called_by_what_stands_behind_the_number():
    text = "Town  Rain  Sun\n1  Oslo  12  30\n2  Rome  7  81\n3  Bonn  9  44"
    assert [row[0] for row in map(cells_of, text.split("\n"))][1:] == ["1", "2", "3"]
    assert _found(text, "Which town comes after Rome?") == ["3"]
    assert _found(text, "What is the first town?") == ["1"]


@pytest.mark.parametrize("count", [2, 3, 41])
def test_rows_are_counted_without_sums_and_what_stands_between(count):
    rows = "".join(f"Town {n}  {n}  {n + 1}\n" for n in range(count))
    text = f"Rain in May\nTown  Rain  Sun\n{rows}Total  {count}  0\nA note.\n"
    for question in ("How many towns are listed?", "number of towns?"):
        assert count_rows(_table(text), question) == [f"{count} rows: Town  Rain  Sun"]
    for question in ("How much rain fell?", "What is the number of the invoice?"):
        assert count_rows(_table(text), question) == []


@pytest.mark.parametrize(
    ("question", "is_counted"),
    [
        ("How many towns have rain?", True),
        ("How many rows are there?", True),
        ("number of items", True),
        ("number of places?", True),  # by another name, that stands nowhere else
        ("How many days of sun?", False),
        ("How many visitors came?", False),
    ],
)
def test_rows_are_counted_unless_what_is_asked_for_stands_elsewhere(question, is_counted):
    text = "Visitors: 4,120\nTown  Rain  Sun\nOslo  12  30\nRome  7  81"
    assert bool(count_rows(_table(text), question)) == is_counted


def test_a_table_that_goes_on_behind_a_broken_row_is_one_table():
    text = "Town  Rain  Sun\nA  1  2\nB  3  4\nC  9  9  D  5  6\nE  7  8\nF  8  9"
    assert count_rows(_table(text), "How many?") == ["4 rows: Town  Rain  Sun"]


def test_a_page_full_of_rows_is_quick():
    """Every question with `most` in it looks for tables; cubic time would show."""
    draw = random.Random(0)
    rows = [f"Row {n}  {draw.random():.3f}  {draw.random():.3f}" for n in range(3_000)]
    text = "\n".join(["Row  First  Second", *rows])
    assert len(_found(text, "Which row has the highest second?")) == 1


def test_of_numbered_rows_the_name_is_no_column_of_numbers():
    text = "No  Item  Qty  Unit price\n1  Lamp  2  39.90\n2  Chair  1  249.00\n3  Tray  4  12.50"
    assert _found(text, "most expensive item?") == ["2"]
