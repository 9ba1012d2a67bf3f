"""What `monkey ask` and `monkey caption` do: from a request to records and an exit code."""

import platform
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from importlib.metadata import version
from itertools import chain, islice

from monkeycli import api
from monkeycli.commands.divided_run import divide, make_work
from monkeycli.commands.request import Request
from monkeycli.commands.writing import name_place, write_records
from monkeycli.document import PageResult
from monkeycli.engines.choice import parse_engine
from monkeycli.engines.opening import open_crew
from monkeycli.errors import ExitCode
from monkeycli.messages import count, print_line
from monkeycli.model.adapters import adapters_of_grid
from monkeycli.model.config import MonkeyConfig
from monkeycli.options import RasterOptions, RunOptions
from monkeycli.output import Output, open_output
from monkeycli.progress import Progress
from monkeycli.questions import Json
from monkeycli.reading.pool import describe_pages
from monkeycli.records import quote_path
from monkeycli.signals import stop_on_signals
from monkeycli.streams import ResultsStream, results_stream
from monkeycli.task import Task
from monkeycli.window_files import WindowFiles


def run(request: Request, tasks: Iterator[Task]) -> ExitCode:
    """Do what was asked.

    Args:
        request: what the user asked for.
        tasks: its own.

    Returns:
        How it went: all well, some failed, or none succeeded.

    Raises:
        UsageError: something in the request is wrong; nothing was done.
        ModelError: the model or the device cannot be had.
        OutputError: records cannot be written.
        StoppedError: a signal stopped the run; what was done is kept.
    """
    with results_stream() as stream:
        config = api.load_settings(request.model, request.adapter)
        with_text = api.reads_text(config, request.text)
        with_ocr = api.reads_ocr(config, request.text)
        raster = request.raster
        if raster.grid:
            adapters_of_grid(raster.grid, config.vision_config.num_adapters)
        first = list(islice(tasks, 2))
        tasks = chain(first, tasks)
        if request.dry_run:
            return show_plan(tasks, request, raster, config, stream)
        is_single = request.is_single(first, raster)
        options = request.output_options(is_single=is_single, facts=_facts(request))
        crew = open_crew(parse_engine(request.engine), request.device)
        with open_output(options, stream) as output:
            if crew is not None:
                work = make_work(request, with_text=with_text, with_ocr=with_ocr)
                return divide(tasks, request, crew, output, work=work, config=config)
            return _answer(tasks, request, raster, output, with_text=with_text, with_ocr=with_ocr)


def _answer(
    tasks: Iterable[Task],
    request: Request,
    raster: RasterOptions,
    output: Output,
    *,
    with_text: bool,
    with_ocr: bool,
) -> ExitCode:
    """Load the model, answer everything, and write the records as they come."""
    windows = WindowFiles(request.save_windows) if request.save_windows else None
    is_quiet = request.quiet or request.no_progress
    monkey = api.load(
        request.model,
        adapter=request.adapter,
        device=request.device,
        dtype=request.dtype,
        quantize=request.quantize,
        cache=request.cache,
    )
    options = RunOptions(
        each=request.each,
        with_text=with_text,
        with_ocr=with_ocr,
        short=request.short,
        model=monkey.name,
        adapter=monkey.adapter,
    )
    with (
        stop_on_signals() as stop,
        Progress(None, noun=request.kind, is_quiet=is_quiet) as progress,
    ):

        def see(result: PageResult) -> None:
            progress.show_page(output.totals)
            if windows:
                windows.save(result)

        def tell(text: str) -> None:
            if not request.quiet:
                progress.make_way()
                print_line(f"monkey: {text}")

        answering = monkey.run(
            options,
            raster,
            request.generate,
            earlier=output.done,
            between=stop.check,
            on_page=see,
            tell=tell,
        )
        with closing(answering.records(tasks)) as records:
            return write_records(records, output, request, progress)


def show_plan(
    tasks: Iterable[Task],
    request: Request,
    raster: RasterOptions,
    config: MonkeyConfig,
    stream: ResultsStream,
) -> ExitCode:
    """Open every input and show what would be done, without a model.

    Each line has path, page, height x width, grid, features and questions, tab by tab. Inputs that
    cannot be read are reported on standard error.

    Returns:
        As the run would: all well, some failed, or none succeeded.
    """
    raster = replace(raster, rule=config.grid_rule)
    most = "up to " if config.reads else ""  # as many as there is text; none beside the page's own
    num_pages = num_failed = 0
    for task in tasks:
        for page in describe_pages([task.document], raster):
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
                f"{most}{config.num_features(page.grid)} features",
                count(len(task.questions), "caption" if request.kind == "caption" else "question"),
            ]
            stream.write(("\t".join(cells) + "\n").encode(errors="replace"))
    if not request.quiet:
        print_line(
            f"{count(num_pages, 'page')} can be read, {num_failed} cannot; no model was run."
        )
    if not num_failed:
        return ExitCode.OK
    return ExitCode.PARTIAL if num_pages else ExitCode.FAILED


def _facts(request: Request) -> dict[str, Json]:
    """Say what the run is, for FILE.run.json."""
    names = ("monkeycli", "torch", "transformers", "pymupdf", "pillow")
    return {
        "command": list(sys.argv),
        "model": request.checkpoint,
        "adapter": request.adapter,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in names},
    }
