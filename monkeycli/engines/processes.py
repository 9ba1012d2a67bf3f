"""The engine `local`: a process on this machine for each device."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import BinaryIO, cast

from monkeycli.engines.crew import Gone
from monkeycli.engines.work import Message
from monkeycli.reading.messages import read_message, write_message

HEARD_AHEAD = 64
"""Messages that may lie here unread before workers have to wait."""


class Processes:
    """A crew of processes.

    Args:
        devices: one for each of them.
    """

    def __init__(self, devices: Sequence[str]) -> None:
        self.devices = tuple(devices)
        self._heard: queue.Queue[tuple[int, Message | Gone]] = queue.Queue(HEARD_AHEAD)
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._listeners: list[threading.Thread] = []

    def start(self, worker: int) -> None:
        """Start a worker, or another one in place of it when it is gone."""
        if worker in self._processes:
            _end(self._processes[worker])
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "monkeycli.engines.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment(self.devices[worker]),
        )
        self._processes[worker] = process
        listener = threading.Thread(target=self._listen, args=(worker, process), daemon=True)
        self._listeners.append(listener)
        listener.start()

    def send(self, worker: int, message: Message) -> None:
        """Hand over a message; a worker that has died meanwhile is told of by `receive`."""
        with contextlib.suppress(BrokenPipeError):
            write_message(cast("BinaryIO", self._processes[worker].stdin), *message)

    def receive(self, timeout: float) -> tuple[int, Message | Gone] | None:
        """Wait for what a worker says, or until one is gone; None after `timeout` seconds."""
        try:
            return self._heard.get(timeout=timeout)
        except queue.Empty:
            return None

    def close(self) -> None:
        """End all workers at once, whatever they are at."""
        for process in self._processes.values():
            _end(process)
        while any(listener.is_alive() for listener in self._listeners):
            self.receive(0.01)  # whoever waits for room to say something

    def _listen(self, worker: int, process: subprocess.Popen[bytes]) -> None:
        """Pass on what a worker says until it is gone; runs in a thread of its own."""
        with cast("BinaryIO", process.stdout) as replies:
            while (message := read_message(replies)) is not None:
                self._heard.put((worker, message))
        status = process.wait()
        reason = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        self._heard.put((worker, Gone(reason)))

    def _environment(self, device: str) -> dict[str, str]:
        """Give a worker's environment: the modules that its parent sees, its share of the cores."""
        paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 (the working directory is "")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        if device == "cpu":
            share = (os.cpu_count() or 1) // self.devices.count("cpu")
            environment.setdefault("OMP_NUM_THREADS", str(max(1, share)))
        return environment


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with contextlib.suppress(BrokenPipeError):  # what could not be sent
        cast("BinaryIO", process.stdin).close()
    process.wait()
