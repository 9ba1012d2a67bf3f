"""Run `monkey` commands, each in a process of its own, without importing torch for every one."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.trust.processes import is_alive

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    """Its exit code; negative: of the signal that ended it."""
    out: bytes
    """What it wrote to standard output; empty where that was no file of ours."""
    err: str
    """What it wrote to standard error."""

    @property
    def lines(self) -> list[str]:
        """Its standard output, line by line."""
        return self.out.decode().splitlines()


class Running:
    """A command that was started."""

    def __init__(self, server, pid, out, err):
        self.pid, self.out, self.err = pid, out, err
        self._server = server
        self._code = None

    def kill(self, number=signal.SIGKILL):
        """Send a signal to the command's own process, as `kill` does."""
        os.kill(self.pid, number)

    def wait_until(self, find, seconds=300):
        """Wait until something is found while the command runs, and give it."""
        deadline = time.monotonic() + seconds
        while not (found := find()):
            assert is_alive(self.pid), self.wait().err
            assert time.monotonic() < deadline, "it took too long"
            time.sleep(0.05)
        return found

    def wait(self, timeout=300):
        """Wait for its end; one that takes longer, in seconds, is killed, and the test fails."""
        if self._code is None:
            self._code = self._server.wait(self.pid, timeout)
        out = b"" if self.out is None else self.out.read_bytes()
        return Ended(self._code, out, self.err.read_text())


class Commands:
    """The server, and what it runs."""

    def __init__(self):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.trust.command_server"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._numbers = count()
        self._alive = set()

    def start(
        self, *words, folder, environment, out="", sites=(), max_file=None, prepare=None
    ) -> Running:
        """Start a command.

        Args:
            words: of the command.
            folder: that it runs in; its standard error goes beside it.
            environment: all of it.
            out: where standard output goes; empty for a file, None for a pipe that nobody reads.
            sites: folders in which it finds plugins.
            max_file: bytes that no file may exceed, as on a disk that is full.
            prepare: "module:function" to call in its process before the command.
        """
        beside = folder.parent / f"{folder.name}-{next(self._numbers)}"
        err = beside.with_suffix(".err")
        kept = beside.with_suffix(".out") if out == "" else None
        request = {
            "words": [str(word) for word in words],
            "folder": str(folder),
            "environment": environment,
            "out": str(kept) if kept else out,
            "err": str(err),
            "sites": [str(site) for site in sites],
            "max_file": max_file,
            "prepare": prepare,
        }
        pid = self._ask(request, 300)
        self._alive.add(pid)
        return Running(self, pid, kept, err)

    def wait(self, pid, timeout):
        """Give a process's exit code, negative: of its signal."""
        try:
            return self._ask({"wait": pid}, timeout)
        except TimeoutError:
            os.killpg(pid, signal.SIGKILL)
            self._ask(None, 60)
            raise
        finally:
            self._alive.discard(pid)

    def _ask(self, request, timeout):
        if request is not None:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            raise TimeoutError(f"no answer in {timeout} s to {request}")
        return int(self._process.stdout.readline())

    def close(self):
        """End the server and whatever it still runs."""
        for pid in self._alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
