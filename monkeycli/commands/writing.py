"""Write records as they come, say on standard error which failed, and sum up."""

from collections.abc import Iterable
from typing import Protocol

from monkeycli.best_page import has_unread_pages
from monkeycli.errors import ExitCode, MonkeyError
from monkeycli.messages import count, print_line
from monkeycli.output import Output
from monkeycli.progress import Progress, summarize
from monkeycli.records import Kind, Record, quote_path
from monkeycli.totals import Totals


class TooManyErrorsError(MonkeyError):
    """As many records failed as `--max-errors` allows; those written are kept.

    Args:
        totals: so far.
        has_file: whether the records went to a file, which can be resumed.
    """

    def __init__(self, totals: Totals, *, has_file: bool) -> None:
        failed = count(totals.failed, "failed record")
        hint = "go on with --resume" if has_file else None
        super().__init__(f"stopped after {failed} (--max-errors)", hint)
        self.exit_code = totals.exit_code


class Wishes(Protocol):
    """What a user said about the records of a run."""

    @property
    def kind(self) -> Kind:
        """Of all of them."""

    @property
    def quiet(self) -> bool:
        """Whether only errors are told."""

    @property
    def has_file(self) -> bool:
        """Whether records go to a file rather than to standard output."""

    @property
    def max_errors(self) -> int | None:
        """Failed records after which the run stops; None for never."""


def write_records(
    records: Iterable[Record], output: Output, wishes: Wishes, progress: Progress
) -> ExitCode:
    """Write records as they come, say which failed, and sum up.

    Returns:
        How it went: all well, some failed, or none succeeded.

    Raises:
        OutputError: records cannot be written.
        TooManyErrorsError: so many failed.
    """
    totals = output.totals
    num_partial = 0
    told: list[str] = []
    for record in records:
        progress.make_way()
        output.write(record)
        num_partial += has_unread_pages(record)
        lines = _remarks(record, is_quiet=wishes.quiet, has_file=wishes.has_file)
        for line in lines:
            if line not in told:  # as often as a page has questions
                print_line(line)
        told = lines
        progress.show(totals)
        if wishes.max_errors and totals.failed >= wishes.max_errors:
            raise TooManyErrorsError(totals, has_file=wishes.has_file)
    progress.make_way()
    is_long = totals.answered + totals.failed + totals.skipped > 1
    if not wishes.quiet and (is_long or wishes.has_file):
        seconds, has_file = progress.seconds, wishes.has_file
        print_line(summarize(totals, seconds, noun=wishes.kind, has_file=has_file))
    return totals.exit_code or (ExitCode.PARTIAL if num_partial else ExitCode.OK)


def _remarks(record: Record, *, is_quiet: bool, has_file: bool) -> list[str]:
    """Give what is to be said on standard error of a record; quietly its error alone."""
    where = name_place(record.source, record.page)
    if record.error:
        hint = f"; {record.error.hint}" if record.error.hint else ""
        lines = [f"{where}: {record.error.code}: {record.error.message}{hint}"]
    elif record.finish_reason == "no_answer" and not (is_quiet or has_file):
        missing = f"answer found to {record.question!r}" if record.question else "caption"
        lines = [f"{where}: no {missing}"]
    else:
        lines = []
    warnings = [f"{where}: warning: {warning}" for warning in record.warnings]
    return lines if is_quiet else lines + warnings


def name_place(path: str, page: int | None) -> str:
    """Begin a message about a document or a page."""
    return f"monkey: {quote_path(path)}" + (f" p.{page}" if page else "")
