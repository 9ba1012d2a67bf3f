"""Asks about a document that was drawn from a made-up page what the page is asked."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from training.synthesis.draft import NO_ANSWER, Page

from evaluation.askers import Asker
from evaluation.reading import Reading, summary
from evaluation.results import Result, table


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


def report(found: Sequence[tuple[Result, Reading | None]], *, show: bool) -> str:
    """The table of what was answered, and how much was read.

    Args:
        found: results; the first one of a page with its reading.
        show: whether all that was read and answered stands before it.
    """
    lines = []
    for result, reading in found if show else ():
        if reading:
            lines.append(f"---- {reading.kind}\n{reading.wanted}\n  >>\n{reading.found}\n")
        lines.append(f"? {result.question} = {result.accepted} : {result.answer}\n")
    lines.append(table(result for result, _ in found) + "\n\n")
    lines.append(summary(reading for _, reading in found if reading))
    return "".join(lines)
