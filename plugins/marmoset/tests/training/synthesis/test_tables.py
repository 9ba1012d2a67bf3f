"""How long tables are, and what their empty cells say."""

import pytest

pytest.importorskip("faker", reason="the synthesizer needs Faker: pip install faker")

from training.synthesis.draft import GAP, NO_ANSWER, Draft
from training.synthesis.listings import table_page
from training.synthesis.tables import (
    MORE_EXTREMES,
    Table,
    add_table,
    ask_table,
    leave_blank,
    number_of_rows,
)
from training.synthesis.words import Words


def test_most_tables_are_short_and_some_fill_a_page():
    words = Words("rows", "train")
    numbers = [number_of_rows(words, 14) for _ in range(400)]

    assert min(numbers) == 3
    assert 36 < max(numbers) <= 42
    assert 0.05 < sum(number > 14 for number in numbers) / len(numbers) < 0.3


def test_a_long_table_has_all_its_rows():
    lengths = [len(table_page(Words(f"{n}", "train")).text.split("\n")) for n in range(60)]
    assert max(lengths) > 30


def test_an_empty_cell_is_asked_for_in_vain_and_leaves_the_others_in_their_columns():
    rows = tuple((f"row {n}", f"a{n}", f"b{n}", f"c{n}") for n in range(9))
    whole = Table("row", "rows", ("name", "first", "second", "third"), rows)
    asked = 0
    for seed in range(30):
        draft = Draft(Words(f"{seed}", "train"))
        table = leave_blank(draft.words, whole, 0.5)
        add_table(draft, table)
        lines = [line.split(GAP) for line in draft.lines]
        shown = [cells[-4:] for cells in lines if cells[-4:][0].startswith("row ")]
        assert [tuple(cells) for cells in shown] == list(table.rows)

        ask_table(draft, table, 20)
        for question, answer in draft.questions:
            for (name, *cells), (_, *full) in zip(table.rows, rows, strict=True):
                for head, cell, gone in zip(whole.heads[1:], cells, full, strict=True):
                    if question.lower() == f"what is the {head} of {name}?":
                        assert answer == (cell or NO_ANSWER)
                        asked += not cell
                    assert cell or answer != gone
    assert asked > 3


@pytest.mark.parametrize("split", ["train", "held-out"])
def test_the_ends_of_a_column_are_asked_for_in_words_of_their_split(split: str):
    cells = {"Oak": 3, "Elm": 40, "Ash": 15}
    rows = tuple((name, f"{number}") for name, number in cells.items())
    values = tuple((float(number),) for number in cells.values())
    table = Table("tree", "trees", ("Tree", "Height"), rows, values)
    asked = set()
    for seed in range(60):
        draft = Draft(Words(f"{seed}", split))
        ask_table(draft, table, 9)
        for question, answer in draft.questions:
            found = [how for how in MORE_EXTREMES["lowest"] if how in question.lower().split()]
            if found:
                assert answer == "Oak"
            asked.update(found)
    assert asked == set(MORE_EXTREMES["lowest"] if split == "train" else ("smallest", "lowest"))
