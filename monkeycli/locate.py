"""Where on a page an answer stands: the boxes of its words. Pure arithmetic: no model, no image.

Words are compared without regard to case and to the punctuation around them; a word broken at the
end of a line is one word. An answer that is no run of whole words may be part of some: `80.91` of
`RM80.91`, but never `80` of `80.91`. Of several places that one counts which is nearest to the
question's words; in a table the same row, or the same column, is near. Without any, the first.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from monkeycli.document import PlacedWord
from monkeycli.reading.layout import WIDE_SCRIPT

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in thousandths of the page's width and height."""

STEEPNESS = 4
"""Lines follow each other so many times as closely as columns do."""

MIN_PART = 3
"""Characters of an answer that may begin or end between a letter and a digit, at least."""

_JUDGEMENTS = (["yes"], ["no"])
"""Answers that are not read off a page, though their word may stand there (`Invoice No`)."""

_COUNTING = re.compile(r"\b(how many|number of|count)\b")
"""Questions whose answer may be counted rather than read."""

_SMALL_WORDS = {
    *("a", "an", "and", "are", "as", "at", "by", "do", "does", "for", "from", "has", "have", "how"),
    *("in", "is", "it", "of", "on", "or", "that", "the", "there", "this", "to", "was", "were"),
    *("what", "when", "where", "which", "who", "whose", "with"),
}
"""Words of a question that say nothing about where its answer stands."""

_MAX_PLACES = 200
"""Places of an answer that are weighed; later ones are not."""

_MAX_ANCHORS = 20
"""A word of the question that the page has more often says nothing about where the answer is."""

_HYPHEN = "-\u00ad\u2010"

_INNER_HYPHEN = re.compile(rf"(?<=[^\W\d_])[{_HYPHEN}](?=[^\W\d_])")
"""Between two letters."""

_BROKEN = re.compile(rf"[^\W\d_][{_HYPHEN}]$")
"""The end of a word that may go on in the next line."""

_Token = tuple[str, int, int]
"""A word as it is compared, and the places of the first and last placed word it is made of."""

_Run = tuple[int, int]
"""The places of the first and last of the placed words that an answer is made of."""


def locate_answer(
    answer: str, words: Sequence[PlacedWord], *, question: str = ""
) -> tuple[Box, ...] | None:
    """Find an answer on its page.

    Args:
        answer: as the model wrote it.
        words: of the page, in reading order.
        question: that was asked, to choose among several places.

    Returns:
        A box for each line that the answer takes up, in reading order; None if it stands nowhere
        or is none to be read off the page: a yes or no, a count.

    >>> page = [PlacedWord("Total:", 0, 100, 50, 180, 70), PlacedWord("$9.50", 0, 400, 50, 460, 70)]
    >>> locate_answer("9.50", page), locate_answer("9", page)
    (((400, 50, 460, 70),), None)
    """
    wanted, tokens = _split(answer), _to_tokens(words)
    if not wanted or wanted in _JUDGEMENTS:
        return None
    runs = (
        _find_runs(tokens, wanted)
        or _find_runs(_mend_tokens(words), _split(_INNER_HYPHEN.sub("", answer)))
        or _find_parts(tokens, wanted)
    )
    anchors = _find_anchors(tokens, {*_split(question)} - {*wanted} - _SMALL_WORDS)
    if _may_be_counted(answer, question):
        labelled = {words[place].line for found in anchors for place in found}
        runs = [run for run in runs if words[run[0]].line in labelled]
    if not runs:
        return None
    first, last = min(runs[:_MAX_PLACES], key=lambda run: _distance(words, run, anchors))
    return _boxes_of(words[first : last + 1])


def _split(text: str) -> list[str]:
    """Give the words of a text as they are compared.

    >>> _split("The TOTAL: ($4,821,300.)")
    ['the', 'total', '4,821,300']
    """
    parts = unicodedata.normalize("NFKC", text).casefold().split()
    return [key for key in map(_strip, parts) if key]


def _strip(part: str) -> str:
    """Take off what is neither letter nor digit at both ends."""
    kept = [place for place, char in enumerate(part) if char.isalnum()]
    return part[kept[0] : kept[-1] + 1] if kept else ""


def _to_tokens(words: Iterable[PlacedWord]) -> list[_Token]:
    return [(key, place, place) for place, word in enumerate(words) for key in _split(word.text)]


