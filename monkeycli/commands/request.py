"""What a user asked for, in one piece, checked as far as it can be without a model."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from monkeycli.catalog import choose_model, find_adapter, find_checkpoint
from monkeycli.document import Document
from monkeycli.engines.choice import LOCAL
from monkeycli.errors import UsageError
from monkeycli.grid import parse_grid
from monkeycli.inputs import find_documents
from monkeycli.options import (
    GenerateOptions,
    Quantization,
    RasterOptions,
    check_quantization,
    parse_batch_size,
)
from monkeycli.output import OutputOptions, check_options
from monkeycli.pages import parse_pages
from monkeycli.questions import Json, Question, group_by_document
from monkeycli.reading.pool import describe_pages
from monkeycli.records import Kind
from monkeycli.settings import read_password
from monkeycli.shard import parse_shard
from monkeycli.task import Task


@dataclass(frozen=True)
class _Group:
    """Questions (None for a caption) that are asked of the same pages."""

    document: str | None
    pages: str | None
    questions: tuple[Question | None, ...]


@dataclass(frozen=True, kw_only=True)
class Request:
    """The options of `monkey ask` or `monkey caption`, named as on the command line."""

    kind: Kind
    inputs: tuple[str, ...]
    files_from: str | None
    pages: str
    password_file: str | None
    questions: tuple[Question | None, ...]
    """None asks for a caption."""
    questions_file: str | None
    each: Literal["page", "document"]
    short: bool
    output: str | None
    form: str | None
    resume: bool
    overwrite: bool
    retry_failed: bool
    max_errors: int | None
    dry_run: bool
    save_windows: str | None
    model: str | None
    """None for the adapter's base, without one the default."""
    text: str
    grid: str
    device: str
    dtype: str
    batch_size: str
    max_tokens: int
    page_timeout: float
    jobs: int
    quiet: bool
    no_progress: bool
    adapter: str | None = None
    shard: str | None = None
    cache: str | None = None
    quantize: Quantization = "none"
    engine: str = LOCAL

    @property
    def has_file(self) -> bool:
        """Whether records go to a file rather than to standard output."""
        return self.output not in (None, "-")

    @property
    def checkpoint(self) -> str:
        """The name or folder of the model that is meant.

        Raises:
            UsageError: there is no such adapter.
            ModelError: the adapter is broken.
        """
        return choose_model(self.model, self.adapter)

    @property
    def raster(self) -> RasterOptions:
        """How documents become pages.

        Raises:
            UsageError: the password file cannot be read.
        """
        return RasterOptions(
            grid=parse_grid(self.grid),
            page_timeout=self.page_timeout,
            password=read_password(self.password_file),
            num_workers=self.jobs,
        )

    @property
    def generate(self) -> GenerateOptions:
        """How answers are written."""
        return GenerateOptions(
            max_tokens=self.max_tokens, batch_size=parse_batch_size(self.batch_size)
        )

    def output_options(self, *, is_single: bool, facts: Mapping[str, Json]) -> OutputOptions:
        """Give how and where records are written."""
        read = [*self.inputs, self.files_from, self.questions_file, self.password_file]
        return OutputOptions(
            path=self.output,
            format=self.form,
            kind=self.kind,
            resume=self.resume,
            overwrite=self.overwrite,
            retry_failed=self.retry_failed,
            is_single=is_single,
            inputs=tuple(path for path in read if path and path != "-"),
            facts=facts,
        )

    def tasks(self) -> Iterator[Task]:
        """Give the documents and what is asked of each: inputs, then those that questions name.

        Raises:
            UsageError: an input does not exist, there is nothing to read, or a question has
                no document.
        """
        groups = _groups(self.questions)
        everywhere = [group for group in groups if group.document is None]
        if not everywhere and (self.inputs or self.files_from):
            raise UsageError(
                "every question names its own document, the inputs are asked nothing",
                "leave the inputs out",
            )
        if everywhere and not (self.inputs or self.files_from):
            what = "to describe" if self.kind == "caption" else "to ask"
            raise UsageError(f"no documents {what}", "name files or folders; --help shows how")
        tasks: list[Iterable[Task]] = []
        if everywhere:
            found = find_documents(self.inputs, files_from=self.files_from, pages=self.pages)
            tasks.append(
                Task(_on_pages(document, group), group.questions)
                for document in found
                for group in everywhere
            )
        tasks.append(
            Task(Document(group.document, group.pages or self.pages), group.questions)
            for group in groups
            if group.document is not None
        )
        found_tasks = chain.from_iterable(tasks)
        if self.shard is None:
            return found_tasks
        shard = parse_shard(self.shard)
        return (task for task in found_tasks if shard.holds(task.document))

    def check(self) -> None:
        """Check what can be checked before anything slow is imported: a mistake costs no time.

        Raises:
            UsageError: there is no such model, adapter or format, output options contradict each
                other, or the output exists or is an input.
            ModelError: the model is not on this machine, or the package to quantize it.
            OutputError: the file cannot be written.
        """
        check_quantization(self.quantize)
        find_checkpoint(self.checkpoint)
        if self.adapter is not None:
            find_adapter(self.adapter)
        check_options(self.output_options(is_single=False, facts={}))

    def is_single(self, first: list[Task], raster: RasterOptions) -> bool:
        """Say whether just one record will come of the first tasks, two at most."""
        if len(first) != 1 or len(first[0].questions) != 1:
            return False
        if self.each == "document":
            return True
        return len(list(islice(describe_pages([first[0].document], raster), 2))) == 1


def _on_pages(document: Document, group: _Group) -> Document:
    return Document(document.path, group.pages or document.pages, document.data)


def _groups(questions: tuple[Question | None, ...]) -> list[_Group]:
    asked = [question for question in questions if question is not None]
    if not asked:
        return [_Group(None, None, (None,))]
    groups = group_by_document(asked)
    for group in groups:
        parse_pages(group.pages or "all", option=f"pages of question {group.questions[0].id!r}")
    return [_Group(group.document, group.pages, group.questions) for group in groups]
