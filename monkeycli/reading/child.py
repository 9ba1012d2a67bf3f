"""One worker process, seen from its parent: start it, ask it, hear it, end it. POSIX only."""

import contextlib
import fcntl
import math
import os
import subprocess
import sys
import time
from typing import IO, BinaryIO, cast

from monkeycli.errors import ItemError
from monkeycli.reading.faults import crash_error, start_error, timeout_error
from monkeycli.reading.messages import LENGTHS, Job, Reply, write_message
from monkeycli.reading.reader import MAX_PAGES

START_TIMEOUT = 60.0
"""Seconds a worker may take to start and load its reader; then the page's own time begins."""

TRANSFER_TIMEOUT = 10.0
"""Seconds a worker may take to hand over a page that is ready."""

_MAX_MESSAGE = 2**26
"""Bytes of the longest message a worker may send; the largest canvas has 3.6 MB."""

_PIPE_BYTES = 2**20
"""Room in the pipe, where the system lets us set it: a page is passed on in few pieces."""

_KEPT_VARIABLES = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
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
        self.deadline = math.inf
        """When its time is up, by `time.monotonic`."""
        self._job: Job | None = None
        self._is_started = False
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

    def fileno(self) -> int:
        """Give what to wait at for an answer."""
        return cast("IO[bytes]", self._process.stdout).fileno()

    def send(self, job: Job, data: bytes | None) -> None:
        """Hand over a job.

        Args:
            job: what to do.
            data: the document's bytes, if it has no file; sent if the worker has to open it.

        Raises:
            WorkerGoneError: it died.
        """
        body = data if self.key != job.key else None
        self.key, self._job, self._is_started = job.key, job, False
        self.num_jobs += 1
        self.deadline = time.monotonic() + START_TIMEOUT
        try:
            write_message(cast("BinaryIO", self._process.stdin), job.pack(), body)
        except OSError as error:
            raise WorkerGoneError from error

    def receive(self) -> tuple[Reply, bytes] | None:
        """Read what there is, once.

        Returns:
            The answer and the page's pixels if they are complete, else None.

        Raises:
            WorkerGoneError: it died, or sends nonsense.
        """
        assert self._job is not None
        piece = os.read(self.fileno(), _PIPE_BYTES)
        if not piece:
            raise WorkerGoneError
        if self._is_started and not self._buffer:
            self.deadline = max(self.deadline, time.monotonic() + TRANSFER_TIMEOUT)
        self._buffer += piece
        while (message := self._take_message()) is not None:
            if not message[0].is_start:
                if not _answers(self._job, *message):
                    raise WorkerGoneError
                if message[0].error is not None:
                    self.key = None
                return message
            self._is_started = True
            self.deadline = time.monotonic() + self._job.options.page_timeout
        return None

    def _take_message(self) -> tuple[Reply, bytes] | None:
        """Take a complete message out of the buffer."""
        if len(self._buffer) < LENGTHS.size:
            return None
        header_length, body_length = LENGTHS.unpack_from(self._buffer)
        if header_length + body_length > _MAX_MESSAGE:
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

    def give_up(self) -> ItemError:
        """Kill a worker whose time is up, and say so."""
        assert self._job is not None
        self.end()
        return timeout_error(self._job) if self._is_started else start_error(self._job)

    def bury(self) -> ItemError:
        """Reap a worker that is gone, and say what it died of."""
        assert self._job is not None
        status = self.end(grace=1.0)
        return crash_error(self._job, status) if self._is_started else start_error(self._job)

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


def _answers(job: Job, reply: Reply, body: bytes) -> bool:
    """Whether a reply can be true; a worker may have been taken over by a document."""
    if reply.error is not None:
        return not body
    if job.task == "open":
        return not body and 1 <= reply.num_pages <= MAX_PAGES
    if reply.grid is None:
        return False
    return len(body) == (3 * math.prod(reply.grid.canvas) if job.task == "render" else 0)


def _environment() -> dict[str, str]:
    """Give a worker's environment: no secrets, and the modules that its parent sees."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 (the working directory is "")
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
