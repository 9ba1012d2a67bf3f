"""Short texts for print: words, values, lines of made-up pages, and characters at random."""

import functools
import random
from collections.abc import Callable

from training.eye.alphabet import ASCII, CLASSES, OTHERS
from training.synthesis.mixture import make_page
from training.synthesis.words import Words

PAGES = 400
"""Made-up pages whose lines are drawn from."""

POOL = 3000
"""Values of each kind that are drawn from."""

CODES = ("??-#####", "INV-####", "#########", "????###", "##/##")

DAYS = ("{:02}/{:02}/{}", "{:02}.{:02}.{}", "{2}-{1:02}-{0:02}", "{:02}-{:02}-{}")

NUMBERS = (
    *("{:,.2f}", "{:.2f}", "{:,.0f}", "{:.0f}", "${:,.2f}", "${:,.0f}", "{:.1f}%", "({:,.0f})"),
    *("-{:,.2f}", "€ {:,.2f}", "£{:,.2f}", "{:,.2f} EUR", "#{:.0f}", "{:.0f}-{:.0f}"),
)

SINGLES = ASCII + "0123456789" * 2 + "aeinorst" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Characters at random, some of them more often."""


@functools.cache
def page_lines(split: str) -> tuple[str, ...]:
    """Lines of made-up pages."""
    pages = (make_page(split, 1_000_000 + number) for number in range(PAGES))
    return tuple(line for page in pages for line in page.text.split("\n") if line.strip())


@functools.cache
def values(split: str) -> tuple[str, ...]:
    """Names, amounts, dates, codes and the like."""
    found: list[str] = []
    for number in range(POOL // 10):
        words = Words(f"print/{split}/{number}", split)
        makers: list[Callable[[], str]] = [
            words.company, words.person, words.phone, words.website, words.date, words.heading,
        ]  # fmt: skip
        for _ in range(2):
            found += [make() for make in makers]
            found += [" ".join(words.address()), words.paragraph(1, 1), words.code(*CODES)]
        found += [words.money(words.amount(1, 10**high)) for high in (2, 4, 6, 8)]
    return tuple(found)


def number(draw: random.Random) -> str:
    """An amount, a count, a share or a date in figures."""
    value = 10 ** draw.uniform(0, 8)
    if draw.random() < 0.25:
        day, month, year = draw.randint(1, 31), draw.randint(1, 12), draw.randint(1970, 2030)
        return draw.choice(DAYS).format(day, month, year)
    return draw.choice(NUMBERS).format(value, draw.randint(1, 999))


def singles(draw: random.Random) -> str:
    """Characters that make no word."""
    pool = SINGLES if draw.random() < 0.9 else OTHERS
    return "".join(draw.choices(pool, k=draw.randint(1, 8)))


def words_of(draw: random.Random, split: str = "train") -> str:
    """A phrase of one of many kinds."""
    chance = draw.random()
    if chance < 0.25:
        text = " ".join(singles(draw) for _ in range(draw.randint(1, 6)))
    elif chance < 0.45:
        text = "  ".join(number(draw) for _ in range(draw.randint(1, 4)))
    elif chance < 0.75:
        text = draw.choice(page_lines(split))
    else:
        text = draw.choice(values(split))
    style = draw.random()
    if style < 0.12:
        text = text.upper()
    return "".join(character for character in text if character in CLASSES)
