"""CIDEr-D by its authors' own scorer, without the Java program that cuts texts into words there.

pycocoevalcap is not among our dependencies: 100 MB of Java programs come with it, for other
metrics. `pip install "monkeycli[cider]"` brings it.
"""

import re
from collections.abc import Sequence
from importlib.util import find_spec

from monkeycli.errors import UsageError

if find_spec("pycocoevalcap"):
    from pycocoevalcap.cider.cider_scorer import CiderScorer
else:
    CiderScorer = None

MOST = 10.0
"""Of a caption that is its only gold caption; people reach about 1."""

_WORD = re.compile(r"n't\b|\w+?(?=n't\b)|\w+(?:-\w+)*|'\w+")


def cider(predictions: Sequence[str], golds: Sequence[Sequence[str]]) -> list[float]:
    """Give the CIDEr-D of each caption; their mean is that of the corpus.

    A single caption scores 0, whatever it says: every n-gram is in all gold captions then, and so
    weighs nothing.

    Args:
        predictions: a caption each; empty where there is none.
        golds: the gold captions of each.

    Raises:
        UsageError: pycocoevalcap is not installed, or a caption has no gold caption.
    """
    if CiderScorer is None:
        raise UsageError("cider needs pycocoevalcap", 'pip install "monkeycli[cider]"')
    if not all(golds):
        raise UsageError("cider: a caption has no gold caption")
    scorer = CiderScorer()
    for prediction, refs in zip(predictions, golds, strict=True):
        scorer += (words(prediction), [words(ref) for ref in refs])
    if not any(scorer.crefs[at][0] for at in range(len(golds))):
        return [0.0] * len(golds)  # gold captions without a word
    return [min(float(score), MOST) for score in scorer.compute_score()[1]]


def words(text: str) -> str:
    """Cut a text into words, lower-cased and without punctuation.

    About as the Java program does it that papers use; that one writes brackets as `-lrb-`.

    >>> words("A man's well-known dog, isn't asleep.")
    "a man 's well-known dog is n't asleep"
    """
    return " ".join(_WORD.findall(text.lower()))
