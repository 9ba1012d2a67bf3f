"""Words as far as they tell what a text is about: their stems, without the common ones."""

import re

_WORD = re.compile(r"[^\W_]+")

_ENDING = re.compile(r"(?<=...)(?:ies|ing|ed|es|s|e|y)$")
"""What words of one stem differ in."""

_DOUBLED = re.compile(r"(?<=..)([^\W\d_aeiou])\1$")
"""A consonant that an ending has doubled, or may have: `transferred`, `billed`."""


def stem(word: str) -> str:
    """Cut off what words of one stem differ in.

    >>> [stem(word) for word in ("dates", "dated", "company", "companies", "shipping", "ship")]
    ['dat', 'dat', 'compan', 'compan', 'ship', 'ship']
    """
    return _DOUBLED.sub(r"\1", _ENDING.sub("", word))


def stems_of(text: str) -> set[str]:
    """Give the stems of all words of a text."""
    return {stem(word) for word in _WORD.findall(text.casefold())}


_COMMON = frozenset(
    _WORD.findall(
        """
        a about an and any are as at be been by can could did do does document for from
        give has have how i if in is it its list many me much name not of on or page
        please say shown stated tell than that the their there these this those to was
        were what when where which who whom whose why will with would you your
        """
    )
)
"""Of English questions; they say nothing of what is asked for."""


def asked_stems(question: str) -> set[str]:
    """Give the stems of a question's words that say what it asks for.

    >>> sorted(asked_stems("What were the sales of the state, as stated?"))
    ['sal', 'stat']
    """
    return {stem(word) for word in _WORD.findall(question.casefold()) if word not in _COMMON}
