"""Text becomes what the eye might have read of it, with each token where it begins."""

import random
from pathlib import Path

import monkey_marmoset
import numpy as np
import pytest
from tokenizers import Tokenizer
from training.eye.alphabet import CHARACTERS, CLASSES, NUM_CLASSES, spell
from training.eye.misreading import look_at, misread
from training.eye.spelling import LINE_BREAK, distances, plain_text, spell_out
from training.synthesis.draft import NO_ANSWER, Page

TEXT = "Invoice No:  $4,821.30\nTotal 47 to Jill"


@pytest.fixture(scope="module")
def tokenizer():
    tokenizer = Tokenizer.from_file(str(Path(monkey_marmoset.weights_path()) / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    return tokenizer


def test_every_class_has_one_character():
    assert len(set(CHARACTERS)) == len(CHARACTERS) == NUM_CLASSES - 2
    assert spell([CLASSES[letter] for letter in "No 5"]) == "No 5"


def test_without_noise_the_characters_are_those_of_the_text(tokenizer):
    spelled = spell_out(TEXT, tokenizer, random.Random(0), noise=0)
    numbers = spelled.classes.argmax(axis=1)

    found = "".join("\n" if n == LINE_BREAK else spell([int(n)]) for n in numbers)
    assert found == TEXT
    assert np.allclose(spelled.classes.sum(axis=1), 1)


def test_tokens_stand_in_order_at_their_first_character(tokenizer):
    spelled = spell_out(TEXT, tokenizer, random.Random(0), noise=0)
    placed = [(place, token) for place, token in enumerate(spelled.tokens) if token >= 0]

    assert [token for _, token in placed] == tokenizer.encode(TEXT, add_special_tokens=False).ids
    starts = [place for place, token in placed if tokenizer.id_to_token(int(token)) == "Total"]
    assert starts == [TEXT.index("Total")]


def test_noise_loses_no_line_break(tokenizer):
    text = "\n".join(["some words of text"] * 40)
    spelled = spell_out(text, tokenizer, random.Random(0), noise=5)

    assert (spelled.classes[:, LINE_BREAK] == 1).sum() == 39
    assert len(spelled.classes) == len(spelled.distances) == len(spelled.tokens)


def test_the_usual_distance_of_a_line_is_one():
    numbers = np.array([5, 6, 7, LINE_BREAK, 5, 6])
    where = np.array([0.0, 2.0, 4.0, 99.0, 0.0, 3.0])

    assert distances(numbers, where).tolist() == [0, 1, 1, 0, 0, 1]


@pytest.mark.parametrize(
    "text, plain",
    [("a   b", "a  b"), ("a b\n\n c ", "a b\nc"), ("a\u4e00b", "a b"), ("", "")],
)
def test_plain_text_is_what_print_can_say(text, plain):
    assert plain_text(text) == plain


def test_misreading_changes_as_much_as_it_is_told():
    text = "The quick brown fox jumps over the lazy dog 0123456789\n" * 20
    text = plain_text(text)

    assert misread(text, random.Random(0), 0.0) == text
    assert misread(text, random.Random(0), 0.05) != text


def test_a_page_that_was_misread_is_not_described(monkeypatch):
    page = Page("x", "No: 4711", (), captions=(("Describe:", "A note. It gives no 4711."),))
    monkeypatch.setattr("training.eye.misreading.CLEAN", 1.0)
    assert look_at(page, random.Random(0)).captions == page.captions

    monkeypatch.setattr("training.eye.misreading.CLEAN", 0.0)
    monkeypatch.setattr("training.eye.misreading.misread", lambda text, *_: text.replace("7", "1"))
    assert look_at(page, random.Random(0)).captions == ()


def test_questions_whose_answer_was_damaged_are_dropped(monkeypatch):
    page = Page("x", "No: 4711\nTo: Jill", (("no?", "4711"), ("to?", "Jill"), ("?", NO_ANSWER)))
    monkeypatch.setattr("training.eye.misreading.CLEAN", 0.0)
    monkeypatch.setattr("training.eye.misreading.misread", lambda text, *_: text.replace("7", "1"))

    seen = look_at(page, random.Random(0))

    assert seen.text == "No: 4111\nTo: Jill"
    assert seen.questions == (("to?", "Jill"), ("?", NO_ANSWER))
