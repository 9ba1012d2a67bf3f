# ruff: noqa: E501 - a phrasing stands on one line
"""What can truly be said of a page in a sentence: its kind, its first line, and a few of its labelled values."""

from training.synthesis.draft import Page
from training.synthesis.words import Words

TELLING = (
    "invoice_number", "document_number", "order_number", "account_number", "name", "customer", "employer", "invoice_date",
    "date", "due_date", "period", "total", "balance", "net_pay", "salary", "subtotal", "phone",
)  # fmt: skip
"""Values worth a mention, by key, the most telling first."""

NAMES = {
    "slides": "slide", "record": "form", "entries": "form", "figures": "table", "prose": "text",
    "compound": "document",
}  # fmt: skip
"""What a kind of pages is called, where it is not by its own name."""

LONGEST_HEADING = 90
"""Characters of a first line that is quoted."""


def describe(page: Page, facts: dict[str, str]) -> tuple[str, str]:
    """A detailed and a short description of a page.

    Args:
        page: with its text.
        facts: values that stand in the text, by key.
    """
    kind = NAMES.get(page.kind, page.kind)
    article = "An" if kind[0] in "aeiou" else "A"
    heading = page.text.strip().split("\n")[0].replace("  ", " ").strip()[:LONGEST_HEADING]
    short = f'{article} {kind} headed "{heading}".'
    named = [f"{key.replace('_', ' ')} {facts[key]}" for key in TELLING if key in facts][:4]
    if not named:
        return short, short
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return f"{short} It gives {listed}.", short


def captions(
    words: Words, page: Page, prompts: tuple[str, str], no_answer: str
) -> list[tuple[str, str]]:
    """Now and then a prompt for a description, with its answer; a page without text has none."""
    if not words.chance(0.35):
        return []
    flat = " ".join(page.text.split())
    facts = {
        key: " ".join(value.split()) for key, value in page.facts if " ".join(value.split()) in flat
    }
    detailed, short = describe(page, facts) if page.text.strip() else (no_answer, no_answer)
    return [(prompts[0], detailed)] if words.chance(0.7) else [(prompts[1], short)]
