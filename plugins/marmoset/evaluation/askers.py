"""Who is asked about a page: marmoset, with or without text beside the image, or a baseline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from evaluation.ocr import OcrReaders
from monkeycli.api import Monkey
from monkeycli.document import Document
from monkeycli.options import GenerateOptions, RasterOptions, RunOptions
from monkeycli.questions import questions_from_options
from monkeycli.records import Record
from monkeycli.task import Task

MAX_TOKENS = 64
"""Of an answer, whoever writes it."""

OPTIONS = GenerateOptions(max_tokens=MAX_TOKENS)


@dataclass(frozen=True)
class Reply:
    """What came back."""

    text: str | None
    """None for "not on this page"."""
    page: int | None = None
    """Where the answer was found."""
    error: str | None = None


class Asker(Protocol):
    """Answers questions about documents."""

    name: str
    """As the rows of the table have it."""

    def ask(
        self,
        path: str,
        questions: Sequence[str],
        *,
        pages: str = "all",
        password: str | None = None,
    ) -> list[Reply]:
        """Answer every question, in order."""


class Marmoset:
    """The tool itself.

    Args:
        monkey: that answers.
        text: what stands beside the image: its own `layer`, or `none`.
    """

    def __init__(self, monkey: Monkey, text: Literal["layer", "none"]) -> None:
        self.name: str = text
        self._monkey = monkey
        self._text = text

    def ask(
        self,
        path: str,
        questions: Sequence[str],
        *,
        pages: str = "all",
        password: str | None = None,
    ) -> list[Reply]:
        """Answer every question, in order."""
        records = self._monkey.ask(
            path, questions, pages=pages, text=self._text, password=password, options=OPTIONS
        )
        return [_reply(record) for record in records]


class MarmosetWithOcr:
    """The tool with `--text ocr`, but that no page is read twice.

    Args:
        monkey: that answers.
        readers: of the pages.
    """

    name = "ocr"

    def __init__(self, monkey: Monkey, readers: OcrReaders) -> None:
        self._monkey = monkey
        self._readers = readers

    def ask(
        self,
        path: str,
        questions: Sequence[str],
        *,
        pages: str = "all",
        password: str | None = None,
    ) -> list[Reply]:
        """Answer every question, in order."""
        run = self._monkey.run(
            RunOptions(each="document", with_text=True, model=self._monkey.name),
            RasterOptions(password=password),
            OPTIONS,
            readers=self._readers,
        )
        task = Task(Document(path, pages), tuple(questions_from_options(questions)))
        return [_reply(record) for record in run.records([task])]


def _reply(record: Record) -> Reply:
    return Reply(record.text, record.page, record.error.message if record.error else None)
