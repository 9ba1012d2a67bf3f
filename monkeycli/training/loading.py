"""Everything a run needs in memory before its first step: samples, model, prompts."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from monkeycli.catalog import find_checkpoint
from monkeycli.errors import ModelError, UsageError
from monkeycli.messages import count
from monkeycli.model.checkpoint import load_checkpoint
from monkeycli.model.device import choose_device, choose_dtype
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.evaluating import EvaluationSet
from monkeycli.training.formats import Problem, read_samples
from monkeycli.training.mixture import Dataset, Evaluation, Mixture
from monkeycli.training.sample import Sample
from monkeycli.training.tuning import Tuned, prepare

MAX_PROBLEMS = 10
"""Broken lines that are shown; how many more there are is said."""


@dataclass(frozen=True)
class Place:
    """Where this process computes, and in what."""

    device: torch.device
    has_bfloat16: bool
    """Whether passes are computed in bfloat16."""
    process: int
    """Its number, from 0."""
    num_processes: int
    """That take every step together, started by torchrun or accelerate."""
    is_sharded: bool
    """Whether they share the weights out (FSDP)."""

    @property
    def dtype(self) -> torch.dtype:
        """What passes are computed in."""
        return torch.bfloat16 if self.has_bfloat16 else torch.float32

    @property
    def is_main(self) -> bool:
        """Whether this process writes the files."""
        return self.process == 0


def find_place(device: str, precision: str) -> Place:
    """Say where this process computes.

    Args:
        device: as `--device` takes it.
        precision: of the train settings.

    Raises:
        UsageError: there is no such device, or one process was told to take another's.
        ModelError: this machine has no such device.
    """
    process, num_processes, local = (
        int(os.environ.get(name, default))
        for name, default in (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_RANK", "0"))
    )
    found = choose_device(device)
    if found.type == "cuda" and num_processes > 1:
        if device.startswith("cuda:"):
            raise UsageError(
                f"--device {device}: {num_processes} processes were started, each with a GPU of its"
                " own",
                "use --device auto, and CUDA_VISIBLE_DEVICES to choose among GPUs",
            )
        found = choose_device(f"cuda:{local}")
    dtype = choose_dtype(precision, found)
    return Place(
        found,
        has_bfloat16=dtype == torch.bfloat16,
        process=process,
        num_processes=num_processes,
        is_sharded=os.environ.get("ACCELERATE_USE_FSDP", "").lower() in ("1", "true"),
    )


def load_samples(mixture: Mixture) -> tuple[list[Sample], list[EvaluationSet]]:
    """Read all datasets and evaluation sets of a mixture.

    Returns:
        The samples to learn from, and the sets to evaluate on.

    Raises:
        UsageError: a line is broken, an image is not there or a file holds nothing; names file
            and line. Whether images can be read is seen when they are.
    """
    problems: list[Problem] = []

    def read(part: Dataset | Evaluation, number: int) -> list[Sample]:
        found = list(read_samples(part, number))
        problems.extend(item for item in found if isinstance(item, Problem))
        return [item for item in found if isinstance(item, Sample)]

    samples = [s for n, dataset in enumerate(mixture.datasets) for s in read(dataset, n)]
    sets = [(evaluation, read(evaluation, n)) for n, evaluation in enumerate(mixture.evaluations)]
    problems.extend(_missing_images([*samples, *(s for _, found in sets for s in found)]))
    if problems:
        raise UsageError(_list_problems(problems), "monkey train --dry-run shows all")
    return samples, [EvaluationSet.of(evaluation, found) for evaluation, found in sets]


def load_tuned(mixture: Mixture, place: Place) -> tuple[Tuned, MonkeyProcessor]:
    """Load the checkpoint that a run starts from, and make learn what is to learn.

    Raises:
        ModelError: the checkpoint is missing, broken or does not fit into memory.
        UsageError: it lacks what is to learn.
    """
    # What is tuned as a whole is loaded as it is stored: bfloat16 would round it first.
    is_rounded = place.has_bfloat16 and mixture.tune.method != "full"
    folder: Path = find_checkpoint(mixture.model)
    try:
        model, processor = load_checkpoint(
            folder,
            dtype=torch.bfloat16 if is_rounded else torch.float32,
            device=torch.device("cpu") if place.is_sharded else place.device,
        )
        return prepare(model, mixture.tune), processor
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise ModelError(
            f"{mixture.model} does not fit into the memory of {place.device}",
            "use --method qlora, --device cpu, or several GPUs, sharing the weights out",
        ) from error


def _missing_images(samples: Iterable[Sample]) -> Iterator[Problem]:
    """Find the first sample of every image that is not there."""
    first: dict[Path, str] = {}
    for sample in samples:
        first.setdefault(sample.image.path, sample.origin)
    for path, origin in first.items():
        if not os.path.exists(path):  # noqa: PTH110 - this one raises nothing
            yield Problem(origin, f"image {path} does not exist")


def _list_problems(problems: Iterable[Problem]) -> str:
    lines = [str(problem) for problem in problems]
    shown = lines[:MAX_PROBLEMS]
    if len(lines) > len(shown):
        shown.append(f"and {count(len(lines) - len(shown), 'more problem')}")
    return "\n".join(shown)
