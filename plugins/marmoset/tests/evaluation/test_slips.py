"""Made-up receipts are scanned and asked, always the same ones."""

from pathlib import Path

from evaluation.askers import Reply
from evaluation.slips import ask_slips, find_receipts


class Asker:
    """Never finds an answer, and knows what it was shown."""

    name = "nobody"

    def __init__(self):
        self.shown = []

    def ask(self, path, questions, *, pages="all", password=None):
        self.shown.append(Path(path).read_bytes())
        return [Reply(None) for _ in questions]


def test_every_receipt_is_asked_and_read_once():
    asker = Asker()
    found = list(ask_slips(asker, 2, read=lambda path: path.suffix))

    assert [reading.found for _, reading in found if reading] == [".png", ".png"]
    assert {result.rows[0] for result, _ in found} == {
        "made-up scans, nobody",
        "made-up scans, nobody, not on the page",
    }
    again = Asker()
    list(ask_slips(again, 2))
    assert again.shown == asker.shown


def test_receipts_of_the_held_out_split_are_not_those_of_training():
    held_out, trained = (
        {page.text for _, page in find_receipts(5, held_out=split)} for split in (True, False)
    )

    assert not held_out & trained
