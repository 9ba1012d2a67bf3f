"""The journal of a run, `FILE.part`: every record that is finished, as JSON lines, in any order.

It is only ever appended to, and locked, so that a run that is killed at any byte loses no more
than the record it was about to write. Its first line says what it is:
`{"journal":1,"kind":"answer","keeps":true}`; `keeps` tells whether the finished FILE beside it
belongs to it. Knows nothing of formats or of FILE itself.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from monkeycli.errors import OutputError, UsageError
from monkeycli.output_files import cannot_write
from monkeycli.records import Kind, Record, from_json

if sys.platform != "win32":
    import fcntl

SYNC_SECONDS = 0.5
"""Longest time between a record's being written and its being safe on the disk."""

_VERSION = 1
_CHUNK = 1 << 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Where a record's line stands."""

    fd: int
    offset: int
    length: int
    """In bytes, with the newline."""

    def read(self) -> bytes:
        """Give the line."""
        return os.pread(self.fd, self.length, self.offset)


class Journal:
    """An append-only file of records, locked until it is closed.

    Args:
        path: of the file, which is made if it is not there. Its folder must exist.
        owner: says who holds it, if another run does.

    Raises:
        OutputError: another run holds it, or it cannot be opened or locked.
    """

    def __init__(self, path: Path, owner: str = "another run") -> None:
        self.path = path
        self.fd = open_locked(path, owner)
        self._end = os.fstat(self.fd).st_size
        self._is_dirty = False
        self._failure: OutputError | None = None
        self._closing = threading.Event()
        self._syncer = threading.Thread(target=self._sync_often, name="journal", daemon=True)
        self._syncer.start()

    @property
    def is_empty(self) -> bool:
        """Whether not even its first line is there."""
        return self._end == 0

    def start(self, kind: Kind, *, keeps: bool) -> None:
        """Empty it and write its first line.

        Raises:
            OutputError: it cannot be written.
        """
        os.ftruncate(self.fd, 0)
        self._end = 0
        start = {"journal": _VERSION, "kind": kind, "keeps": keeps}
        self._append_line(orjson.dumps(start, option=orjson.OPT_APPEND_NEWLINE))

    def read_start(self, kind: Kind) -> bool | None:
        """Read its first line.

        Returns:
            What `keeps` says; None if there is no first line, since the run was killed before.

        Raises:
            UsageError: it holds records of another kind, or is no journal of ours.
        """
        first = next(read_lines(self.fd), None)
        if first is None:
            return None
        try:
            start = orjson.loads(first[1])
            is_ours = start["journal"] == _VERSION
        except (ValueError, TypeError, KeyError) as error:
            raise UsageError(f"{self.path} is not the journal of a run", "move it away") from error
        if not is_ours:
            raise UsageError(f"{self.path} was written by another version", "use --overwrite")
        if start["kind"] != kind:
            raise UsageError(f"{self.path} holds {start['kind']} records, not {kind} records")
        return bool(start["keeps"])

    def read_records(self) -> Iterator[tuple[Record, Place]]:
        """Read the records, and cut off a last line that is torn.

        Raises:
            UsageError: another line than the last is not a record.
        """
        lines = read_lines(self.fd)
        start = next(lines, None)
        self._end = start[0].length if start else 0
        for place, line in lines:
            record = parse_record(line, self.path)
            self._end = place.offset + place.length
            yield record, place
        os.ftruncate(self.fd, self._end)

    def append(self, line: bytes) -> Place:
        """Write a record's line. It outlives this process at once, the machine in half a second.

        Raises:
            OutputError: the disk is full, or refuses otherwise; what was half written is cut off.
                Or the file was removed: what is written now would be lost.
        """
        if self._failure:
            raise self._failure
        return self._append_line(line)

    def sync(self) -> None:
        """Wait until everything is on the disk, and see that it can be found there.

        Raises:
            OutputError: the disk refuses, or the file was removed.
        """
        self._sync()
        if not _is_named(self.fd, self.path):
            raise OutputError(
                f"{self.path} was removed, moved or replaced while it was written",
                "put it back and go on with --resume, or run again",
            )

    def close(self) -> None:
        """Put everything on the disk, and unlock."""
        self._closing.set()
        self._syncer.join()
        try:
            self._sync()
        finally:
            os.close(self.fd)

    def _sync(self) -> None:
        try:
            os.fsync(self.fd)
        except OSError as error:
            raise cannot_write(self.path, self._end, error) from error

    def _append_line(self, line: bytes) -> Place:
        place = Place(self.fd, self._end, len(line))
        try:
            write_all(self.fd, line, place.offset)
        except OSError as error:
            os.ftruncate(self.fd, self._end)
            raise cannot_write(self.path, self._end, error) from error
        self._end += len(line)
        self._is_dirty = True
        return place

    def _sync_often(self) -> None:
        while not self._closing.wait(SYNC_SECONDS):
            if self._is_dirty:
                self._is_dirty = False
                try:
                    self.sync()
                except OutputError as error:
                    self._failure = error


def parse_record(line: bytes, path: Path) -> Record:
    """Read a record of a run that is to be resumed.

    Raises:
        UsageError: the line is not a record.
    """
    try:
        return from_json(line)
    except ValueError as error:
        raise UsageError(f"{path}: {error}", "mend or remove the line: " + _start(line)) from error


def read_records(fd: int, path: Path) -> Iterator[tuple[Record, Place]]:
    """Read a finished file of records; a last line that is torn is left out.

    Raises:
        UsageError: another line than the last is not a record.
    """
    for place, line in read_lines(fd):
        yield parse_record(line, path), place


def write_all(fd: int, data: bytes, offset: int) -> None:
    """Write all of `data` at `offset`, however little the disk takes at once.

    Raises:
        OSError: the disk does not take it.
    """
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, offset)
        view, offset = view[written:], offset + written


def open_locked(path: Path, owner: str) -> int:
    """Open and lock, and see to it that what was locked is still what the path names."""
    while True:
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            raise OutputError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            _lock(fd, path, owner)
            if _is_named(fd, path):
                return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)  # the run that held it has finished and removed it meanwhile


def _is_named(fd: int, path: Path) -> bool:
    """Say whether a path leads to an open file."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except OSError:
        return False


def _lock(fd: int, path: Path, owner: str) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OutputError(
            f"{path} is being written by {owner}", "wait for it, or choose another output"
        ) from error
    except OSError as error:  # some network file systems have no locks
        _log.warning("%s cannot be locked: %s; let no second run write to it", path, error.strerror)


def read_lines(fd: int) -> Iterator[tuple[Place, bytes]]:
    """Yield a file's lines. One without its newline, and a last one that is not JSON, is torn."""
    offset, rest = 0, b""
    last: tuple[Place, bytes] | None = None
    while chunk := os.pread(fd, _CHUNK, offset + len(rest)):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if last:
                yield last
            last = Place(fd, offset, len(line) + 1), line
            offset += len(line) + 1
    if last and _is_json(last[1]):
        yield last


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _start(line: bytes) -> str:
    return line[:60].decode(errors="replace").rstrip()
