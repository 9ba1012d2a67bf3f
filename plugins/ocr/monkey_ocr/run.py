"""What `monkey ocr` does: from a request to text and an exit code."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, islice

from monkey_ocr.engine import OcrReader, PageText
from monkey_ocr.rapid import engine_name
from monkey_ocr.records import to_json, to_text
from monkey_ocr.request import OcrRequest
from monkeycli.document import Document, PageResult
from monkeycli.errors import ExitCode, ItemError
from monkeycli.messages import count, print_line
from monkeycli.output_files import replace_file
from monkeycli.page_text import unsqueeze
from monkeycli.progress import Progress, format_seconds
from monkeycli.reading.pool import read_pages
from monkeycli.records import quote_path
from monkeycli.signals import StopRequest, stop_on_signals
from monkeycli.streams import results_stream
from monkeycli.totals import Totals


def run(request: OcrRequest, documents: Iterable[Document]) -> ExitCode:
    """Read the text of documents.

    Args:
        request: what the user asked for.
        documents: its own.

    Returns:
        How it went: all well, some failed, or none succeeded.

    Raises:
        UsageError: the password file cannot be read.
        ModelError: the OCR engine cannot be had.
        OutputError: the text cannot be written.
        StoppedError: a signal stopped the run; what was read before is written.
    """
    totals = Totals()
    is_quiet = request.quiet or request.no_progress
    with (
        results_stream() as stream,
        stop_on_signals() as stop,
        Progress(None, noun="page", is_quiet=is_quiet) as progress,
        closing(read_pages(documents, request.raster)) as pages,
    ):
        written = _read(pages, request, totals, progress, stop)
        if request.path is None:
            for chunk in written:
                stream.write(chunk)
        else:
            replace_file(request.path, written)
        progress.make_way()
        if not request.quiet and (request.path or totals.answered + totals.failed > 1):
            line = f"{count(totals.answered, 'page')} read, {totals.failed} failed"
            print_line(f"{line} in {format_seconds(progress.seconds)}.")
        stop.check()
    return totals.exit_code


def _read(
    pages: Iterator[PageResult],
    request: OcrRequest,
    totals: Totals,
    progress: Progress,
    stop: StopRequest,
) -> Iterator[bytes]:
    """Read page after page, give what is to be written of each, and say what went wrong."""
    model, reader = engine_name(), OcrReader()
    first = list(islice(pages, 2))
    for result in chain(first, pages):
        if stop.is_made:
            return
        read, error = _read_page(reader, result)
        totals.answered += read is not None
        totals.failed += read is None
        progress.make_way()
        if request.is_jsonl:
            yield to_json(result, read, error, model=model)
        else:
            yield to_text(result, read, with_heading=len(first) > 1)
        if error or not request.quiet:
            _report(result, read, error)
        progress.show(totals)


def _read_page(reader: OcrReader, result: PageResult) -> tuple[PageText | None, ItemError | None]:
    if result.page is None:
        return None, result.error
    try:
        return reader.read_page(unsqueeze(result.page)), None
    except ItemError as error:
        return None, error


def _report(result: PageResult, read: PageText | None, error: ItemError | None) -> None:
    """Say on standard error what a person should know of a page."""
    where = quote_path(result.document.path) + (f" p.{result.number}" if result.number else "")
    if error:
        print_line(f"monkey: {where}: {error.code}: {error}")
    elif read and read.warning:
        print_line(f"monkey: {where}: warning: {read.warning}")
    elif read and not read.text:
        print_line(f"monkey: {where}: no text found")
