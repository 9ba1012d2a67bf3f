"""A run that several workers do: the records and the output stay here."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from monkeycli.commands.request import Request
from monkeycli.commands.writing import write_records
from monkeycli.engines.crew import Crew
from monkeycli.engines.dispatch import Dispatch
from monkeycli.engines.work import Work
from monkeycli.errors import ExitCode
from monkeycli.model.config import MonkeyConfig
from monkeycli.output import Output
from monkeycli.progress import Progress
from monkeycli.prompt import Prompts
from monkeycli.signals import stop_on_signals
from monkeycli.task import Task
from monkeycli.window_files import WindowFiles


def divide(
    tasks: Iterable[Task],
    request: Request,
    crew: Crew,
    output: Output,
    *,
    work: Work,
    config: MonkeyConfig,
) -> ExitCode:
    """Have a crew answer everything, and write the records as they come, in input order.

    Args:
        tasks: the documents.
        request: what the user asked for.
        crew: who does the work; closed in the end.
        output: where records go.
        work: what the crew must know.
        config: of the model.

    Returns:
        How it went.

    Raises:
        MonkeyError: as on one device.
    """
    if request.save_windows:
        WindowFiles(request.save_windows)  # a folder that cannot be made is told at once
    is_quiet = request.quiet or request.no_progress
    with (
        stop_on_signals() as stop,
        Progress(None, noun=request.kind, is_quiet=is_quiet) as progress,
    ):
        dispatch = Dispatch(
            crew,
            work,
            Prompts(**config.prompts),
            done_ids=output.done_ids(),
            earlier=output.done,
            between=stop.check,
        )
        with closing(dispatch.records(tasks)) as records:
            return write_records(records, output, request, progress)


def make_work(request: Request, *, with_text: bool, with_ocr: bool) -> Work:
    """Say what workers must know of a run.

    Args:
        request: what the user asked for.
        with_text: whether the pages' own text goes beside their images.
        with_ocr: whether text that a page lacks is read from its image.
    """
    return Work(
        folder=str(Path.cwd()),
        model=request.model,
        adapter=request.adapter,
        dtype=request.dtype,
        quantize=request.quantize,
        each=request.each,
        with_text=with_text,
        with_ocr=with_ocr,
        short=request.short,
        raster=request.raster,
        generate=request.generate,
        save_windows=request.save_windows,
        cache=request.cache,
    )
