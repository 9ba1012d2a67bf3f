"""Asks about a document that was drawn from a made-up page what the page is asked."""

from collections.abc import Iterator
from pathlib import Path

from training.synthesis.draft import NO_ANSWER, Page

from evaluation.askers import Asker
from evaluation.results import Result


def ask_page(asker: Asker, page: Page, path: Path, rows: tuple[str, ...]) -> Iterator[Result]:
    """Asks every question of a page.

    Args:
        asker: that answers.
        page: with its questions.
        path: of the document that shows it.
        rows: of the table the results count in; what is not on the page counts in one of its own.
    """
    replies = asker.ask(str(path), [question for question, _ in page.questions])
    for (question, gold), reply in zip(page.questions, replies, strict=True):
        if gold == NO_ANSWER:
            yield Result((f"{rows[0]}, not on the page",), question, (), reply.text)
        else:
            yield Result(rows, question, (gold,), reply.text)
