"""What `monkey describe` does: from a request to records, other files and an exit code."""

import platform
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path

from monkeycli.commands.description import DescribeRequest
from monkeycli.commands.writing import name_place, write_records
from monkeycli.describing.beside import Beside, ReportFile, TrainingFile
from monkeycli.describing.lessons import LessonOptions
from monkeycli.describing.providers import Providers
from monkeycli.describing.registry import choose_providers
from monkeycli.describing.run import DescribeRun
from monkeycli.describing.stage_file import StageFile
from monkeycli.document import Document, PageResult
from monkeycli.errors import ExitCode, UsageError
from monkeycli.messages import count, print_line
from monkeycli.options import RasterOptions
from monkeycli.output import Output, open_output
from monkeycli.progress import Progress
from monkeycli.questions import Json
from monkeycli.reading.pool import describe_pages
from monkeycli.records import Record, quote_path
from monkeycli.signals import stop_on_signals
from monkeycli.streams import ResultsStream, results_stream


def run(request: DescribeRequest, documents: Iterator[Document]) -> ExitCode:
    """Do what was asked.

    Args:
        request: what the user asked for.
        documents: its own.

    Returns:
        How it went: all well, some failed, or none succeeded.

    Raises:
        UsageError: something in the request is wrong; nothing was done.
        ModelError: a generator that was named cannot be had.
        OutputError: a file cannot be written.
        StoppedError: a signal stopped the run; what was done is kept.
    """
    with results_stream() as stream, ExitStack() as files:
        raster = request.raster
        first = list(islice(documents, 2))
        documents = chain(first, documents)
        if request.dry_run:
            return show_plan(documents, request, raster, stream)
        providers = _choose(request)
        is_single = not request.has_file and _is_one_page(first, raster)
        options = request.output_options(is_single=is_single, facts=_facts(providers))
        output = files.enter_context(open_output(options, stream))
        stage_file = StageFile(request.stage_path) if request.stage_path else None
        if stage_file:
            files.callback(stage_file.close)
        describing = DescribeRun(
            providers,
            request.options,
            raster,
            captions=request.source_captions(),
            stage_file=stage_file,
            earlier=output.done,
        )
        code = _describe(documents, request, describing, output)
        if stage_file and not (request.stages or output.totals.failed):
            stage_file.remove()
        return code


def _describe(
    documents: Iterable[Document],
    request: DescribeRequest,
    describing: DescribeRun,
    output: Output,
) -> ExitCode:
    """Describe everything, and write the records as they come."""
    is_quiet = request.quiet or request.no_progress
    with (
        stop_on_signals() as stop,
        Progress(None, noun=request.kind, is_quiet=is_quiet) as progress,
        ExitStack() as files,
    ):
        beside = [files.enter_context(closing(file)) for file in _files_beside(request)]
        described = describing.records(
            documents,
            between=stop.check,
            on_page=lambda _: progress.show_page(output.totals),
        )
        with closing(described):
            code = write_records(_spread(described, beside), output, request, progress)
        for file in beside:
            line = file.finish()
            if not request.quiet:
                print_line(line)
        return code


def _spread(
    described: Iterable[tuple[Record, PageResult]], beside: Iterable[Beside]
) -> Iterator[Record]:
    """Give the records, after the other files took what they need of them."""
    for record, result in described:
        for file in beside:
            file.add(record, result)
        yield record


def _files_beside(request: DescribeRequest) -> Iterator[Beside]:
    if request.as_train:
        tasks = request.tasks or ("detailed_caption",)
        options = LessonOptions(tasks=tasks, min_words=request.min_words, min_mean=request.min_text)
        yield TrainingFile(Path(request.as_train), options)
    if request.report:
        yield ReportFile(Path(request.report))


def _choose(request: DescribeRequest) -> Providers:
    """Choose who does each stage, and say who cannot be had."""
    choice = choose_providers(request.generators, device=request.device)
    if not request.quiet:
        for remark in choice.remarks:
            print_line(f"monkey: {remark}")
    found = choice.providers
    looks = (found.captioner, found.region_finder, found.text_finder)
    if not (any(looks) or request.captions):
        raise UsageError(
            "no generator that looks at images is installed, or all are switched off",
            "pip install ./plugins/ocr reads their text; --global monkey:DIR captions them",
        )
    return found


def show_plan(
    documents: Iterable[Document],
    request: DescribeRequest,
    raster: RasterOptions,
    stream: ResultsStream,
) -> ExitCode:
    """Open every input and show what would be described, without asking a generator.

    Each line has path, page, height x width and grid, tab by tab. Inputs that cannot be read are
    reported on standard error.

    Returns:
        As the run would: all well, some failed, or none succeeded.
    """
    num_pages = num_failed = 0
    for page in describe_pages(documents, raster):
        result = page.result
        if page.shape is None or page.grid is None:
            num_failed += 1
            print_line(f"{name_place(result.document.path, result.number)}: {result.error}")
            continue
        num_pages += 1
        unit = "px" if page.shape.has_pixels else "pt"
        cells = [
            quote_path(result.document.path),
            f"page {result.number} of {result.num_pages}",
            f"{page.shape.height:.0f}x{page.shape.width:.0f} {unit}",
            f"grid {page.grid}",
        ]
        stream.write(("\t".join(cells) + "\n").encode(errors="replace"))
    if not request.quiet:
        print_line(f"{count(num_pages, 'page')} can be read, {num_failed} cannot.")
        by_stage = _choose(request).by_stage
        for stage, provider in by_stage.items():
            print_line(f"{stage}: {provider.by if provider else 'nobody'}")
    if not num_failed:
        return ExitCode.OK
    return ExitCode.PARTIAL if num_pages else ExitCode.FAILED


def _is_one_page(first: list[Document], raster: RasterOptions) -> bool:
    """Say whether just one record will come of the first documents, two at most."""
    return len(first) == 1 and len(list(islice(describe_pages(first, raster), 2))) == 1


def _facts(providers: Providers) -> dict[str, Json]:
    """Say what the run is, for FILE.run.json."""
    names = ("monkeycli", "pymupdf", "pillow")
    stages: dict[str, Json] = {
        str(stage): provider.by if provider else None
        for stage, provider in providers.by_stage.items()
    }
    return {
        "command": list(sys.argv),
        "stages": stages,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in names},
    }
