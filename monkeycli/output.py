"""Where records go: to standard output as they come, or to a file that a later run can resume.

While a run writes FILE, its records lie in the journal `FILE.part`; FILE itself is only ever
replaced as a whole, when the run is over. `FILE.run.json` tells how the run went.
"""

import os
import platform
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from monkeycli.best_page import has_unread_pages
from monkeycli.errors import OutputError, UsageError
from monkeycli.formats import FORMATS, Format, bare_text, choose_format
from monkeycli.journal import Journal, Place, parse_record, read_records
from monkeycli.output_files import check_output, facts_path, part_path, replace_file
from monkeycli.questions import Json
from monkeycli.records import Kind, Record, to_json
from monkeycli.streams import ResultsStream
from monkeycli.totals import Totals

_CHOICE = "--resume goes on with it, --overwrite replaces it"


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """How and where records are written."""

    path: str | None = None
    """Of the file; None or `-` for standard output."""
    format: str | None = None
    """None to go by the file's suffix; `text` on standard output."""
    kind: Kind = "answer"
    resume: bool = False
    """Go on with what an earlier run left."""
    overwrite: bool = False
    """Replace the file when this run is over."""
    retry_failed: bool = False
    """With `resume`: do again what failed."""
    is_single: bool = False
    """Whether just one record will come: plain text is then the bare answer."""
    inputs: tuple[str, ...] = ()
    """Paths that the run reads, none of which may be the output."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """What FILE.run.json says besides times and totals: arguments, versions, settings."""


class Output(ABC):
    """Where a run's records go. To leave its block is to finish; by an error, to break off."""

    def __init__(self, form: Format, options: OutputOptions) -> None:
        self.totals = Totals()
        """Counts of what was written so far."""
        self._options = options
        is_bare = options.is_single and form == FORMATS["text"]
        self._header = b"" if is_bare else form.header(options.kind)
        self._format_record = bare_text if is_bare else form.record

    def done_ids(self) -> list[str]:
        """Give the ids of all the work that an earlier run has done."""
        return []

    def done(self, record_id: str) -> Record | None:  # noqa: ARG002 - it remembers nothing
        """Give the record that an earlier run made of the same work; None if it is to be done.

        The document may have had another path then: give the record this run's `source`, `gold`
        and `meta` before it is written.
        """
        return None

    @abstractmethod
    def write(self, record: Record) -> None:
        """Write a record. Every record of the run comes here, in input order, done ones too.

        Raises:
            OutputError: it cannot be written; what was written before is kept.
        """

    @abstractmethod
    def finish(self) -> None:
        """Complete the output, now that every record has come.

        Raises:
            OutputError: it cannot be written; the records are kept.
        """

    @abstractmethod
    def break_off(self) -> None:
        """Leave the output as it is, for a later run to resume."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.break_off()


def open_output(options: OutputOptions, stream: ResultsStream) -> Output:
    """Open the output, after checking that it can be written.

    Args:
        options: what the user asked for.
        stream: standard output.

    Raises:
        UsageError: options contradict each other, or the file exists and they do not say what
            to do with it, or it cannot be resumed.
        OutputError: the file cannot be written, or another run is writing it.
    """
    form = check_options(options)
    if options.path is None or options.path == "-":
        return StreamOutput(form, options, stream)
    return FileOutput(Path(options.path), form, options)


def check_options(options: OutputOptions) -> Format:
    """Check that the output can be written, and give its format; touches nothing.

    Raises:
        UsageError: options contradict each other, or the file exists and they do not say what
            to do with it.
        OutputError: the file cannot be written.
    """
    if options.resume and options.overwrite:
        raise UsageError("--resume and --overwrite exclude each other", "choose one")
    if options.retry_failed and not options.resume:
        raise UsageError("--retry-failed has no effect without --resume", "add --resume")
    if options.path is None or options.path == "-":
        if options.resume or options.overwrite:
            raise UsageError("--resume and --overwrite need a file", "name it with --output")
        return choose_format(options.format, None)
    path = Path(options.path)
    form = choose_format(options.format, options.path)
    check_output(path, options.inputs)
    if path.exists() and not (options.resume or options.overwrite):
        raise UsageError(f"{path} exists already", _CHOICE)
    return form


class StreamOutput(Output):
    """Writes records to standard output, each as soon as it comes."""

    def __init__(self, form: Format, options: OutputOptions, stream: ResultsStream) -> None:
        super().__init__(form, options)
        self._stream = stream

    def write(self, record: Record) -> None:
        """Write a record, and the header before the first."""
        self.finish()
        self._stream.write(self._format_record(record))
        self.totals.add(record)

    def finish(self) -> None:
        """Write the header, if no record did."""
        if self._header:
            self._stream.write(self._header)
            self._header = b""

    def break_off(self) -> None:
        """Leave what was written."""


@dataclass(frozen=True)
class _Earlier:
    """A record of the run that is resumed."""

    place: Place
    is_well: bool
    source: str
    is_opened: bool
    """Whether its document could be opened."""


class FileOutput(Output):
    """Writes records to a journal, and all of them to the file at the end, in input order.

    Records of earlier runs that this one was not asked for stay in the file, before the others.
    Two kinds of them go: those whose work this run has also written, under another path; and
    those of a document that could not be opened then and could now.
    """

    def __init__(self, path: Path, form: Format, options: OutputOptions) -> None:
        super().__init__(form, options)
        self.path = path
        self._is_jsonl = form == FORMATS["jsonl"]
        self._started = datetime.now(UTC)
        self._start = time.monotonic()
        self._old_fd: int | None = None
        self._earlier: dict[str, list[_Earlier]] = {}
        self._order: list[Place] = []
        self._ids: set[str] = set()
        self._opened: set[str] = set()
        """Sources of this run that could be opened."""
        self._journal = Journal(part_path(path), owner=_owner(path))
        try:
            self._check_existing()
            self._open()
            self._write_facts("running")
        except BaseException:
            self._close()
            raise

    def done_ids(self) -> list[str]:
        """Give the ids of all the work that an earlier run has done."""
        return [record_id for record_id in self._earlier if self._find(record_id)]

    def done(self, record_id: str) -> Record | None:
        """Give the record that an earlier run made of the same work; None if it is to be done."""
        earlier = self._find(record_id)
        return parse_record(earlier.place.read(), self.path) if earlier else None

    def write(self, record: Record) -> None:
        """Put a record into the journal, unless it stands there already."""
        line = to_json(record)
        same = [one.place for one in self._earlier.get(record.id, ()) if one.place.read() == line]
        self._order.append(same[0] if same else self._journal.append(line))
        self._ids.add(record.id)
        if _is_opened(record):
            self._opened.add(record.source)
        self.totals.add(record, is_earlier=self._find(record.id) is not None)

    def finish(self) -> None:
        """Replace the file by all the records, and remove the journal."""
        try:
            self._journal.sync()
            replace_file(self.path, self._chunks())
            self._write_facts("finished")
            self._journal.path.unlink()
        finally:
            self._close()

    def break_off(self) -> None:
        """Leave the journal for a later run."""
        with suppress(OutputError):  # what broke the run off is the thing to tell
            self._write_facts("stopped")
        with suppress(OutputError):
            self._close()

    def _check_existing(self) -> None:
        """See to it that nothing is lost that the user did not give up."""
        options, part = self._options, self._journal
        if not (options.resume or options.overwrite or part.is_empty):
            raise UsageError(f"{part.path} is left of a run that did not finish", _CHOICE)
        if options.resume and part.is_empty and self.path.exists() and not self._is_jsonl:
            what = f"{self.path} is finished, and only a .jsonl file can be added to"
            raise UsageError(what, "use --overwrite, or another file")

    def _open(self) -> None:
        keeps = self._journal.read_start(self._options.kind) if self._options.resume else False
        if not self._options.resume or keeps is None:
            keeps = self._options.resume and self.path.exists()
            self._journal.start(self._options.kind, keeps=keeps)
        if keeps:
            self._old_fd = os.open(self.path, os.O_RDONLY)
            for record, place in read_records(self._old_fd, self.path):
                self._remember(record, place)
        for record, place in self._journal.read_records():
            self._remember(record, place)

    def _find(self, record_id: str) -> _Earlier | None:
        """Find the earlier record that makes a new one needless: one that is well, if any is."""
        found = self._earlier.get(record_id, ())
        for one in sorted(found, key=lambda one: one.is_well, reverse=True):
            if one.is_well or not self._options.retry_failed:
                return one
        return None

    def _remember(self, record: Record, place: Place) -> None:
        if record.kind != self._options.kind:
            wanted = f"not {self._options.kind} records"
            raise UsageError(f"{self.path} holds {record.kind} records, {wanted}")
        others = self._earlier.get(record.id, [])
        others = [one for one in others if one.source != record.source]
        is_well = record.error is None and not has_unread_pages(record)
        one = _Earlier(place, is_well, record.source, _is_opened(record))
        self._earlier[record.id] = [*others, one]

    def _chunks(self) -> Iterator[bytes]:
        """Give the bytes of the finished file."""
        yield self._header
        for earlier in (one for record_id in self._earlier for one in self._unasked(record_id)):
            yield self._convert(earlier.place.read())
        for place in self._order:
            yield self._convert(place.read())

    def _unasked(self, record_id: str) -> list[_Earlier]:
        """Give the earlier records of an id that stay though this run did not write them."""
        if record_id in self._ids:
            return []
        found = self._earlier[record_id]
        return [one for one in found if one.is_opened or one.source not in self._opened]

    def _convert(self, line: bytes) -> bytes:
        if self._is_jsonl:  # as it stands: a newer version may have added keys
            return line.rstrip() + b"\n"
        return self._format_record(parse_record(line, self.path))

    def _write_facts(self, status: str) -> None:
        seconds = time.monotonic() - self._start  # the clock on the wall may be set meanwhile
        ended = self._started + timedelta(seconds=seconds)
        facts = {
            **self._options.facts,
            "status": status,
            "process": os.getpid(),
            "host": platform.node(),
            "started": self._started.isoformat(timespec="seconds"),
            "ended": None if status == "running" else ended.isoformat(timespec="seconds"),
            "seconds": round(seconds, 3),
            "totals": asdict(self.totals),
        }
        data = orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        replace_file(facts_path(self.path), [data])

    def _close(self) -> None:
        is_unused = self._journal.is_empty
        if self._old_fd is not None:
            os.close(self._old_fd)
        if is_unused:
            self._journal.path.unlink(missing_ok=True)
        self._journal.close()


def _is_opened(record: Record) -> bool:
    return record.error is None or record.page is not None


def _owner(path: Path) -> str:
    """Say which run is writing an output, as far as it says so itself."""
    try:
        facts = orjson.loads(facts_path(path).read_bytes())
        return f"process {facts['process']} on {facts['host']}, begun {facts['started']}"
    except (OSError, ValueError, TypeError, KeyError):
        return "another run"
