"""The steps of a run: which groups each of them learns from, and on which process.

    samples --plan_epoch--> groups --cut--> steps of `batch` samples --share out--> passes

Every process plans all steps and prepares its own passes. Step n is always the same, so a run goes
on at any step without having drawn those before it.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import ceil
from typing import Any, cast

from torch.utils.data import Dataset as TorchDataset

from monkeycli.training.ahead import ahead
from monkeycli.training.mixture import Dataset, TrainSettings
from monkeycli.training.sample import Sample
from monkeycli.training.sampling import Group, plan_epoch

PASSES_AHEAD = 2
"""Passes that are prepared before the model asks for them."""


@dataclass(frozen=True)
class Step:
    """What one process does for one optimizer step."""

    number: int
    """From 0."""
    epoch: float
    """Epochs seen when it is done."""
    passes: tuple[tuple[Group, ...], ...]
    """Groups that go through the model together; as many passes on every process."""
    num_idle: int
    """Passes at the end that are another's: this process has fewer, and only keeps up."""
    num_samples: int
    """Of all processes."""
    num_labels: int
    """Tokens that are learnt, on all processes."""


class PageDataset(TorchDataset[Step]):
    """All steps of a run.

    Args:
        samples: of all datasets.
        datasets: of the mixture.
        settings: how many samples and pages go together, and for how long.
        num_labels: gives how many tokens of a sample are learnt.
        process: number of this one, from 0.
        num_processes: that share every step.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        datasets: Sequence[Dataset],
        settings: TrainSettings,
        *,
        num_labels: Callable[[Sample], int],
        process: int = 0,
        num_processes: int = 1,
    ) -> None:
        self._samples, self._datasets, self._settings = samples, datasets, settings
        self._num_labels = num_labels
        self._process, self._num_processes = process, num_processes
        self._planned: tuple[int, list[list[Group]]] = (0, self._plan(0))
        self.steps_per_epoch = len(self._planned[1])
        self._num_steps = settings.steps or ceil(settings.epochs * self.steps_per_epoch)

    def __len__(self) -> int:
        return self._num_steps

    def __getitem__(self, number: int) -> Step:
        if not 0 <= number < len(self):
            raise IndexError(number)
        epoch, place = divmod(number, self.steps_per_epoch)
        if self._planned[0] != epoch:
            self._planned = (epoch, self._plan(epoch))
        groups = self._planned[1][place]
        samples = [sample for group in groups for sample in group.samples]
        mine, num_idle = share_out(
            groups, self._settings.pages_per_pass, self._process, self._num_processes
        )
        return Step(
            number=number,
            epoch=(number + 1) / self.steps_per_epoch,
            passes=tuple(mine),
            num_idle=num_idle,
            num_samples=len(samples),
            num_labels=sum(map(self._num_labels, samples)),
        )

    def _plan(self, epoch: int) -> list[list[Group]]:
        settings = self._settings
        groups = plan_epoch(
            self._samples,
            self._datasets,
            epoch=epoch,
            seed=settings.seed,
            max_questions=settings.max_questions,
        )
        return cut(groups, settings.batch)


class PassLoader:
    """Gives the steps of a run with their passes prepared ahead; what the Trainer iterates over.

    Close it: an error between two steps leaves the thread that prepares at work, and what it reads
    pages with can be closed only when it is done.

    Args:
        dataset: the steps.
        prepare: turns the groups of a pass into tensors; called in a thread of its own.
        first: step to begin with.
    """

    def __init__(
        self,
        dataset: PageDataset,
        prepare: Callable[[Sequence[Group]], dict[str, Any]],
        first: int = 0,
    ) -> None:
        self.dataset = dataset
        self.first = first
        self._prepare = prepare
        self._entries: list[Generator[Step | dict[str, Any], None, None]] = []

    def close(self) -> None:
        """End the thread that prepares; it is over when this returns."""
        for entries in self._entries:
            entries.close()

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[tuple[Step, Iterator[dict[str, Any]]]]:
        """Give every step from `first` on; its passes have to be drawn before the next step."""
        entries = ahead(self._draw(), PASSES_AHEAD)
        self._entries.append(entries)
        try:
            for step in entries:
                assert isinstance(step, Step), "the passes of a step were not drawn"
                yield step, cast(Iterator[dict[str, Any]], islice(entries, len(step.passes)))
        finally:
            self._entries.remove(entries)
            entries.close()

    def _draw(self) -> Iterator[Step | dict[str, Any]]:
        """Give each step, and behind it its passes; the thread alone asks the dataset."""
        for number in range(self.first, len(self.dataset)):
            step = self.dataset[number]
            yield step
            for groups in step.passes:
                yield self._prepare(groups)


def cut(groups: Sequence[Group], batch: int) -> list[list[Group]]:
    """Cut an epoch into steps.

    Args:
        groups: in the order they are learnt.
        batch: samples of a step; a group that reaches over the end is divided.

    Returns:
        The groups of each step; only the last may have fewer samples.
    """
    steps: list[list[Group]] = []
    room = 0
    for group in groups:
        rest = group.samples
        while rest:
            if not room:
                steps.append([])
                room = batch
            taken, rest = rest[:room], rest[room:]
            steps[-1].append(replace(group, samples=taken))
            room -= len(taken)
    return steps


def share_out(
    groups: Sequence[Group], pages_per_pass: int, process: int, num_processes: int
) -> tuple[list[tuple[Group, ...]], int]:
    """Give one process its passes of a step.

    Args:
        groups: of the step.
        pages_per_pass: most groups of a pass.
        process: its number, from 0.
        num_processes: that share the step.

    Returns:
        Its passes, as many as every other process has, for they wait for each other in every one
        of them; and how many of these, at the end, are copies that nothing is learnt from.
    """
    parts = list(groups)
    while len(parts) < num_processes and any(len(part.samples) > 1 for part in parts):
        largest = max(range(len(parts)), key=lambda n: len(parts[n].samples))
        samples = parts[largest].samples
        half = len(samples) // 2
        halves = (samples[:half], samples[half:])
        parts[largest : largest + 1] = [replace(parts[largest], samples=part) for part in halves]
    shares = [parts[n::num_processes] for n in range(num_processes)]
    num_passes = ceil(max(map(len, shares)) / pages_per_pass)
    mine = shares[process]
    size = pages_per_pass
    passes = [tuple(mine[start : start + size]) for start in range(0, len(mine), size)]
    num_idle = num_passes - len(passes)
    return passes + [(parts[0],)] * num_idle, num_idle
