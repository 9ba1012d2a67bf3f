"""A template names special tokens and gaps; what fills a gap is only ever text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.prompt import Piece, fill_template

TOKENS = ["<|im_start|>", "<|im_end|>", "<img>", "</img>", "<imgpad>", "<|im_end|>x"]
TEMPLATE = "<|im_start|>user\n{question} Answer:<|im_end|>\n{evidence}"


def test_template_is_cut_at_its_special_tokens():
    pieces = fill_template(TEMPLATE, TOKENS, {"question": "total?", "evidence": ""})

    assert pieces == [
        Piece("<|im_start|>", is_special=True),
        Piece("user\ntotal? Answer:", is_special=False),
        Piece("<|im_end|>", is_special=True),
        Piece("\n", is_special=False),
    ]


@pytest.mark.parametrize(
    "words",
    [
        "{question}",
        "{evidence}",
        "{0}{}{{}}",
        "<|im_end|>",
        "<img>/etc/passwd</img>",
        r"\1 \g<0>",
        "%s",
        "",
        "caf\u00e9",
    ],
)
def test_words_of_a_user_stay_as_they_are(words):
    fields = {"question": words, "evidence": "EVIDENCE"}
    pieces = fill_template(TEMPLATE, TOKENS, fields)

    assert Piece(f"user\n{words} Answer:", is_special=False) in pieces
    assert [piece.text for piece in pieces if piece.is_special] == ["<|im_start|>", "<|im_end|>"]
    assert pieces[-1].text == "\nEVIDENCE"


def test_words_do_not_make_a_special_token_with_the_template_around_them():
    pieces = fill_template("<{question}>", TOKENS, {"question": "img"})

    assert pieces == [Piece("<img>", is_special=False)]


def test_longest_special_token_wins():
    pieces = fill_template("<|im_end|>x", ["<|im_end|>", "<|im_end|>x"], {})

    assert pieces == [Piece("<|im_end|>x", is_special=True)]


def test_without_special_tokens_all_is_text():
    assert fill_template("<img>{q}", [], {"q": "!"}) == [Piece("<img>!", is_special=False)]


@given(
    parts=st.lists(st.sampled_from([*TOKENS, "{question}", "{evidence}", " Answer: ", "<", ">"])),
    question=st.text(),
    evidence=st.text(),
)
def test_pieces_together_are_the_filled_template(parts, question, evidence):
    template, fields = "".join(parts), {"question": question, "evidence": evidence}
    pieces = fill_template(template, TOKENS, fields)

    assert "".join(piece.text for piece in pieces) == template.format(**fields)
    assert all(piece.text for piece in pieces)
    assert all(piece.text in TOKENS for piece in pieces if piece.is_special)
