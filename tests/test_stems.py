"""Words count by their stems, and common ones of questions not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.stems import asked_stems, stem, stems_of


@pytest.mark.parametrize(
    "words",
    [
        ("date", "dates", "dated", "dating"),
        ("company", "companies"),
        ("tax", "taxes", "taxed"),
        ("pay", "pays", "payed"),
        ("issue", "issued", "issuing"),
        ("transfer", "transfers", "transferred"),
        ("bill", "bills", "billed", "billing"),
        ("address", "addresses", "addressed"),
    ],
)
def test_words_of_one_kin_have_one_stem(words):
    assert len({stem(word) for word in words}) == 1


@pytest.mark.parametrize("word", ["is", "bus", "tie", "12", "red", "yes", "1133", "all"])
def test_short_words_stay_whole(word):
    assert stem(word) == word


@given(st.text(max_size=40))
def test_case_and_signs_do_not_count(text):
    assert stems_of(f"({text})!") == stems_of(text)
    assert asked_stems(text) <= stems_of(text)
    assert stems_of("TOTAL, net; Total") == {"total", "net"}


def test_what_says_nothing_of_what_is_asked_for_is_left_out():
    assert asked_stems("What is the name of this document, please?") == set()
    assert asked_stems("When were the goods sold?") == {"good", "sold"}
