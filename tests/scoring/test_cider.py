"""CIDEr of a corpus."""

import pytest

from monkeycli.errors import UsageError
from monkeycli.scoring import cider as module
from monkeycli.scoring.cider import cider, words

GOLDS = [["a red car on a street", "A car in red."], ["two dogs asleep on a bed"], ["a blue boat"]]


@pytest.mark.parametrize(
    "text, cut",  # as the Java program of papers cuts them
    [
        (
            "A man, riding a horse-drawn cart; isn't it?",
            "a man riding a horse-drawn cart is n't it",
        ),
        ("A man's cart.", "a man 's cart"),
        ("They don't, can't.", "they do n't ca n't"),
        ("Bus on a street in London, England", "bus on a street in london england"),
        ("paint", "paint"),
        ("...", ""),
    ],
)
def test_words(text, cut):
    assert words(text) == cut


def test_a_caption_that_is_its_only_gold_caption_has_the_most():
    scores = cider(["a red car", "two dogs asleep on a bed", ""], GOLDS)

    assert scores[1] == pytest.approx(10)
    assert 0 < scores[0] < 10
    assert scores[2] == 0


def test_case_and_punctuation_change_nothing():
    assert cider(["A RED CAR!", "Dogs.", "boat"], GOLDS) == cider(
        ["a red car", "dogs", "boat"], GOLDS
    )


def test_what_all_gold_captions_say_weighs_nothing():
    golds = [["photo red"], ["photo green"], ["photo blue"]]

    assert cider(["photo", "photo", "blue"], golds)[:2] == [0, 0]
    assert cider(["photo", "photo", "blue"], golds)[2] > 0


def test_the_score_of_a_caption_depends_on_the_others():
    alone = cider(["a red car", "dogs"], GOLDS[:2])[0]

    assert cider(["a red car", "dogs", "boat"], GOLDS)[0] != alone


def test_it_is_the_scorers_own_number():
    """Computed once with pycocoevalcap.cider.cider.Cider from these captions, cut by hand."""
    scores = cider(["a red car on the street", "two dogs", "the blue boat"], GOLDS)

    assert scores == pytest.approx([3.62607894, 2.37631697, 3.29124145])


def test_a_single_caption_scores_nothing():
    assert cider(["a red car"], [["a red car"]]) == [0]


@pytest.mark.parametrize("gold", ["", "...", " "])
def test_gold_captions_without_words_score_nothing(gold):
    assert cider(["a red car", "a dog"], [[gold], [gold]]) == [0, 0]


def test_a_caption_without_gold_captions_is_told():
    with pytest.raises(UsageError, match="a caption has no gold caption"):
        cider(["a red car"], [[]])


def test_what_has_to_be_installed_is_named(monkeypatch):
    monkeypatch.setattr(module, "CiderScorer", None)

    with pytest.raises(UsageError, match=r'needs pycocoevalcap; pip install "monkeycli\[cider\]"'):
        cider(["a red car"], GOLDS[:1])
