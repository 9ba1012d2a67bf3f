"""Pages of clean print are asked in every size."""

from evaluation.askers import Reply
from evaluation.prints import SIZES, ask_prints


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
