"""Who does the work: `local` processes, one for each device, or what a plugin starts elsewhere.

A package offers an engine by an entry point in the group `monkeycli.engines`; the object is an
`Engine`. It starts workers and carries messages; what these say is none of its business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from monkeycli.engines.work import Message

GROUP = "monkeycli.engines"
"""The entry-point group of engines."""


@dataclass(frozen=True)
class Gone:
    """A worker has died."""

    reason: str
    """What of, as far as that is known: `SIGKILL`."""
    is_memory: bool = False
    """Whether memory is known to have run out."""


class Crew(Protocol):
    """Workers, numbered from 0, each of them `monkeycli.engines.worker.Worker` somewhere."""

    @property
    def devices(self) -> Sequence[str]:
        """Where each of them holds its model: there are as many workers."""

    def start(self, worker: int) -> None:
        """Start a worker, or another one in place of it when it is gone.

        Raises:
            ModelError: there is no room for it, and never will be.
        """

    def send(self, worker: int, message: Message) -> None:
        """Hand over a message; a worker that has died meanwhile is told of by `receive`."""

    def receive(self, timeout: float) -> tuple[int, Message | Gone] | None:
        """Wait for what a worker says, or until one is gone; None after `timeout` seconds."""

    def close(self) -> None:
        """End all workers at once, whatever they are at."""


class Engine(Protocol):
    """Makes a crew."""

    def __call__(self, device: str, settings: Mapping[str, str]) -> Crew:
        """Make a crew; its workers are started later.

        Args:
            device: as typed after `--device`.
            settings: as typed after `--engine NAME:`.

        Raises:
            UsageError: a setting or the device is wrong.
            ModelError: what it needs cannot be had.
        """
