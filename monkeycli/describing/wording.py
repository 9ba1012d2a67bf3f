"""Words for numbers, lists and quotations. Pure text."""

import re
from collections.abc import Sequence

_ONES = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

_END = re.compile(r"[.!?]+[\"'\u201d\u2019)]*(?=\s|$)")
"""What ends a sentence: not the point of `3.5`."""


def spell_number(number: int) -> str:
    """Write a count in words, from 0 to 999; `many hundreds` beyond.

    >>> spell_number(7), spell_number(42), spell_number(310), spell_number(999)
    ('seven', 'forty-two', 'three hundred and ten', 'nine hundred and ninety-nine')
    """
    if number > 999:
        return "many hundreds"
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        return f"{_ONES[hundreds]} hundred" + (f" and {spell_number(rest)}" if rest else "")
    if number >= 20:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")
    return _ONES[number]


def spell_count(number: int, one: str, many: str) -> str:
    """Write how many there are of a thing.

    >>> spell_count(1, "piece of text", "pieces of text"), spell_count(3, "dog", "dogs")
    ('one piece of text', 'three dogs')
    """
    return f"{spell_number(number)} {one if number == 1 else many}"


def list_words(parts: Sequence[str]) -> str:
    """Join the parts of a list as a sentence does.

    >>> list_words(["a dog", "a ball", "a tree"])
    'a dog, a ball and a tree'
    """
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def quote(text: str) -> str:
    """Put text in quotation marks; those inside it become single ones.

    >>> print(quote('the "Golden" Lion'))
    "the 'Golden' Lion"
    """
    return '"' + re.sub('["\u201c\u201d]', "'", text) + '"'


def split_sentences(text: str) -> list[str]:
    """Cut a text into its sentences; what has no end at its end is one, too.

    >>> split_sentences("It costs 3.50 in all. Really? Yes")
    ['It costs 3.50 in all.', 'Really?', 'Yes']
    """
    sentences, start = [], 0
    for match in _END.finditer(text):
        sentences.append(text[start : match.end()].strip())
        start = match.end()
    return [sentence for sentence in [*sentences, text[start:].strip()] if sentence]


def end_sentence(text: str) -> str:
    """Give a text a capital and a full stop, if it has none.

    >>> end_sentence("a dog on grass")
    'A dog on grass.'
    """
    text = text.strip()
    if not text:
        return text
    text = text[0].upper() + text[1:]
    return text if _END.search(text[-2:]) else f"{text.rstrip(',;:')}."
