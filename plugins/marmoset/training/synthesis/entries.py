# ruff: noqa: E501 - a phrasing stands on one line
"""Pages that state all sorts of things: nouns and verbs of a thesaurus instead of known fields.

Half of what is asked is asked with a synonym of what is printed, so that the model learns to go by
meanings and not by a list of labels.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from training.synthesis.draft import NO_ANSWER, Draft, Page, lay_out
from training.synthesis.labels import FIELDS
from training.synthesis.thesaurus import Noun, Verb, nouns, verbs
from training.synthesis.words import Words

SYNONYMS = 0.5
"""Share of questions that use another word than the page, where there is one."""

UNITS = ("kg", "g", "l", "ml", "m", "km", "cm", "pcs", "lbs", "kWh", "hours", "days", "sheets")

ENDINGS = ("", "", "", "", " no.", " type", " of record")
"""Of labels of things."""


def _measured(words: Words) -> str:
    return f"{words.number(words.amount(1, 9000), words.pick((0, 0, 1, 2)))} {words.pick(UNITS)}"


VALUES: dict[str, tuple[Callable[[Words], str], ...]] = {
    "person": (Words.person,),
    "location": (Words.city, lambda words: ", ".join(words.address()), Words.country),
    "time": (Words.date, Words.time, lambda words: f"{words.date()} - {words.date()}"),
    "act": (Words.date, Words.person, Words.percent, Words.code),
    "event": (Words.date, Words.city),
    "possession": (lambda words: words.money(words.amount(1, 90_000)), Words.percent),
    "quantity": (_measured,),
    "food": (_measured,),
    "substance": (_measured, Words.percent),
    "attribute": (Words.percent, _measured, Words.code),
    "group": (Words.company, Words.company, Words.person),
    "artifact": (Words.code, Words.company, _measured, Words.heading),
    "communication": (Words.heading, Words.code, Words.date, Words.email, Words.website),
    "cognition": (Words.heading, Words.percent),
    "state": (Words.percent, Words.heading, Words.date),
}
"""What a label of a category may be followed by."""

ASKED = {
    "person": ("Who is the {}?", "Name of the {}?", "Who was the {}?"),
    "location": ("Where is the {}?", "Which {}?"),
    "time": ("When is the {}?", "Which {} is stated?"),
    "possession": ("How much is the {}?", "How high is the {}?"),
    "quantity": ("How many {}?", "How much {}?"),
    "food": ("How much {} is there?", "How much {}?"),
    "substance": ("How much {} is there?", "What is the share of {}?"),
}
"""Questions for a category, beside those that fit all."""

HELD_OUT = frozenset(label.lower() for field in FIELDS.values() for label in field.held_labels)
"""Labels that are not trained on."""

FOR_ALL = ("What is the {}?", "What is the {}?", "{}?", "{}", "Which {} is given?", "Find the {}.")


@dataclass(frozen=True)
class Fact:
    """One thing a verb says of a subject."""

    labels: tuple[str, ...]
    questions: tuple[str, ...]
    make: Callable[[Words], str]
    phrase: str
    """In a sentence."""


PARTICULARS = (
    Fact(
        ("{past} by", "{agent}", "{past} by (name)", "{past} by:"),
        ("Who has {past} {it}?", "By whom was {it} {past}?", "Who {past} {it}?", "{past} by", "Who was {it} {past} by?", "Who is the {agent}?"),
        Words.person,
        "by {}",
    ),
    Fact(
        ("{past} on", "date {past}", "{deed} date", "date of {deed}", "{past}"),
        ("When was {it} {past}?", "On what date was {it} {past}?", "What is the date of {deed}?", "{past} on", "{deed} date?", "When did the {deed} take place?"),
        Words.date,
        "on {}",
    ),
    Fact(
        ("{past} in", "{past} at", "place of {deed}", "{deed} location"),
        ("Where was {it} {past}?", "In which place was {it} {past}?", "{past} where?", "Where did the {deed} take place?"),
        Words.city,
        "in {}",
    ),
    Fact(
        ("{past} for", "{past} amount"),
        ("How much was {it} {past} for?", "For what amount was {it} {past}?", "{past} for how much?"),
        lambda words: words.money(words.amount(1, 9_000_000)),
        "for {}",
    ),
)  # fmt: skip


@functools.cache
def _nouns() -> list[Noun]:
    return [noun for noun in nouns() if not HELD_OUT & {*noun.names}]


@functools.cache
def _verbs() -> list[Verb]:
    held_out = {word for label in HELD_OUT for word in label.split()}
    return [verb for verb in verbs() if not held_out & {*verb.pasts, *verb.nouns, *verb.agents}]


def entries(words: Words) -> Page:
    """Labelled values, and sometimes sentences."""
    draft = Draft(words)
    title = words.heading()
    draft.add(*words.pick(([title], [words.company(), title], [words.company()])))
    named = words.random.sample(_nouns(), 24)
    done = words.random.sample(_verbs(), 12)
    shown = words.between(3, 9)
    facts = [_state(draft, noun) for noun in _apart(named[:shown])]
    for verb in done[: words.between(0, 3)]:
        facts += _deed_labels(draft, verb)
    words.random.shuffle(facts)
    size = words.pick((3, 5, len(facts)))
    for start in range(0, len(facts), size):
        draft.add(*lay_out(words, facts[start : start + size]))
    for verb in done[6 : 6 + words.pick((0, 1, 2, 3))]:
        subject = words.pick(named[10:16]).names[0]
        draft.add(_sentence(draft, verb, f"the {subject}"))
    for noun in _strangers(named[16:], draft):
        _ask_noun(draft, noun, NO_ANSWER, noun.names[0])
    for verb in done[9:]:
        if not any(past in _text(draft) for past in verb.pasts):
            fact = words.pick(PARTICULARS)
            _ask_verb(draft, fact, verb, "it", NO_ANSWER)
    return draft.page("entries")


def _text(draft: Draft) -> str:
    """What stands on the page so far, in lower case."""
    return "\n".join(draft.lines).lower()


def _apart(named: list[Noun]) -> list[Noun]:
    """Nouns of which none has another's name in it."""
    kept: list[Noun] = []
    for noun in named:
        words = {word for name in noun.names for word in name.split()}
        if not any(words & {w for name in other.names for w in name.split()} for other in kept):
            kept.append(noun)
    return kept


