"""Records before there is an answer: what is asked of which page, by whom, and under which id."""

from dataclasses import replace

from monkeycli.document import PageResult
from monkeycli.errors import ItemError
from monkeycli.options import RasterOptions, RunOptions
from monkeycli.prompt import Prompts
from monkeycli.questions import Question
from monkeycli.records import Record, record_id
from monkeycli.task import Task


class Blanks:
    """Makes the records of a run, as far as they are known without its model.

    Args:
        options: what the run makes of its documents.
        raster: how they become pages.
        prompts: the words around the questions.
        max_tokens: of the longest answer.
    """

    def __init__(
        self, options: RunOptions, raster: RasterOptions, prompts: Prompts, *, max_tokens: int
    ) -> None:
        self._options = options
        self._raster = raster
        self._prompts = prompts
        self._max_tokens = max_tokens

    def id(self, result: PageResult, question: Question | None) -> str:
        """Name the work on a question about a page, or about its document."""
        document, options = result.document, self._options
        page: int | str = result.number or "document"
        if options.each == "document":
            page = "document" if document.pages == "all" else f"document {document.pages}"
        prompts = self._prompts
        caption = prompts.short_caption if options.short else prompts.caption
        return record_id(
            document=result.sha256 or document.path,
            page=page,
            question_id=question.id if question else None,
            question=question.text if question else None,
            prompt=prompts.ask if question else caption,
            model=options.model,
            adapter=options.adapter,
            settings={
                "grid": str(self._raster.grid or "auto"),
                "text": options.with_text,
                "ocr": options.with_ocr,
                "max_tokens": self._max_tokens,
            },
        )

    def record(self, result: PageResult, question: Question | None) -> Record:
        """Give the record of a question about a page, as far as it is known before the answer."""
        page = result.page
        return Record(
            kind="answer" if question else "caption",
            id=self.id(result, question),
            source=result.document.path,
            doc_sha256=result.sha256,
            page=result.number,
            page_label=page.label if page else None,
            pages=result.num_pages,
            question_id=question.id if question else None,
            question=question.text if question else None,
            grid=(page.grid.rows, page.grid.cols) if page else None,
            size=page.grid.canvas if page else None,
            model=self._options.model,
            adapter=self._options.adapter,
            gold=question.gold if question else None,
            meta=question.meta if question else {},
        )

    def failed(self, task: Task, error: ItemError) -> list[Record]:
        """Give the records of a document of which nothing is known but that it failed."""
        nothing = PageResult(task.document, None, None, None, None, error, is_last=True)
        return [self.record(nothing, question).failed(error) for question in task.questions]


def ask_again(record: Record, path: str, question: Question | None) -> Record:
    """Give an earlier run's record as this run's: the path and the question file may be others."""
    if question is None:
        return replace(record, source=path)
    return replace(record, source=path, gold=question.gold, meta=question.meta)
