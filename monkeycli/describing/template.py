"""Evidence to a description by rule: no model, the same words every time, nothing made up.

At most five sentences: what the image is, the caption that came with it, what it shows and where,
how the two largest things lie to each other, and the text that stands in it. Positions are words,
counts are spelled, texts are quoted.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from monkeycli.describing.checks import MAX_SENTENCES
from monkeycli.describing.evidence import Evidence
from monkeycli.describing.overlap import Box, area
from monkeycli.describing.pairs import names_value
from monkeycli.describing.places import place_in_words, relate
from monkeycli.describing.wording import (
    end_sentence,
    list_words,
    quote,
    spell_count,
    split_sentences,
)

MAX_QUOTES = 10
"""Lines of text that are quoted; of more, headings are, and words with figures."""

HEADING = 1.3
"""A line so many times as high as most is a heading."""

MAX_THINGS = 8
"""Things that are named; of more, the largest are."""

_CLAUSE = re.compile(r"\b(is|are|was|were|has|have)\b")
"""A caption with one of these says something by itself, and cannot follow `shows`."""

_ARTICLE = re.compile(r"(?:an?|the|one) (?=\w)", re.IGNORECASE)
_OPENING = re.compile(r"(?:An?|The|One|Two|Three|Some|Several|Many) ")


@dataclass(frozen=True)
class _Thing:
    """What regions and cut-outs show, said once however often it is there."""

    caption: str
    boxes: tuple[Box, ...]

    @property
    def size(self) -> float:
        return sum(map(area, self.boxes))

    @property
    def places(self) -> str:
        named = list(dict.fromkeys(filter(None, map(place_in_words, self.boxes))))
        return list_words(named) if named else ""


@dataclass(frozen=True)
class _Row:
    """Text that stands at one height."""

    text: str
    box: Box

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


def fuse_template(evidence: Sequence[Evidence]) -> str:
    """Write a description.

    Args:
        evidence: what was kept, texts in reading order.

    Returns:
        The description; empty if there is no evidence.

    >>> dog = Evidence("region", "a brown dog", (0.0, 0.4, 0.3, 0.9))
    >>> sign = Evidence("text", "No dogs!", (0.7, 0.0, 0.9, 0.1))
    >>> print(fuse_template([dog, sign]))
    The image shows a brown dog on the left. At the top right it reads "No dogs!".
    """
    things = _group_things(evidence)
    captions = [item.text for item in evidence if item.kind == "global"]
    opening = [end_sentence(text) for caption in captions for text in split_sentences(caption)]
    texts = [item for item in evidence if item.kind == "text"]
    sources = [item.text for item in evidence if item.kind == "source"]
    subject = "It" if opening else "The image"
    # In the order of the description, each with its rank where there is room for five only.
    ranked = [
        *((rank, text) for rank, text in zip((0, 6, 7, 8, 9), opening, strict=False)),
        (3, f"The caption that came with it reads {quote(sources[0])}." if sources else ""),
        (1, _name_things(things, subject)),
        (4, _say_clauses(things)),
        (5, _relate_things(things)),
        (2, _quote_texts(texts, is_alone=not (opening or things or sources))),
    ]
    said = [(rank, place, text) for place, (rank, text) in enumerate(ranked) if text]
    return " ".join(text for _, _, text in sorted(sorted(said)[:MAX_SENTENCES], key=lambda s: s[1]))


def _group_things(evidence: Sequence[Evidence]) -> list[_Thing]:
    """Give the largest things, in the order they were found in."""
    boxes: dict[str, list[Box]] = defaultdict(list)
    for item in evidence:
        if item.kind in ("region", "segment") and item.box is not None:
            boxes[_lower(item.text.strip().rstrip("."))].append(item.box)
    things = [_Thing(caption, tuple(found)) for caption, found in boxes.items()]
    largest = sorted(things, key=lambda thing: -thing.size)[:MAX_THINGS]
    return [thing for thing in things if thing in largest]


def _lower(text: str) -> str:
    """Begin in lower case, but for names."""
    return text[0].lower() + text[1:] if _OPENING.match(text) else text


def _name_things(things: Sequence[_Thing], subject: str) -> str:
    named = []
    for thing in things:
        if _CLAUSE.search(thing.caption):
            continue
        words = thing.caption
        if len(thing.boxes) > 1:
            words += f" in {spell_count(len(thing.boxes), 'place', 'places')}"
            words += f" ({thing.places})" if thing.places else ""
        elif thing.places:
            words += f" {thing.places}"
        named.append(words)
    return f"{subject} shows {list_words(named)}." if named else ""


def _say_clauses(things: Sequence[_Thing]) -> str:
    said = [
        f"{thing.places}, {thing.caption}" if thing.places else thing.caption
        for thing in things
        if _CLAUSE.search(thing.caption)
    ]
    return end_sentence("; ".join(said)) if said else ""


def _relate_things(things: Sequence[_Thing]) -> str:
    """Say how the two largest things that are there once lie to each other, if that is clear."""
    single = [
        thing
        for thing in things
        if len(thing.boxes) == 1
        and _ARTICLE.match(thing.caption)
        and not _CLAUSE.search(thing.caption)
    ]
    if len(single) < 2:
        return ""
    one, other = sorted(single, key=lambda thing: -thing.size)[:2]
    relation = relate(one.boxes[0], other.boxes[0])
    if relation is None:
        return ""
    first, second = (_ARTICLE.sub("the ", thing.caption, count=1) for thing in (one, other))
    return end_sentence(f"{first} is {relation} {second}")


def _quote_texts(texts: Sequence[Evidence], *, is_alone: bool) -> str:
    """Quote lines place by place, in reading order; of many those that stand out."""
    rows = _group_rows(texts)
    if not rows:
        return ""
    chosen = sorted(_rank_rows(rows)[:MAX_QUOTES])
    by_place: dict[str, list[str]] = defaultdict(list)
    for place in chosen:
        row = rows[place]
        by_place[place_in_words(row.box) or "across the image"].append(quote(row.text))
    clauses = [
        f"{place}, {list_words(quotes)}" if number else f"{place} it reads {list_words(quotes)}"
        for number, (place, quotes) in enumerate(by_place.items())
    ]
    said = "; ".join(clauses)
    if rest := len(rows) - len(chosen):
        said += f"; {spell_count(rest, 'more line', 'more lines')} can be read"
    if is_alone:
        return f"The image has text: {said}."
    return f"{said[0].upper()}{said[1:]}."


def _group_rows(texts: Sequence[Evidence]) -> list[_Row]:
    """Join texts that stand at one height and follow each other in reading order."""
    rows: list[_Row] = []
    for item in texts:
        if item.box is None:
            continue
        row = _Row(item.text, item.box)
        if rows and _is_beside(rows[-1].box, row.box):
            last = rows.pop()
            row = _Row(f"{last.text} {row.text}", _surround(last.box, row.box))
        rows.append(row)
    return rows


def _is_beside(one: Box, other: Box) -> bool:
    """Whether two boxes share most of their height, and one does not lie on the other."""
    common = min(one[3], other[3]) - max(one[1], other[1])
    lower = min(one[3] - one[1], other[3] - other[1])
    return common > lower / 2 and (other[0] >= one[2] or one[0] >= other[2])


def _surround(one: Box, other: Box) -> Box:
    left, top = min(one[0], other[0]), min(one[1], other[1])
    return left, top, max(one[2], other[2]), max(one[3], other[3])


def _rank_rows(rows: Sequence[_Row]) -> list[int]:
    """Give the rows' places, the most telling first: headings, totals and dates, other figures."""
    usual = median(row.height for row in rows)

    def rank(place: int) -> tuple[int, int]:
        row = rows[place]
        if place == 0 or row.height >= HEADING * usual:
            return 0, place
        if not (re.search(r"\d", row.text) and re.search(r"[^\W\d_]{2}", row.text)):
            return 3, place
        return (1 if names_value(row.text) else 2), place

    return sorted(range(len(rows)), key=rank)
