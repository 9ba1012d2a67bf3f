"""A run of characters becomes embeddings of the tokens it is spelled of."""

import pytest
import torch

from monkeycli.model.lexicon import LINE_BREAK, Lexicon, tokens_of

BLANK, SPACE, A, B, C = range(5)
TOKENS = {
    "break": ([LINE_BREAK], False),
    "space": ([SPACE], False),
    "a": ([A], False),
    "ab": ([A, B], False),
    "b": ([B], False),
    "c": ([C], False),
    " a": ([A], True),
    " ab": ([A, B], True),
    "unreadable": ([], False),
}
NAMES = list(TOKENS)


@pytest.fixture
def lexicon():
    lexicon = Lexicon(len(TOKENS))
    for number, (letters, is_spaced) in enumerate(TOKENS.values()):
        lexicon.spellings[number, : len(letters)] = torch.tensor(letters, dtype=torch.uint8)
        lexicon.is_spaced[number] = is_spaced
    return lexicon


def _read(lexicon, classes, *, meant="unreadable", starts=()):
    """Tokens by name; every place means the same one."""
    table = 3 * torch.eye(len(TOKENS))
    classes = torch.eye(5)[classes] if isinstance(classes, list) else classes
    directions = table[NAMES.index(meant)].expand(len(classes), -1) / 3
    begins = torch.tensor([place in starts for place in range(len(classes))])
    features = lexicon(classes, directions, begins, table, torch.tensor([20.0]))
    return [NAMES[number] for number in features.argmax(dim=-1)], features


@pytest.mark.parametrize(
    "classes, tokens",
    [
        ([A, B, C], ["ab", "c"]),
        ([A, C], ["a", "c"]),
        ([C, SPACE, A, B], ["c", " ab"]),
        ([C, BLANK, A, B], ["c", "break", "ab"]),
        ([C, SPACE, C], ["c", "c"]),
        ([], []),
    ],
)
def test_the_longest_token_that_fits_is_taken(lexicon, classes, tokens):
    assert _read(lexicon, torch.eye(5)[classes])[0] == tokens


def test_what_the_speller_means_counts(lexicon):
    assert _read(lexicon, [A, B], meant="a")[0] == ["a", "b"]


def test_a_token_reaches_no_further_than_its_word(lexicon):
    assert _read(lexicon, [A, SPACE, B], meant="ab")[0] == ["a", "b"]


def test_a_space_is_a_token_where_the_speller_says_so(lexicon):
    assert _read(lexicon, [C, SPACE, A, B], starts=[1])[0] == ["c", "space", "ab"]


def test_an_unclear_letter_is_weighed(lexicon):
    classes = torch.eye(5)[[A, B]]
    classes[0] = torch.tensor([0, 0, 0.4, 0, 0.6])  # rather c than a

    assert _read(lexicon, classes, meant="c")[0] == ["c", "b"]
    assert _read(lexicon, classes, meant="ab")[0] == ["ab"]


def test_features_are_embeddings_and_learn_from_the_letters(lexicon):
    classes = torch.eye(5)[[A, B]].mul(0.9).add(0.02).requires_grad_()
    _, features = _read(lexicon, classes)
    features[:, NAMES.index("ab")].sum().backward()

    assert features.detach()[0].tolist() == (3 * torch.eye(len(TOKENS)))[NAMES.index("ab")].tolist()
    assert classes.grad.abs().sum() > 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_embeddings_tell_their_tokens(dtype):
    table = torch.randn(500, 12, generator=torch.Generator().manual_seed(0)).to(dtype)
    tokens = torch.tensor([7, 499, 0, 7, 3])

    assert tokens_of(table[tokens], table).tolist() == tokens.tolist()
    assert tokens_of(table[:0], table).tolist() == []
