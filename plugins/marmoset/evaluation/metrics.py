"""How right an answer is: ANLS and exact match against the accepted spellings."""

from collections.abc import Sequence

THRESHOLD = 0.5
"""An answer more than half of which would have to be changed scores nothing."""


def normalize(text: str) -> str:
    """Lower case, with single spaces.

    >>> normalize("  Net  30 days ")
    'net 30 days'
    """
    return " ".join(text.lower().split())


def distance(one: str, two: str) -> int:
    """Characters to insert, delete or replace to get from one text to the other.

    >>> distance("kitten", "sitting")
    3
    """
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def anls(answer: str | None, accepted: Sequence[str]) -> float:
    """Average normalized Levenshtein similarity, with the closest accepted spelling.

    0 below a half.

    >>> anls("$1,234", ["$1,234.00", "1,234"])
    0.8333333333333334
    >>> anls(None, ["1"])
    0.0
    """
    if answer is None:
        return 0.0
    found = normalize(answer)
    best = 0.0
    for text in map(normalize, accepted):
        longest = max(len(found), len(text))
        best = max(best, 1 - distance(found, text) / longest if longest else 1.0)
    return best if best >= THRESHOLD else 0.0


def exact(answer: str | None, accepted: Sequence[str]) -> bool:
    """Whether the answer is one of the accepted spellings, up to case and spaces."""
    return answer is not None and normalize(answer) in map(normalize, accepted)