def _strangers(named: list[Noun], draft: Draft) -> list[Noun]:
    """Nouns that the page does not mention under any name."""
    text = _text(draft)
    return [noun for noun in named[:3] if not any(name in text for name in noun.names)]


def _state(draft: Draft, noun: Noun) -> tuple[str, str]:
    """A labelled value; asks for it."""
    words = draft.words
    value = words.pick(VALUES[noun.category])(words)
    name = words.pick(noun.names)
    label = name + (words.pick(ENDINGS) if noun.category == "artifact" else "")
    _ask_noun(draft, noun, value, name)
    return _written(words, label), value


def _ask_noun(draft: Draft, noun: Noun, answer: str, printed: str) -> None:
    words = draft.words
    others = [name for name in noun.names if name != printed]
    name = words.pick(others) if others and words.chance(SYNONYMS) else printed
    forms = FOR_ALL + 2 * ASKED.get(noun.category, ())
    draft.ask(answer, words.pick(forms).format(name))


def _deed_labels(draft: Draft, verb: Verb) -> list[tuple[str, str]]:
    """Some of who, when, where and for how much; the others are asked for in vain."""
    words = draft.words
    shown = words.some(PARTICULARS, 1, 3)
    facts = []
    for fact in PARTICULARS:
        if fact in shown:
            value = fact.make(words)
            names = _names(words, verb, synonym=False)
            label = words.pick([text for text in fact.labels if _fits(text, names)])
            facts.append((_written(words, label.format(**names)), value))
            _ask_verb(draft, fact, verb, "it", value)
        elif words.chance(0.3):
            _ask_verb(draft, fact, verb, "it", NO_ANSWER)
    return facts


def _sentence(draft: Draft, verb: Verb, subject: str) -> str:
    """Says of a subject what was done to it, and asks for some of that."""
    words = draft.words
    shown = words.some(PARTICULARS, 1, 3)
    values = {fact: fact.make(words) for fact in shown}
    for fact in PARTICULARS:
        if fact in values or words.chance(0.2):
            _ask_verb(draft, fact, verb, subject, values.get(fact, NO_ANSWER))
    phrases = [fact.phrase.format(value) for fact, value in values.items()]
    text = f"{subject} was {verb.pasts[0]} {' '.join(phrases)}."
    if words.chance(0.3):
        text = f"{phrases[0]}, {subject} was {verb.pasts[0]} {' '.join(phrases[1:])}".rstrip() + "."
    if words.chance(0.5):
        text += " " + words.sentence()
    return text[0].upper() + text[1:]


def _ask_verb(draft: Draft, fact: Fact, verb: Verb, subject: str, answer: str) -> None:
    words = draft.words
    names = _names(words, verb, synonym=words.chance(SYNONYMS)) | {"it": subject}
    fitting = [text for text in fact.questions if _fits(text, names)]
    if subject != "it":
        fitting = [text for text in fitting if "{it}" in text]
    text = words.pick(fitting).format(**names)
    draft.ask(answer, text[0].upper() + text[1:] if "?" in text else text)


def _names(words: Words, verb: Verb, *, synonym: bool) -> dict[str, str]:
    """What can stand in a label or a question for a verb."""
    past = words.pick(verb.pasts[1:]) if synonym and len(verb.pasts) > 1 else verb.pasts[0]
    deed = words.pick(verb.nouns) if verb.nouns else ""
    agent = words.pick(verb.agents) if verb.agents else ""
    return {"past": past, "deed": deed, "agent": agent, "it": "it"}


def _fits(text: str, names: dict[str, str]) -> bool:
    """Whether there is a name for all that the text needs; `Who taken it?` is not English."""
    if text.startswith("Who {past}") and not names["past"].endswith("ed"):
        return False
    return all(names[key] for key in names if f"{{{key}}}" in text)


def _written(words: Words, label: str) -> str:
    """A label as documents write it."""
    return words.pick((label.capitalize(), label.capitalize(), label.title(), label.upper(), label))
