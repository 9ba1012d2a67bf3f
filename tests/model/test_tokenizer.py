"""A tokenizer is built from its ranks; special tokens follow them and are never parsed."""

import base64

import pytest

from monkeycli.errors import ModelError
from monkeycli.model.tokenizer import END_OF_TEXT, SPECIAL_TOKENS, build_tokenizer, read_ranks

WORDS = [b"th", b"he", b"the", b" the", b"12", "\u00e9".encode(), b"xy", b"yz"]
"""Longer tokens, by rank; the bytes come before them."""


def _write(path, tokens):
    lines = [b"%s %d" % (base64.b64encode(token), rank) for rank, token in enumerate(tokens)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


@pytest.fixture
def path(tmp_path):
    return _write(tmp_path / "small.tiktoken", [*(bytes([n]) for n in range(256)), *WORDS])


@pytest.fixture
def tokenizer(path):
    return build_tokenizer(path)


def _tokens(tokenizer, text):
    return [tokenizer.decode([token]) for token in tokenizer.encode(text)]


def test_ranks_are_read(path):
    ranks = read_ranks(path)

    assert ranks[b"\n"] == 10
    assert ranks[b"the"] == 258
    assert len(ranks) == 256 + len(WORDS)


def test_special_tokens_follow_the_last_rank(tokenizer):
    first = 256 + len(WORDS)

    ids = tokenizer.convert_tokens_to_ids(list(SPECIAL_TOKENS))
    assert ids == list(range(first, first + 217))
    assert tokenizer.eos_token_id == tokenizer.pad_token_id == first
    assert tokenizer.padding_side == "left"


@pytest.mark.parametrize(
    "text, tokens",
    [
        ("the", ["the"]),
        ("thhe", ["th", "he"]),
        ("hthe", ["h", "the"]),
        ("xyz", ["xy", "z"]),
        (" the the", [" the", " the"]),
        ("12", ["1", "2"]),  # digits stand alone, whatever may be merged
        ("e\u0301", ["\u00e9"]),  # NFC
        ("", []),
    ],
)
def test_bytes_are_merged_by_rank_within_words(tokenizer, text, tokens):
    assert _tokens(tokenizer, text) == tokens


@pytest.mark.parametrize("text", ["the \u732b\n\n  \U0001f642 12", " ", "\x00", "a\r\nb"])
def test_text_reads_back(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("name", [END_OF_TEXT, "<img>", "<imgpad>", "<|im_end|>", "<|extra_7|>"])
def test_special_tokens_are_not_parsed(tokenizer, name):
    ids = tokenizer.encode(f"a{name}b")

    assert max(ids) < tokenizer.eos_token_id
    assert tokenizer.decode(ids, skip_special_tokens=True) == f"a{name}b"


def test_tokenizer_comes_back_from_the_disk(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path / "saved")
    loaded = type(tokenizer).from_pretrained(tmp_path / "saved", local_files_only=True)
    text = "the 12 <img>"

    assert loaded.encode(text) == tokenizer.encode(text)
    assert loaded.padding_side == "left"


@pytest.mark.parametrize(
    "content, complaint",
    [
        (b"QQ== 0\nnonsense\n", r"small\.tiktoken:2: not a base64 token and its rank"),
        (b"QQ== zero\n", ":1: not a base64"),
        (b"Q 0\n", ":1: not a base64"),
        (b"QQ== 0 0\n", ":1: not a base64"),
        (b"QQ== 0\n\nQg== 1\n", ":2: not a base64"),
        (b"\xff\xfe\x00 0\n", ":1: not a base64"),
        (b"QQ== 1\n", "ranks do not run from 0 to 0"),
        (b"QQ== 0\nQg== 2\n", "ranks do not run from 0 to 1"),
        (b"QQ== 0\nQQ== 1\n", "ranks do not run"),
        (b"QQ== -1\n", "ranks do not run"),
        (b"", "256 of 256 bytes"),
    ],
)
def test_broken_file_is_named_with_its_line(tmp_path, content, complaint):
    path = tmp_path / "small.tiktoken"
    path.write_bytes(content)

    with pytest.raises(ModelError, match=complaint):
        build_tokenizer(path)


def test_file_without_all_bytes_is_refused(tmp_path):
    """It could not spell every text."""
    path = _write(tmp_path / "small.tiktoken", [b"a", b"b"])

    with pytest.raises(ModelError, match="254 of 256 bytes are no tokens"):
        build_tokenizer(path)
