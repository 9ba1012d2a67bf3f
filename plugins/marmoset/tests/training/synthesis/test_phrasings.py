"""More ways to ask are more, and none that held-out pages ask in."""

from training.synthesis.labels import FIELDS, question
from training.synthesis.phrasings import PHRASINGS
from training.synthesis.words import Words


def _plain(text):
    return "".join(c for c in text.casefold() if c.isalnum())


def test_every_field_that_is_asked_for_is_known_and_has_some():
    assert PHRASINGS.keys() <= FIELDS.keys()
    assert all(all(phrasings) and len(phrasings) > 1 for phrasings in PHRASINGS.values())


def test_no_held_out_phrasing_is_among_them():
    held = {_plain(text) for field in FIELDS.values() for text in field.held_questions}
    assert not held & {_plain(text) for texts in PHRASINGS.values() for text in texts}


def test_pages_to_train_on_are_asked_in_them_and_held_out_ones_are_not():
    new = {_plain(text) for text in PHRASINGS["total"]} - {
        _plain(text) for text in FIELDS["total"].questions
    }
    asked = {
        split: {_plain(question(Words(f"{split}/{n}", split), "total")) for n in range(400)}
        for split in ("train", "held-out")
    }
    assert len(asked["train"] & new) > len(new) / 2
    assert not asked["held-out"] & new
