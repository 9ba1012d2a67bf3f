"""Page number N of a split: always the same one."""

import random
import re
from collections.abc import Callable
from dataclasses import replace

from training.prompt import CAPTION, SHORT_CAPTION
from training.synthesis.captions import captions
from training.synthesis.contracts import contract
from training.synthesis.draft import NO_ANSWER, Page
from training.synthesis.entries import entries
from training.synthesis.fillings import compound, figures, form
from training.synthesis.finances import financial_report
from training.synthesis.invoices import invoice, price_list
from training.synthesis.labels import mentions, question
from training.synthesis.letters import article, letter, slides
from training.synthesis.listings import table_page, timetable
from training.synthesis.noise import disturb, lengthen
from training.synthesis.prose import prose
from training.synthesis.receipts import receipt
from training.synthesis.records import bank_statement, record
from training.synthesis.thesaurus import nouns
from training.synthesis.words import Words

KINDS: dict[Callable[[Words], Page], int] = {
    receipt: 17, invoice: 17, price_list: 4, record: 17, bank_statement: 6, financial_report: 13,
    table_page: 9, timetable: 3, contract: 12, letter: 7, article: 5, slides: 3,
    prose: 26, form: 20, figures: 18, compound: 18,
}  # fmt: skip
"""How often each kind comes up."""

MORE = {receipt: 30, record: 22}
"""How often kinds come up among pages to train on, where more than elsewhere."""

FOREIGN = (
    "booking",
    "patient",
    "flight",
    "plate",
    "policy_number",
    "grade",
    "tracking",
    "interest",
    "iban",
    "cashier",
    "salary",
    "weight",
    "seat",
    "doctor",
)
"""Fields that are asked for on pages of every kind, where mostly nothing answers them."""

ENTRIES = 0.15
"""Share of pages to train on that state all sorts of things, where there is a thesaurus."""

ENGLISH = (prose, form, figures, compound, entries)
"""Kinds whose templates are in English, and so are the dates and names in them."""

QUESTIONS = 12
"""Most questions kept of one page."""

BLANK = 0.02
"""Share of pages without any text, as scans are; nothing can be answered there."""


def make_page(split: str, number: int) -> Page:
    """A page of a split, "train" or "held-out"; all of it follows from the two arguments."""
    words = Words(f"{split}/{number}", split)
    shares = KINDS | MORE if split == "train" else KINDS
    kind = words.random.choices(list(shares), list(shares.values()))[0]
    if split == "train" and nouns() and random.Random(f"entries/{number}").random() < ENTRIES:
        kind = entries
    if kind in ENGLISH:
        words = Words(f"{split}/{number}", split, "en")
    page = disturb(words, lengthen(words, kind(words)))
    if words.chance(BLANK):
        page = replace(
            page,
            text="",
            questions=tuple((text, NO_ANSWER) for text, _ in _choose(words, page)[:3]),
        )
    else:
        page = replace(page, questions=tuple(_choose(words, page)))
    return replace(page, captions=tuple(captions(words, page, (CAPTION, SHORT_CAPTION), NO_ANSWER)))


def _choose(words: Words, page: Page) -> list[tuple[str, str]]:
    """At most `QUESTIONS` whose answers survived, about one in six without an answer."""
    flat = re.sub(r"\s+", " ", page.text)
    unique: dict[str, tuple[str, str]] = {}
    clashing: set[str] = set()
    for text, answer in page.questions:
        key = text.lower().strip(" ?")
        if unique.setdefault(key, (text, answer))[1] != answer:
            clashing.add(key)
    kept = [pair for key, pair in unique.items() if key not in clashing and _stands(pair[1], flat)]
    kept += [
        (question(words, key), NO_ANSWER)
        for key in words.some(FOREIGN, 0, 1)
        if not mentions(key, page.text)
    ]
    words.random.shuffle(kept)
    answered = [pair for pair in kept if pair[1] != NO_ANSWER][:QUESTIONS]
    refused = [pair for pair in kept if pair[1] == NO_ANSWER]
    share = words.pick((0, 1, 2, 2, 3, 4)) if answered else 2
    chosen = (answered[: QUESTIONS - min(share, len(refused))]) + refused[:share]
    words.random.shuffle(chosen)
    return chosen


def _stands(answer: str, flat: str) -> bool:
    """Whether the page says so: literally, in two places, or as a count or a yes or no."""
    if answer in (NO_ANSWER, "yes", "no") or (answer.isdigit() and len(answer) < 3):
        return True
    return all(part in flat for part in re.sub(r"\s+", " ", answer).split(" and "))
