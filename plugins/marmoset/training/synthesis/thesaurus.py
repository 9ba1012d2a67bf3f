"""Everyday nouns and verbs with their synonyms: WordNet (Fellbaum 1998), Debian's `wordnet-base`.

Where that package is missing, nothing is found, and no page needs it.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("/usr/share/wordnet")

CATEGORIES = {
    4: "act", 6: "artifact", 7: "attribute", 9: "cognition", 10: "communication", 11: "event",
    13: "food", 14: "group", 15: "location", 18: "person", 21: "possession", 23: "quantity",
    26: "state", 27: "substance", 28: "time",
}  # fmt: skip
"""Kinds of nouns that documents use as labels, by WordNet's numbers of its files."""

LEAST = 2
"""How often a word must have been met in the texts in which WordNet's authors counted meanings."""

TRANSITIVE = {"08", "11"}
"""Frames of a verb: somebody does it to something; something does."""

VAGUE = frozenset(
    "be have do make get take give go come put let use see say know think want need keep".split()
)
"""Verbs that hardly say what was done."""


@dataclass(frozen=True)
class Noun:
    """One meaning."""

    category: str
    names: tuple[str, ...]
    """The most usual one first; what all of them most usually mean is this."""


@dataclass(frozen=True)
class Verb:
    """One meaning of what is done to a thing."""

    pasts: tuple[str, ...]
    """Past participles of the verb and its synonyms, the most usual one first."""
    nouns: tuple[str, ...]
    """Names of the deed, `inspection` of `inspected`."""
    agents: tuple[str, ...]
    """Names of who does it, `inspector`."""


@functools.cache
def nouns() -> tuple[Noun, ...]:
    """Nouns of the categories, in WordNet's order."""
    usual, known = _index("noun")
    return tuple(
        Noun(CATEGORIES[category], names)
        for place, (category, found, _, _) in _synsets("noun").items()
        if category in CATEGORIES
        and (names := tuple(name for name in found if _is_plain(name) and usual[name] == place))
        and names[0] in known
    )


@functools.cache
def verbs() -> tuple[Verb, ...]:
    """Transitive verbs, in WordNet's order."""
    usual, known = _index("verb")
    _, known_nouns = _index("noun")
    deeds = _synsets("noun")
    found = []
    for place, (_, words, frames, related) in _synsets("verb").items():
        names = [
            word
            for word in words
            if word.isalpha()
            and word.islower()
            and usual[word] == place
            and word in known
            and word not in VAGUE
        ]
        if not names or not TRANSITIVE & frames:
            continue
        around: dict[str, int] = {}
        for other, of, number in related:
            if other in deeds and number and of and words[of - 1] == names[0]:
                around.setdefault(deeds[other][1][number - 1], deeds[other][0])
        of_deed, of_doer = (
            tuple(name for name, kind in around.items() if kind in kinds and name in known_nouns)
            for kinds in ((4, 11), (18,))
        )
        found.append(Verb(tuple(dict.fromkeys(map(past, names))), of_deed, of_doer))
    return tuple(found)


def past(verb: str) -> str:
    """The past participle of a verb.

    >>> past("carry"), past("approve"), past("inspect")
    ('carried', 'approved', 'inspected')
    """
    if verb in _irregular():
        return _irregular()[verb]
    if verb.endswith("e"):
        return verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb):
        return verb + verb[-1] + "ed"
    return verb + "ed"


@functools.cache
def _irregular() -> dict[str, str]:
    """Irregular participles; WordNet lists them together with other forms."""
    path = FOLDER / "verb.exc"
    lines = path.read_text().split("\n") if path.exists() else []
    forms: dict[str, list[str]] = {}
    for line in filter(None, lines):
        form, verb = line.split()[:2]
        forms.setdefault(verb, []).append(form)
    found = {}
    for verb, listed in forms.items():
        pasts = [form for form in listed if not form.endswith(("ing", "s"))]
        if pasts:
            found[verb] = max(pasts, key=lambda form: (form.endswith(("n", "ed")), "u" in form))
        elif verb.endswith(("t", "d")):  # `hit`, of which only `hitting` is listed
            found[verb] = verb
    return found


def _is_plain(name: str) -> bool:
    return re.fullmatch("[a-z]{3,}( [a-z]{2,})?", name) is not None


def _lines(name: str) -> Iterator[list[str]]:
    path = FOLDER / name
    if path.exists():
        for line in path.read_text().split("\n"):
            if line and not line.startswith(" "):
                yield line.partition(" | ")[0].split(" ")


@functools.cache
def _index(kind: str) -> tuple[dict[str, str], set[str]]:
    """The most usual meaning of every word, and which words are met often."""
    usual = {line[0].replace("_", " "): line[6 + int(line[3])] for line in _lines(f"index.{kind}")}
    number = {"noun": "1", "verb": "2"}[kind]
    known = {
        key.partition("%")[0].replace("_", " ")
        for key, sense, count in _lines("cntlist.rev")
        if sense == "1" and int(count) >= LEAST and key.partition("%")[2].startswith(number)
    }
    return usual, known


def _synsets(
    kind: str,
) -> dict[str, tuple[int, list[str], set[str], list[tuple[str, int, int]]]]:
    """By place: category, words, frames, and related words as (place, own number, its number)."""
    found = {}
    for line in _lines(f"data.{kind}"):
        count = int(line[3], 16)
        words = [word.replace("_", " ") for word in line[4 : 4 + 2 * count : 2]]
        rest = line[4 + 2 * count :]
        pointers = [rest[1 + 4 * n : 5 + 4 * n] for n in range(int(rest[0]))]
        frames = {part for part in rest[1 + 4 * len(pointers) :] if part.isdigit()}
        related = [
            (place, *bytes.fromhex(numbers)) for sign, place, _, numbers in pointers if sign == "+"
        ]
        found[line[0]] = (int(line[1]), words, frames, related)
    return found
