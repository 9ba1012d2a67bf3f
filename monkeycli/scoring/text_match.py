"""Metrics that compare a predicted text with one gold text: ANLS, relaxed, contains, exact."""

import math

from rapidfuzz.distance import Levenshtein

THRESHOLD = 0.5
"""An answer of which more than half would have to be changed scores nothing (ANLS)."""

TOLERANCE = 0.05
"""How far a number may be off, as a share of it (relaxed accuracy)."""


def anls(prediction: str, gold: str) -> float:
    """Give the normalized Levenshtein similarity, 0 below a half.

    As the published evaluation of Monkey: other tools collapse inner white space first. It is
    divided by the length of the stripped texts, theirs by that of the raw ones.

    >>> anls("$1,234", "$1,234.00")
    0.6666666666666667
    >>> anls("cash", "total")  # less than half of it is right
    0.0
    """
    one, two = prediction.strip().lower(), gold.strip().lower()
    similarity = Levenshtein.normalized_similarity(one, two)
    return similarity if similarity >= THRESHOLD else 0.0


def relaxed(prediction: str, gold: str) -> float:
    """Give 1 if two numbers differ by at most 5 % of the gold one, or two texts only by case.

    >>> relaxed("95", "100"), relaxed("105.2", "100")
    (1.0, 0.0)
    >>> relaxed("12.4%", "0.12")
    1.0
    """
    return _relaxed(prediction, gold, of=gold)


def relaxed_qwen(prediction: str, gold: str) -> float:
    """Give the same, with 5 % of the prediction: the order of arguments in published evaluations.

    >>> relaxed_qwen("95", "100"), relaxed_qwen("105.2", "100")
    (0.0, 1.0)
    """
    return _relaxed(prediction, gold, of=prediction)


def contains(prediction: str, gold: str) -> float:
    """Give 1 if the gold text stands in the prediction, lower-cased and without full stops.

    The published code takes the full stops out of the prediction alone, so that a gold "3.5" can
    never be right; here they are taken out of both.

    >>> contains("The total is $3.50.", "$3.50")
    1.0
    """
    found, right = _without_stops(prediction), _without_stops(gold)
    return float(right in found if right else found == right)


def exact(prediction: str, gold: str) -> float:
    """Give 1 if the texts are equal but for case and white space.

    >>> exact(" Net  30", "net 30"), exact("net 30 days", "net 30")
    (1.0, 0.0)
    """
    return float(prediction.lower().split() == gold.lower().split())


def _relaxed(prediction: str, gold: str, *, of: str) -> float:
    found, right, whole = _number(prediction), _number(gold), _number(of)
    if found is None or right is None or not whole:  # 5 % of 0 is nothing: it has to be equal
        return float(prediction.strip().lower() == gold.strip().lower())
    return float(abs(found - right) / abs(whole) <= TOLERANCE)


def _number(text: str) -> float | None:
    """Read a number, or a percentage as a share; None if it is neither, or not finite."""
    text = text.strip()
    share = text.endswith("%")
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return number / 100 if share else number


def _without_stops(text: str) -> str:
    return text.strip().lower().replace(".", "")
