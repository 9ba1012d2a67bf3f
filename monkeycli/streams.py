"""Standard output is for results alone: whatever else is printed meanwhile goes to standard error.

That holds for libraries written in C and for child processes, too, because the file descriptor
itself is turned round. Knows nothing of records.
"""

import ctypes
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from monkeycli.errors import ExitCode, OutputError

_STDOUT, _STDERR = 1, 2


class PipeClosedError(OutputError):
    """The reader of standard output has gone, as `head` does; there is nobody to tell."""

    exit_code = ExitCode.PIPE


class ResultsStream:
    """Standard output, for results.

    Args:
        fd: to write to; None if standard output is closed.
    """

    def __init__(self, fd: int | None) -> None:
        self._fd = fd

    def write(self, data: bytes) -> None:
        """Write all of `data` at once.

        Raises:
            PipeClosedError: the reader has gone.
            OutputError: standard output is closed, or its disk is full.
        """
        if self._fd is None:
            raise OutputError("standard output is closed", "name a file with --output")
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except BrokenPipeError as error:
            raise PipeClosedError("standard output: its reader has gone") from error
        except OSError as error:
            raise OutputError(f"standard output cannot be written: {error.strerror}") from error

    def write_line(self, text: str) -> None:
        """Write text and a newline, as UTF-8; what that cannot hold is replaced."""
        self.write((text + "\n").encode(errors="replace"))


class _ReplacedStream(ResultsStream):
    """What stands in for standard output where it is no file: a test, or a program around us."""

    def __init__(self, buffer: io.BufferedIOBase) -> None:
        super().__init__(None)
        self._buffer = buffer

    def write(self, data: bytes) -> None:
        self._buffer.write(data)
        self._buffer.flush()


@contextmanager
def results_stream() -> Iterator[ResultsStream]:
    """Give standard output to the caller alone, until the block is left."""
    printing = sys.stdout
    kept = _take_stdout()
    buffer = getattr(printing, "buffer", None)
    stream: ResultsStream
    if isinstance(buffer, io.BytesIO):
        stream = _ReplacedStream(buffer)
        sys.stdout = sys.stderr
    else:
        stream = ResultsStream(kept)
    try:
        yield stream
    finally:
        sys.stdout = printing
        _give_stdout_back(kept)


def silence_stdout() -> None:
    """Let nothing more reach standard output, so that Python's last flush cannot fail either."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, _STDOUT)
    os.close(nothing)


def _take_stdout() -> int | None:
    """Turn descriptor 1 to standard error, and return another one for what it was."""
    _flush()
    try:
        kept = os.dup(_STDOUT) if sys.__stdout__ is not None else None
    except OSError:  # closed
        kept = None
    try:
        os.dup2(_STDERR, _STDOUT)
    except OSError:  # standard error is closed, too
        silence_stdout()
    return kept


def _give_stdout_back(kept: int | None) -> None:
    _flush()
    if kept is None:
        silence_stdout()
    else:
        os.dup2(kept, _STDOUT)
        os.close(kept)


def _flush() -> None:
    """Empty Python's buffer of standard output, and those of the C library."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
    with suppress(OSError, AttributeError, TypeError):  # no such function on Windows
        ctypes.CDLL(None).fflush(None)
