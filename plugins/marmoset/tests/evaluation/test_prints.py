"""How much of a page was read: spaces aside by characters, and by whole words."""

import pytest
from evaluation.askers import Reply
from evaluation.prints import SIZES, Reading, ask_prints


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
    reading = Reading(14, "Total 42.00\ndue", found)

    assert reading.characters == pytest.approx(characters, abs=0.3 if characters == 0.5 else 1e-9)
    assert reading.words == pytest.approx(words)


class Asker:
    """Never finds an answer."""

    name = "nobody"

    def ask(self, path, questions, *, pages="all", password=None):
        return [Reply(None) for _ in questions]


def test_every_size_is_asked_and_every_page_read_once():
    found = list(ask_prints(Asker(), 1, read=lambda path: path.stem))

    assert [reading.found for _, reading in found if reading] == [f"{size}-0" for size in SIZES]
    assert {result.rows[0] for result, _ in found} == {
        "clean print, nobody",
        "clean print, nobody, not on the page",
    }
    assert all(bool(result.accepted) == (len(result.rows) == 2) for result, _ in found)
