"""How long tables are."""

import pytest

pytest.importorskip("faker", reason="the synthesizer needs Faker: pip install faker")

from training.synthesis.listings import table_page
from training.synthesis.tables import number_of_rows
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
