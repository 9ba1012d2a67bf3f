"""Made-up pages that training never sees: other seeds, labels, phrasings and company names."""

from collections.abc import Iterator

from PIL import Image
from training.prompt import SHORT_CAPTION
from training.synthesis.draft import NO_ANSWER
from training.synthesis.mixture import make_page

from evaluation.results import Result
from monkeycli.answer import Answer, Answerer
from monkeycli.api import Monkey
from monkeycli.document import Page
from monkeycli.grid import WindowGrid
from monkeycli.options import GenerateOptions

GRID = WindowGrid(3, 2)
"""Of a portrait page."""


def ask_held_out(monkey: Monkey, count: int, first: int = 0) -> Iterator[Result]:
    """Asks so many pages; the image is blank paper, the text stands in for the text layer."""
    answerer = Answerer(monkey.model, monkey.processor, GenerateOptions(max_tokens=64))
    paper = Image.new("RGB", (GRID.cols * 448, GRID.rows * 448), "white")
    for number in range(first, first + count):
        page = make_page("held-out", number)
        if not page.questions:
            continue
        sheet = Page(1, None, paper, GRID, page.text or None)
        (prompt,) = answerer.encode([sheet], with_text=True)
        endings = [answerer.question_ids(question, prompt.text) for question, _ in page.questions]
        endings += [answerer.caption_ids(short=ask == SHORT_CAPTION) for ask, _ in page.captions]
        (answers,) = answerer.answer([prompt], [endings])
        found = [answer.text if isinstance(answer, Answer) else None for answer in answers]
        for (question, gold), text in zip(page.questions, found, strict=False):
            if gold == NO_ANSWER:
                yield Result(("held-out pages, not on the page",), question, (), text)
            else:
                yield Result(("held-out pages", f"- {page.kind}"), question, (gold,), text)
        for (ask, gold), text in zip(page.captions, found[len(page.questions) :], strict=True):
            if gold != NO_ANSWER:
                how = "in a sentence" if ask == SHORT_CAPTION else "in detail"
                yield Result(("held-out pages, described", f"- {how}"), ask, (gold,), text)
