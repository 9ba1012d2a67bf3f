"""One worker process, seen from its parent: start it, ask it, hear it, end it."""

import contextlib
import fcntl
import os
import subprocess
import sys
from typing import IO, BinaryIO, cast

from monkeycli.reading.messages import LENGTHS, Job, Reply, write_message

MAX_HEADER = 2**26
"""Bytes of the longest header a worker may send."""

MAX_BODY = 2**26
"""Bytes of the longest body a worker may send; the largest canvas has 3.6 MB."""

_PIPE_BYTES = 2**20
"""Room in the pipe, where the system lets us set it: a page is passed on in few pieces."""

_KEPT_VARIABLES = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""All that a worker inherits of the environment."""


class WorkerGoneError(Exception):
    """The worker has died, or what it sends is not what a worker sends."""


class Child:
    """A worker process that does one job at a time."""

    def __init__(self) -> None:
        self.key: int | None = None
        """Of the document it has open, see `Job`; None if it has none."""
        self.num_jobs = 0
        """Jobs it was sent."""
        self._buffer = bytearray()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "monkeycli.reading.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):
                fcntl.fcntl(self.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def has_pieces(self) -> bool:
        """Whether a message has begun to arrive that is not complete."""
        return bool(self._buffer)

    def fileno(self) -> int:
        """Give what to wait at for an answer."""
        return cast("IO[bytes]", self._process.stdout).fileno()

    def send(self, job: Job, body: bytes | None) -> None:
        """Hand over a job.

        Args:
            job: what to do.
            body: the document's bytes, if the worker has to open it and it has no file.

        Raises:
            WorkerGoneError: it died.
        """
        self.num_jobs += 1
        try:
            write_message(cast("BinaryIO", self._process.stdin), job.pack(), body)
        except OSError as error:
            raise WorkerGoneError from error

    def receive(self) -> list[tuple[Reply, bytes]]:
        """Read what there is, once, and give the messages that are complete.

        Raises:
            WorkerGoneError: it died, or sends nonsense.
        """
        piece = os.read(self.fileno(), _PIPE_BYTES)
        if not piece:
            raise WorkerGoneError
        self._buffer += piece
        messages = []
        while (message := self._take_message()) is not None:
            messages.append(message)
        return messages

    def _take_message(self) -> tuple[Reply, bytes] | None:
        """Take a complete message out of the buffer."""
        if len(self._buffer) < LENGTHS.size:
            return None
        header_length, body_length = LENGTHS.unpack_from(self._buffer)
        if header_length > MAX_HEADER or body_length > MAX_BODY:
            raise WorkerGoneError
        body_start = LENGTHS.size + header_length
        end = body_start + body_length
        if len(self._buffer) < end:
            return None
        try:
            reply = Reply.unpack(bytes(self._buffer[LENGTHS.size : body_start]))
        except (ValueError, TypeError, KeyError) as error:
            raise WorkerGoneError from error
        body = bytes(self._buffer[body_start:end])
        del self._buffer[:end]
        return reply, body

    def end(self, *, grace: float = 0.0) -> int:
        """Kill the process and reap it.

        Args:
            grace: seconds to wait for it to end by itself, to learn what it died of.

        Returns:
            Its exit status; negative: of the signal that ended it.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what could not be sent
                cast("IO[bytes]", pipe).close()
        return self._process.wait()


def _environment() -> dict[str, str]:
    """Give a worker's environment: no secrets, and the modules that its parent sees."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 (the working directory is "")
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
