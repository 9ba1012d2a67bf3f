"""Banks of templates: read strictly, filled consistently, a part of them held out."""

from pathlib import Path

import pytest

pytest.importorskip("faker", reason="the synthesizer needs Faker: pip install faker")

from training.synthesis.bank import (
    FOLDER,
    HELD_OUT,
    SLOT,
    SLOTS,
    BankError,
    Filler,
    banks,
    read_bank,
)
from training.synthesis.words import Words

FACT = """\
@ obstacle = heavy rain | a strike at {company}

Work in {city} stopped because of {obstacle}.
Because of {obstacle}, work in {city} stopped.
? obstacle: Why did work stop? | cause of the stop
? city: Where did work stop?
?: How long did it take?
"""
TABLE = """\
= Blood count | Table {count}
row test / tests / Test | Analyte: Glucose | Sodium
col Value: 0.5..9 1 as {} mmol/L
col Taken: {date}
"""
FORM = """\
= Permit
No. | Permit no.: {code} ? What is the permit number? | permit number
Owner: {person} ? Who is the owner?
Work: a roof | a shed ? What is built?
Cost: {money} ? What does it cost?
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "bank.txt"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_a_bank_can_be_read_and_filled_and_both_splits_have_some(path):
    bank = read_bank(path)
    words = Words(path.stem, "train")
    for fact in bank.facts:
        filler = Filler(words, bank.kinds)
        for sentence in fact.sentences:
            text = filler.fill(sentence)
            assert not SLOT.search(text)
            for slot, phrasings in fact.questions:
                assert not slot or filler.fill(f"{{{slot}}}") in text
                assert all(filler.fill(phrasing).strip() for phrasing in phrasings)
    entries = len(bank.facts) + len(bank.tables) + len(bank.forms)
    for split in ("train", "held-out"):
        part = bank.of(split)
        assert part.facts or part.tables or part.forms
    assert entries >= HELD_OUT


def test_no_entry_is_in_both_splits():
    for trained, held in zip(banks("*.txt", "train"), banks("*.txt", "held-out"), strict=True):
        for kind in ("facts", "tables", "forms"):
            assert not set(map(str, getattr(trained, kind))) & set(map(str, getattr(held, kind)))


def test_an_entry_is_read_as_it_was_written(tmp_path):
    bank = read_bank(_write(tmp_path, f"{FACT}\n{TABLE}\n{FORM}"))

    (fact,), (table,), (form,) = bank.facts, bank.tables, bank.forms
    assert fact.sentences[0] == "Work in {city} stopped because of {obstacle}."
    assert fact.questions[0] == ("obstacle", ("Why did work stop?", "cause of the stop"))
    assert fact.questions[2][0] == ""
    assert (table.entity, table.plural, table.heads) == ("test", "tests", ("Test", "Analyte"))
    assert table.columns[0].scale == (0.5, 9.0, 1)
    assert table.columns[0].cells == ("{} mmol/L",)
    assert table.columns[1].cells == ("{date}",)
    assert form.fields[0].labels == ("No.", "Permit no.")
    assert form.fields[2].values == ("a roof", "a shed")
    assert form.fields[3].questions == ("What does it cost?",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Work stopped.\n? reason: Why?", "reason is missing in 'Work stopped.'"),
        ("Work stopped.", "needs a sentence and a question"),
        ("{city} is big.\n? city: Is {city} big?", "the answer stands in"),
        ("{town} is big.\n? town: What is big?", "no kind 'town'"),
        ("@ thing = a {stuff}\n\n{thing} fell.\n? thing: What fell?", "no kind 'stuff'"),
        ("= T\nrow a / b / A: x | y\ncol V: 9..1\ncol W: {date}", "empty range '9..1'"),
        ("= T\nrow a / b / A: x | y\nwidth: 9", "not a column: 'width: 9'"),
        ("= F\nA: {code} ? What?\nB: {code} ? What?", "needs four fields"),
        ("= F\nA: {code}\nB\nC\nD", "not a field: 'A: {code}'"),
    ],
)
def test_what_means_nothing_is_an_error_that_names_it(tmp_path, text, message):
    with pytest.raises(BankError, match=r"bank\.txt") as caught:
        read_bank(_write(tmp_path, text))

    assert message in str(caught.value)


def test_slots_of_one_name_have_one_value_and_numbered_ones_another():
    filler = Filler(Words("fill", "train"), {"colour": ("red", "green", "blue")})

    first, again, other, third = filler.fill("{colour} {colour} {colour2} {colour3}").split()

    assert first == again
    assert len({first, other, third}) == 3


def test_every_kind_of_slot_gives_words():
    words = Words("slots", "held-out")
    for name, make in SLOTS.items():
        assert make(words).strip(), name
