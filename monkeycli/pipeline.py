"""Documents to records: read ahead, encoded and answered a few pages at a time, in input order.

    Task --read_pages--> PageResult --Answerer--> Answer --> Record

A page that fails becomes a record, or a warning in its document's record, and the run goes on.
Prints nothing and writes nothing.
"""

import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from monkeycli.answer import Answer, Answerer
from monkeycli.best_page import choose_best_page
from monkeycli.blanks import Blanks, ask_again
from monkeycli.document import Document, Page, PageResult, PlacedWord
from monkeycli.errors import ItemError, MonkeyError
from monkeycli.locate import locate_answer
from monkeycli.options import RasterOptions, RunOptions
from monkeycli.page_text import TextReader, load_text_reader, read_missing_text
from monkeycli.portion import is_out_of_memory
from monkeycli.questions import Question
from monkeycli.reading.pool import Readers, read_pages
from monkeycli.records import Record
from monkeycli.task import Task

PAGES_AT_ONCE = {"cpu": 4, "cuda": 64}
"""Pages that are taken together, by kind of device: one question about each fills a GPU's batch."""

BLANK_PAGE = (
    "the page has no text and {} does not read pixels: install monkey-ocr or choose another --model"
)
"""Warns that the model could know nothing of a page."""

UNREADABLE_PAGE = (
    "the page has no text and {} can read nothing on it: install monkey-ocr to try that"
)
"""Warns that a model which reads print found none."""


@dataclass
class _Opened:
    """A document on its way through."""

    number: int
    """Its place among the tasks, from 0."""
    task: Task
    earlier: dict[str, Record | None] = field(default_factory=dict)
    """By id, what an earlier run made."""
    outcomes: dict[int, list[Record]] = field(default_factory=lambda: defaultdict(list))
    """By the question's place, what came of each page of a document asked as a whole."""


@dataclass(frozen=True)
class _Sheet:
    """One result of reading, and the questions still to be asked of it."""

    opened: _Opened
    result: PageResult
    pending: dict[int, str]
    """Places of the questions, and their records' ids."""


