"""What kind of value a question asks for, and whether a line holds one.

`When was it issued?` wants a date, whatever the page calls it. Kinds are those that can be told by
their letters alone, in any language that writes them so.
"""

import re
from dataclasses import dataclass

_MONTHS = """
jan january janv janvier januar januari ene enero feb february f\u00e9vr f\u00e9vrier februar
februari febrero mar march mars m\u00e4rz maart mrt marzo apr april avr avril abr abril may mai
mei mayo jun june juin juni junio jul july juil juillet juli julio aug august ao\u00fbt augustus
ago agosto sep sept september septembre septiembre oct october octobre okt oktober octubre nov
november novembre noviembre dec december d\u00e9c d\u00e9cembre dez dezember dic diciembre
"""

_DIGITS = r"\b\d{1,4}([-/.])\d{1,2}\1\d{2,4}\b"
"""A date in digits."""

_MONTH = rf"(?:{'|'.join(_MONTHS.split())})\b"


@dataclass(frozen=True)
class Kind:
    """Values that look alike."""

    asked: re.Pattern[str]
    """Found in a question, in lower case, that asks for one."""
    value: re.Pattern[str]
    """Found in a line, in lower case, that holds one."""


def _kind(asked: str, value: str) -> Kind:
    return Kind(re.compile(rf"\b(?:{asked})\b"), re.compile(value))


KINDS = (
    _kind(
        "when|date|dated|dates|day|deadline|birthday|born|until",
        _DIGITS + r"|"
        rf"\b\d{{1,2}}(?:st|nd|rd|th|er|\.)?(?: day)?(?: of|-)? ?{_MONTH}"
        rf"|\b{_MONTH}\.?[ -]\d{{1,4}}\b",
    ),
    _kind("time|hour|clock", r"\b\d{1,2}:\d\d\b"),
    _kind(
        "phone|telephone|tel|mobile|fax|call",
        rf"(?<![\w.,/-])(?!{_DIGITS})" r"\+?\(?\d[\d() ./-]{6,20}\d(?![\w.,/-])",
    ),
    _kind("e-?mail|mail", r"\S@\S{1,64}\.\w"),
    _kind("web|website|url|internet|homepage", r"\bwww\.|https?://"),
    _kind("percent|percentage|rate|growth", r"\d ?%"),
)


def kind_of(question: str) -> Kind | None:
    """Give the kind of value that a question asks for; None if it does not tell.

    >>> kind = kind_of("When was the invoice issued?")
    >>> [bool(kind.value.search(line)) for line in ("on 3 may 2024", "no. 4711")]
    [True, False]
    """
    low = question.casefold()
    return next((kind for kind in KINDS if kind.asked.search(low)), None)