def _mend_tokens(words: Sequence[PlacedWord]) -> list[_Token]:
    """Give tokens without hyphens between letters, words broken at the end of a line made whole."""
    tokens: list[_Token] = []
    broken: PlacedWord | None = None
    for place, word in enumerate(words):
        begun, first = (broken.text[:-1], place - 1) if broken else ("", place)
        is_last = place + 1 < len(words) and words[place + 1].line != word.line
        broken = word if is_last and not broken and _BROKEN.search(word.text) else None
        if not broken:
            text = _INNER_HYPHEN.sub("", begun + word.text)
            tokens += [(key, first, place) for key in _split(text)]
    return tokens


def _find_runs(tokens: Sequence[_Token], wanted: Sequence[str]) -> list[_Run]:
    """Find where the wanted words follow each other."""
    keys, wanted, num = [token[0] for token in tokens], list(wanted), len(wanted)
    return [
        (tokens[start][1], tokens[start + num - 1][2])
        for start in range(len(keys) - num + 1)
        if keys[start] == wanted[0] and keys[start : start + num] == wanted
    ]


def _find_parts(tokens: Sequence[_Token], wanted: Sequence[str]) -> list[_Run]:
    """Find where the wanted words begin and end within a word."""
    if len(wanted) == 1:
        return [(first, last) for key, first, last in tokens if _holds(key, wanted[0])]
    head, *inner, tail = wanted
    runs = []
    for start in range(len(tokens) - len(wanted) + 1):
        stop = start + len(wanted) - 1
        (before, first, _), (after, _, last) = tokens[start], tokens[stop]
        if (
            before.endswith(head)
            and after.startswith(tail)
            and [token[0] for token in tokens[start + 1 : stop]] == inner
            and _is_edge(before, len(before) - len(head), len(head))
            and _is_edge(after, len(tail), len(tail))
        ):
            runs.append((first, last))
    return runs


def _holds(key: str, part: str) -> bool:
    """Whether a part of a word stands for itself.

    >>> [_holds(key, "80.91") for key in ("rm80.91", "total:80.91", "180.91", "80.91.2")]
    [True, True, False, False]
    """
    start = key.find(part)
    while start >= 0:
        if _is_edge(key, start, len(part)) and _is_edge(key, start + len(part), len(part)):
            return True
        start = key.find(part, start + 1)
    return False


def _is_edge(key: str, place: int, length: int) -> bool:
    """Whether a part of a word, of so many characters, may begin or end at a place within it."""
    if place in (0, len(key)):
        return True
    before, after = key[place - 1], key[place]
    if before.isalnum() and after.isalnum():
        is_turn = before.isdigit() != after.isdigit()
        return bool(WIDE_SCRIPT.search(before + after)) or (is_turn and length >= MIN_PART)
    mark = place if before.isalnum() else place - 1
    is_in_number = key[mark - 1].isdigit() and key[mark + 1].isdigit()
    return not is_in_number or (key[mark] not in ".,'" and length >= MIN_PART)


def _find_anchors(tokens: Iterable[_Token], asked: set[str]) -> list[list[int]]:
    """Give, for each word of the question that the page has, the places where it stands."""
    found: dict[str, list[int]] = defaultdict(list)
    for key, place, _ in tokens:
        if key in asked:
            found[key].append(place)
    return [places for places in found.values() if len(places) <= _MAX_ANCHORS]


def _may_be_counted(answer: str, question: str) -> bool:
    """Whether an answer may be the model's own count; then only a labelled number is believed."""
    number = answer.strip().rstrip(".")
    return number.isdecimal() and len(number) <= 2 and bool(_COUNTING.search(question.casefold()))


def _distance(words: Sequence[PlacedWord], run: _Run, anchors: Iterable[Sequence[int]]) -> float:
    """Give how far an answer is from the question's words, the rarer of them counting more."""
    first, last = run
    line = words[first].line
    box = _enclose([word for word in words[first : last + 1] if word.line == line])
    return sum(
        min(
            _gap(box, words[place], is_same_line=words[place].line == line) * (1 + (place > last))
            for place in places
        )
        / len(places)
        for places in anchors
    )


def _gap(box: Box, anchor: PlacedWord, *, is_same_line: bool) -> float:
    """Give how far a word is from an answer: in the same row or column, nearly nothing."""
    left, top, right, bottom = box
    across = max(anchor.left - right, left - anchor.right, 0)
    apart = 0.0 if is_same_line else abs(anchor.top + anchor.bottom - top - bottom) / 2
    down = STEEPNESS * apart
    return min(across, down) + (across + down) / 8


def _boxes_of(words: Iterable[PlacedWord]) -> tuple[Box, ...]:
    """Give a box for each line of words that follow each other."""
    return tuple(_enclose(list(line)) for _, line in groupby(words, key=lambda word: word.line))


def _enclose(words: Sequence[PlacedWord]) -> Box:
    return (
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
    )