class Run:
    """One run over documents.

    Args:
        answerer: the model.
        options: what to make of the documents.
        raster: how documents become pages.
        earlier: gives the record an earlier run made under an id, None if there is none.
        between: called after every few pages; may raise to stop the run.
        on_page: called with every result of reading, before it is answered.
        readers: read the pages; None for some of this run's own.
    """

    def __init__(
        self,
        answerer: Answerer,
        options: RunOptions,
        raster: RasterOptions,
        *,
        earlier: Callable[[str], Record | None] = lambda _: None,
        between: Callable[[], None] = lambda: None,
        on_page: Callable[[PageResult], None] | None = None,
        readers: Readers | None = None,
    ) -> None:
        self.answerer = answerer
        self.options = options
        self.raster = replace(raster, with_text=options.with_text)
        self._earlier = earlier
        self._between = between
        self._on_page = on_page
        self._readers = readers
        self._blanks = Blanks(
            options,
            self.raster,
            answerer.processor.prompts,
            max_tokens=answerer.options.max_tokens,
        )
        self._text_reader: TextReader | None = None

    def records(self, tasks: Iterable[Task]) -> Generator[Record, None, None]:
        """Answer everything.

        Args:
            tasks: taken one by one, as late as keeps the readers busy.

        Yields:
            The records, in the order of documents, pages and questions.
        """
        with closing(self.numbered_records(tasks)) as numbered:
            for _, record in numbered:
                yield record

    def numbered_records(self, tasks: Iterable[Task]) -> Generator[tuple[int, Record], None, None]:
        """Answer everything, as `records`; each record comes with its task's place, from 0."""
        waiting: deque[_Opened] = deque()

        def documents() -> Iterator[Document]:
            for number, task in enumerate(tasks):
                waiting.append(_Opened(number, task))
                yield task.document

        sheets: list[_Sheet] = []
        read = self._readers.read_pages if self._readers else read_pages
        with closing(read(documents(), self.raster)) as results:
            for result in results:
                if self._on_page:
                    self._on_page(result)
                sheets.append(self._sheet(waiting[0], result))
                if result.is_last:
                    waiting.popleft()
                if len(sheets) >= self._pages_at_once:
                    yield from self._finish(sheets)
                    sheets.clear()
                    self._between()
        yield from self._finish(sheets)

    @property
    def _pages_at_once(self) -> int:
        most = PAGES_AT_ONCE.get(self.answerer.model.device.type, PAGES_AT_ONCE["cpu"])
        return min(most, self.answerer.options.batch_size or most)

    def _sheet(self, opened: _Opened, result: PageResult) -> _Sheet:
        """Find out which questions about a page no earlier run has answered."""
        pending = {}
        for place, question in enumerate(opened.task.questions):
            name = self._blanks.id(result, question)
            if name not in opened.earlier:
                opened.earlier[name] = self._earlier(name)
            if opened.earlier[name] is None:
                pending[place] = name
        return _Sheet(opened, result, pending)

    def _finish(self, sheets: Sequence[_Sheet]) -> Iterator[tuple[int, Record]]:
        """Answer what is pending and give the records that are complete."""
        to_answer = [sheet for sheet in sheets if sheet.result.page and sheet.pending]
        answers = dict(zip(map(id, to_answer), self._answer_or_fail(to_answer), strict=True))
        for sheet in sheets:
            opened, result = sheet.opened, sheet.result
            made = answers.get(id(sheet)) or [
                self._blank(sheet, place).failed(result.error)
                for place in sheet.pending
                if result.error
            ]
            new = dict(zip(sheet.pending, made, strict=True))
            for place, question in enumerate(opened.task.questions):
                name = self._blanks.id(result, question)
                if place in new and self.options.each == "document":
                    opened.outcomes[place].append(new[place])
                    if result.is_last:
                        yield opened.number, choose_best_page(opened.outcomes[place])
                elif place in new:
                    yield opened.number, new[place]
                elif self.options.each == "page" or result.is_last:
                    earlier = opened.earlier[name]
                    assert earlier is not None
                    yield opened.number, ask_again(earlier, opened.task.document.path, question)

    def _answer_or_fail(self, sheets: Sequence[_Sheet]) -> list[list[Record]]:
        """Answer sheets together; if that fails, each page alone, and then each question alone.

        Raises:
            MonkeyError: no page's own fault: the run was stopped, or the model cannot do it at all.
        """
        if not sheets:
            return []
        try:
            return self._answer(sheets)
        except ItemError as error:
            failure = error
        except MonkeyError:
            raise
        except Exception as error:  # noqa: BLE001 - the border: whatever one page does, the run goes on
            failure = _as_item_error(error)
        # Only now is what the attempt held in memory free again.
        if len(sheets) > 1:
            return [self._answer_or_fail([sheet])[0] for sheet in sheets]
        (sheet,) = sheets
        if len(sheet.pending) > 1:
            alone = [
                replace(sheet, pending={place: sheet.pending[place]}) for place in sheet.pending
            ]
            return [[self._answer_or_fail([part])[0][0] for part in alone]]
        return [[self._blank(sheet, place).failed(failure) for place in sheet.pending]]

    def _answer(self, sheets: Sequence[_Sheet]) -> list[list[Record]]:
        started = time.perf_counter()
        pages, ocr_warnings = zip(*map(self._with_text, sheets), strict=True)
        with_text = self.options.with_text or self.options.with_ocr
        prompts = self.answerer.encode(pages, with_text=with_text)
        endings = [
            [self._ending(sheet.opened.task.questions[n], prompt.text) for n in sheet.pending]
            for sheet, prompt in zip(sheets, prompts, strict=True)
        ]
        answers = self.answerer.answer(prompts, endings)
        seconds = (time.perf_counter() - started) / sum(map(len, endings))
        records = []
        for sheet, page, warning, prompt, page_answers in zip(
            sheets, pages, ocr_warnings, prompts, answers, strict=True
        ):
            source = page.text_source if prompt.has_text else "none"
            cut = "the page's text was cut to fit" if prompt.is_cut else None
            blank = self._blank_warning if prompt.is_blank else None
            warnings = tuple(text for text in (page.warning, warning, cut, blank) if text)
            blanks = [
                replace(
                    self._blank(sheet, place),
                    text_source=source,
                    warnings=warnings,
                    seconds=round(seconds, 3),
                )
                for place in sheet.pending
            ]
            words = page.words if prompt.has_text else ()
            records.append(
                [_filled(*pair, words) for pair in zip(blanks, page_answers, strict=True)]
            )
        return records

    @property
    def _blank_warning(self) -> str:
        reads = self.answerer.model.config.reads_pixels
        return (UNREADABLE_PAGE if reads else BLANK_PAGE).format(self.options.model)

    def _with_text(self, sheet: _Sheet) -> tuple[Page, str | None]:
        """Give a sheet's page, text that it lacks read from its image; and a warning of that."""
        page = _page(sheet)
        if not self.options.with_ocr:
            return page, None
        if self._text_reader is None:
            self._text_reader = load_text_reader()
        return read_missing_text(page, self._text_reader)

    def _blank(self, sheet: _Sheet, place: int) -> Record:
        return self._blanks.record(sheet.result, sheet.opened.task.questions[place])

    def _ending(self, question: Question | None, text: str) -> tuple[int, ...]:
        if question is None:
            return self.answerer.caption_ids(short=self.options.short)
        return self.answerer.question_ids(question.text, text)


def _page(sheet: _Sheet) -> Page:
    assert sheet.result.page is not None
    return sheet.result.page


def _filled(blank: Record, answer: Answer | ItemError, words: Sequence[PlacedWord]) -> Record:
    """Fill in an answer, and where it stands among the words of its page."""
    if isinstance(answer, ItemError):
        return blank.failed(answer)
    warnings = blank.warnings
    if answer.finish_reason == "length":
        warnings += (f"cut off after {answer.output_tokens} tokens: raise --max-tokens",)
    boxes = None
    if blank.question is not None and answer.text is not None:
        boxes = locate_answer(answer.text, words, question=blank.question)
    return replace(
        blank,
        answer=_without_gaps(answer.text) if blank.kind == "answer" else None,
        boxes=boxes,
        caption=answer.text if blank.kind == "caption" else None,
        confidence=None if answer.confidence is None else round(answer.confidence, 4),
        finish_reason=answer.finish_reason,
        prompt_tokens=answer.prompt_tokens,
        output_tokens=answer.output_tokens,
        warnings=warnings,
    )


def _without_gaps(text: str | None) -> str | None:
    """Set words one space apart: the page's text has two between the cells of a row."""
    return text and re.sub(" {2,}", " ", text)


def _as_item_error(error: Exception) -> ItemError:
    if is_out_of_memory(error):
        return ItemError(
            "oom",
            "the page does not fit into memory",
            "choose a smaller --grid, --dtype bfloat16 or another --device",
            stage="answer",
            retryable=True,
        )
    reason = f"{type(error).__name__}: {error}"
    return ItemError("internal", reason, "please report this", stage="answer")
