"""Published scores, to lay beside one's own. A score means nothing without its metric's name."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import orjson

from monkeycli.errors import UsageError


@dataclass(frozen=True)
class Published:
    """What a publication says of one benchmark, in one measure."""

    benchmark: str
    """The name that `--compare` takes."""
    title: str
    """As it is written."""
    metric: str | None
    """The metric here that measures the same; None if none does."""
    measure: str
    """What the publication calls it."""
    unit: str
    """Of `scores`: `percent`, or `points` of the benchmark's own."""
    scores: Mapping[str, float]
    """As they are printed, by model."""
    source: str
    note: str | None
    """What to know before one compares."""

    def scaled(self) -> dict[str, float]:
        """Give the scores as fractions of 1, which is how ours are told; points as they are."""
        scale = 100 if self.unit == "percent" else 1
        return {model: score / scale for model, score in self.scores.items()}


@functools.cache
def all_published() -> tuple[Published, ...]:
    """Give all published scores that are shipped."""
    data = files("monkeycli.scoring").joinpath("published.json").read_bytes()
    return tuple(Published(**fields) for fields in orjson.loads(data))


def published_for(benchmark: str) -> tuple[Published, ...]:
    """Give the published scores of a benchmark, those of the paper's tables first.

    Args:
        benchmark: its name, in any case.

    Raises:
        UsageError: none are known.

    >>> [entry.metric for entry in published_for("DocVQA")]
    ['anls', 'contains']
    """
    found = tuple(entry for entry in all_published() if entry.benchmark == benchmark.lower())
    if not found:
        known = ", ".join(dict.fromkeys(entry.benchmark for entry in all_published()))
        raise UsageError(f"there are no published scores for {benchmark!r}", f"known are {known}")
    return found
