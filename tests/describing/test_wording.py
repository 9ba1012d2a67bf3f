"""Numbers, lists and sentences in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.describing.wording import (
    end_sentence,
    list_words,
    quote,
    spell_count,
    spell_number,
    split_sentences,
)


@pytest.mark.parametrize(
    "number, words",
    [
        (0, "no"),
        (1, "one"),
        (13, "thirteen"),
        (20, "twenty"),
        (99, "ninety-nine"),
        (100, "one hundred"),
        (215, "two hundred and fifteen"),
        (1000, "many hundreds"),
    ],
)
def test_numbers_in_words(number, words):
    assert spell_number(number) == words


@given(st.integers(0, 999), st.integers(0, 999))
def test_two_numbers_never_read_alike(one, other):
    assert (spell_number(one) == spell_number(other)) == (one == other)
    assert not any(map(str.isdigit, spell_number(one)))


def test_one_thing_is_not_many():
    assert [spell_count(n, "ox", "oxen") for n in (0, 1, 2)] == ["no oxen", "one ox", "two oxen"]


def test_lists():
    assert [list_words(["a", "b", "c"][:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    "text, number",
    [("", 0), ("No end", 1), ("A 3.5 b. C!", 2), ('He said "no." Then?', 2), ("...", 1)],
)
def test_sentences_are_counted(text, number):
    assert len(split_sentences(text)) == number


@given(st.text(max_size=60))
def test_sentences_lose_no_letter(text):
    joined = "".join(split_sentences(text))

    assert "".join(joined.split()) == "".join(text.split())


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_a_quotation_has_two_marks(text):
    assert quote(text).count('"') == 2


def test_a_sentence_gets_its_end_once():
    assert [end_sentence(text) for text in ("a dog", "A dog.", "really?", "so,", "")] == [
        *("A dog.", "A dog.", "Really?", "So.", "")
    ]
