"""The VQA score: how many of ten people gave the answer, after the official normalization.

Antol et al., "VQA: Visual Question Answering" (2015), and the evaluation published with it. That
evaluation leaves texts alone if all ten people gave the same one; here they are normalized always.
"""

import re
from collections.abc import Sequence
from itertools import product

ENOUGH = 3
"""So many other people have to agree for an answer to be right."""

_PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
_ARTICLES = {"a", "an", "the"}
_WORDS = "zero one two three four five six seven eight nine ten".split()  # noqa: SIM905
_NUMBERS = {"none": "0"} | {word: str(number) for number, word in enumerate(_WORDS)}
_CONTRACTIONS = """
    ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't
    haven't he'd he'd've he's how'd how'll how's i'd've i'm i've isn't it'd it'd've it'll let's
    ma'am might've mightn't mightn't've must've mustn't needn't not've o'clock oughtn't 'ow's'at
    shan't she'd've she's should've shouldn't shouldn't've somebody'd somebody'd've somebody'll
    somebody's someone'd someone'd've someone'll someone's something'd something'd've something'll
    that's there'd there'd've there're there's they'd they'd've they'll they're they've 'twas
    wasn't we'd we'd've we've weren't what'll what're what's what've when's where'd where's
    where've who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't
    wouldn't've y'all y'all'd've y'all'll you'd you'd've you'll you're you've
"""


def vqa(prediction: str, golds: Sequence[str]) -> float:
    """Give the mean, over the people, of min(1, other people who said the same / 3).

    Args:
        prediction: the answer.
        golds: one for each person, ten as a rule. With fewer than four it cannot reach 1.

    >>> vqa("2", ["two"] * 4 + ["three"] * 6)
    1.0
    >>> round(vqa("2", ["two"] * 2 + ["three"] * 8), 2)  # one of the two is always left out
    0.6
    """
    found = normalize(prediction)
    same = [normalize(gold) == found for gold in golds]
    return sum(min(1.0, (sum(same) - one) / ENOUGH) for one in same) / len(same) if same else 0.0


def normalize(text: str) -> str:
    """Normalize an answer: no punctuation, no articles, number words as digits, contractions.

    >>> normalize("The two dogs, dont bark!")
    "2 dogs don't bark"
    >>> normalize("1,234.5 m")
    '1234.5 m'
    """
    text = " ".join(text.split())
    between_digits = re.search(r"\d,\d", text) is not None
    plain = text
    for mark in _PUNCTUATION:
        touches_space = f"{mark} " in text or f" {mark}" in text
        plain = plain.replace(mark, "" if touches_space or between_digits else " ")
    plain = re.sub(r"\.(?!\d)", "", plain)
    words = (_NUMBERS.get(word, word) for word in plain.lower().split())
    return " ".join(_SPELLED.get(word, word) for word in words if word not in _ARTICLES)


def _misspellings(word: str) -> list[str]:
    """Give a contraction with none, some or all of its apostrophes left out."""
    first, *rest = word.split("'")
    ways = product(("'", ""), repeat=len(rest))
    return [
        first + "".join(mark + part for mark, part in zip(way, rest, strict=True)) for way in ways
    ]


_SPELLED = {wrong: word for word in _CONTRACTIONS.split() for wrong in _misspellings(word)}
