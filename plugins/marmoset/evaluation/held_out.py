"""Made-up pages that training never sees: other seeds, labels, phrasings and company names."""

from collections.abc import Iterator

from PIL import Image
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
        endings = [[answerer.question_ids(question, prompt.text) for question, _ in page.questions]]
        (answers,) = answerer.answer([prompt], endings)
        for (question, gold), answer in zip(page.questions, answers, strict=True):
            found = answer.text if isinstance(answer, Answer) else None
            if gold == NO_ANSWER:
                yield Result(("held-out pages, not on the page",), question, (), found)
            else:
                rows = ("held-out pages", f"- {page.kind}")
                yield Result(rows, question, (gold,), found)
