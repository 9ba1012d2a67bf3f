"""Is a description borne out by the evidence? What a fuser wrote is checked here. Pure text.

Rejected are coordinates, more than `MAX_SENTENCES` sentences, a number that no evidence contains,
and a quotation of words that no evidence contains. What is quoted from the evidence word for word
is not looked into: a line of an invoice may hold brackets and full stops.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monkeycli.describing.evidence import Evidence
from monkeycli.describing.wording import split_sentences

MAX_SENTENCES = 5
"""Sentences of a description; the published instruction asks for fewer than six."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTE = re.compile('"([^"]*)"|\u201c([^\u201d]*)\u201d')
_COORDINATES = re.compile(
    r"[\[(<{]\s*[xy]?\d+(?:\.\d+)?%?(?:\s*[,;]\s*[xy]?\d+(?:\.\d+)?%?)+\s*[\])>}]"  # (12, 40)
    r"|\b[01]\.\d+(?:\s*[,;]\s*[01]\.\d+)+"  # 0.12, 0.4
    r"|\b[xy][12]?\s*[=:]\s*\d"  # x1=12
    r"|</?(?:box|quad|ref)>",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Checks:
    """What was found in a description."""

    sentences: int = 0
    """How many there are."""
    unsupported_numbers: tuple[str, ...] = ()
    """Numbers that no evidence contains, as written."""
    unsupported_quotes: tuple[str, ...] = ()
    """Quoted words that no evidence contains."""
    coordinates: tuple[str, ...] = ()
    """What reads like a box or a point."""

    @property
    def complaints(self) -> tuple[str, ...]:
        """What has to be mended, one sentence each; none if the text is accepted."""
        found = []
        if not self.sentences:
            found.append("it is empty")
        if self.sentences > MAX_SENTENCES:
            found.append(f"it has {self.sentences} sentences, at most {MAX_SENTENCES} are allowed")
        found += [f"it has coordinates: {text}" for text in self.coordinates]
        found += [f"no evidence contains the number {text}" for text in self.unsupported_numbers]
        found += [f'no evidence contains the words "{text}"' for text in self.unsupported_quotes]
        return tuple(found)


def check_text(text: str, evidence: Sequence[Evidence]) -> Checks:
    """Check a description against the evidence it was made of.

    >>> total = [Evidence("text", "Total: $1,234.50", (0.1, 0.1, 0.4, 0.2))]
    >>> check_text("A receipt over $1234.50.", total).complaints
    ()
    >>> check_text("A receipt over $1,235 at [0.1, 0.1, 0.4, 0.2].", total).complaints[1]
    'no evidence contains the number 1,235'
    """
    known = [fold_text(item.text) for item in evidence]
    # A quotation may run on from one text to the next, as a row of a table does.
    known.append(fold_text(" ".join(item.text for item in evidence if item.kind == "text")))
    quotes = {match[0]: match[1] or match[2] or "" for match in _QUOTE.finditer(text)}
    bad_quotes = [words for words in quotes.values() if words and not _is_in(words, known)]
    bare = text
    for quoted, words in quotes.items():
        if words not in bad_quotes:
            bare = bare.replace(quoted, "it")
    coordinates = [match[0] for match in _COORDINATES.finditer(bare)]
    coordinates = [words for words in coordinates if not _is_in(words, known)]
    outside = bare
    for words in coordinates:
        outside = outside.replace(words, " ")
    numbers = {_plain(number) for words in known for number in _NUMBER.findall(words)}
    found = _NUMBER.findall(outside)
    return Checks(
        sentences=len(split_sentences(bare)),
        unsupported_numbers=_once(number for number in found if _plain(number) not in numbers),
        unsupported_quotes=_once(bad_quotes),
        coordinates=_once(coordinates),
    )


def fold_text(text: str) -> str:
    """Make two ways of writing the same words alike: case, white space, marks around words.

    >>> fold_text("Grand  TOTAL:") == fold_text("grand total")
    True
    """
    text = re.sub("[\"'\u2018\u2019\u201c\u201d]", "'", text.casefold())
    return " ".join(text.split()).strip(" .,;:!?")


def _is_in(words: str, known: Iterable[str]) -> bool:
    return any(fold_text(words) in text for text in known)


def _plain(number: str) -> str:
    """Write a number without the commas that group its digits."""
    return number.replace(",", "")


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
