# ruff: noqa: E501 - a phrasing stands on one line
"""What happens to text on its way into a text layer: wrapping, headers and footers, columns of their own, OCR's confusions."""

import textwrap
from dataclasses import replace

from training.synthesis.draft import GAP, Page
from training.synthesis.words import Words

CONFUSED = {
    "0": "O",
    "O": "0",
    "1": "l",
    "l": "1",
    "I": "l",
    "5": "S",
    "S": "5",
    "8": "B",
    "B": "8",
    "rn": "m",
    "m": "rn",
    "e": "c",
    "c": "e",
    ".": ",",
    ",": ".",
}
"""Characters OCR takes for one another."""


def lengthen(words: Words, page: Page) -> Page:
    """Sets the page among prose that answers nothing, now and then a lot of it."""
    count = words.pick((0, 0, 0, 0, 2, 5, 9, 16))
    lines = page.text.split("\n")
    for _ in range(count // 2):
        where = words.pick((0, len(lines), len(lines)))
        lines.insert(where, words.paragraph(1, 3))
    return replace(page, text="\n".join(lines))


def disturb(words: Words, page: Page) -> Page:
    """The page as it might be read; questions whose answer was damaged are dropped."""
    lines = page.text.split("\n")
    width = words.pick((0, 0, 48, 64, 80, 100))
    if width:
        lines = [part for line in lines for part in _wrap(line, width)]
    lines = _frame(words, lines)
    draw = words.random.random()
    if draw < 0.18:
        lines = [_misread(words, line) for line in lines]
    if draw < 0.08:
        lines = [
            part for line in lines for part in (line.split(GAP) if words.chance(0.3) else [line])
        ]
    elif draw < 0.22:
        lines = [line.replace(GAP, " ") for line in lines]
    elif draw < 0.27:
        lines = _merge(words, lines)
    return replace(page, text="\n".join(lines))


def _wrap(line: str, width: int) -> list[str]:
    """Breaks prose; a row of cells stays whole."""
    return (
        [line]
        if GAP in line
        else textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [line]
    )


def _frame(words: Words, lines: list[str]) -> list[str]:
    """Adds a header, a footer, a page number."""
    number, count = words.between(1, 30), words.between(1, 60)
    note = words.pick(
        (
            f"Page {number} of {number + count}",
            f"Page {number}",
            f"{number}",
            f"- {number} -",
            f"{number}/{number + count}",
            f"Seite {number}",
        )
    )
    if words.chance(0.3):
        lines = [*lines, note]
    if words.chance(0.15):
        lines = [
            words.pick(
                (
                    words.heading(),
                    note,
                    f"{words.website()}{GAP}{note}",
                    "CONFIDENTIAL",
                    "COPY",
                    "DRAFT",
                )
            ),
            *lines,
        ]
    if words.chance(0.12):
        lines = [*lines, f"{words.company()}{GAP}{words.phone()}{GAP}{words.website()}"]
    return lines


def _misread(words: Words, line: str) -> str:
    """Confuses about one character in sixty."""
    found = []
    for character in line:
        other = CONFUSED.get(character)
        found.append(
            other
            if other and words.chance(0.025)
            else ""
            if character == " " and words.chance(0.01)
            else character
        )
    return "".join(found)


def _merge(words: Words, lines: list[str]) -> list[str]:
    """Puts some lines that stood one below the other beside each other."""
    merged: list[str] = []
    for line in lines:
        if merged and words.chance(0.12):
            merged[-1] += GAP + line
        else:
            merged.append(line)
    return merged
