"""Which samples an epoch sees, and in which order. Pure arithmetic: opens nothing, knows no model.

How many of a dataset an epoch sees:
- `samples: N`: exactly N.
- `weight: w`: the weighted datasets together give as many samples as they hold, and divide them
  in proportion to their weights (largest remainders, none below 1). Weights alone so never change
  how long an epoch is.
- neither: every sample once.

A dataset is drawn from without repetition: its samples are shuffled and dealt out, and only when
none is left are they shuffled again. The deal goes on from one epoch to the next, so with
`samples: 5000` of 20000 four epochs see each sample once.

The questions about one page that an epoch sees are asked together. The tasks are spread evenly
over the epoch: every stretch of it holds about as much of each as the whole does.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from monkeycli.training.mixture import Dataset
from monkeycli.training.sample import ImageSource, Sample

_DEAL, _ORDER = 0, 1
"""What a random stream is for, so that no two are the same."""


@dataclass(frozen=True)
class Group:
    """The questions about one page that are asked together."""

    image: ImageSource
    samples: tuple[Sample, ...]
    """All of this image, no sample twice."""


def plan_epoch(
    samples: Sequence[Sample],
    datasets: Sequence[Dataset],
    *,
    epoch: int,
    seed: int,
    max_questions: int = 16,
    num_tokens: Callable[[Sample], int] | None = None,
    max_tokens: int | None = None,
) -> list[Group]:
    """Choose an epoch's samples, group them by page and put the groups in order.

    Args:
        samples: of all datasets, each naming its own by number; their order is part of the plan.
        datasets: of the mixture.
        epoch: from 0.
        seed: of the run. The same arguments give the same plan on every machine.
        max_questions: most samples of a group.
        num_tokens: gives how long a sample's question and answer are; needed with `max_tokens`.
        max_tokens: most tokens of a group's questions and answers; a sample that is longer
            stands alone. None for no limit.

    Returns:
        The groups in the order they are learnt.
    """
    by_dataset: list[list[Sample]] = [[] for _ in datasets]
    for sample in samples:
        by_dataset[sample.dataset].append(sample)
    drawn: list[Sample] = []
    counts = epoch_counts([len(part) for part in by_dataset], datasets)
    for number, (part, count) in enumerate(zip(by_dataset, counts, strict=True)):
        drawn += [part[place] for place in _deal(len(part), count, epoch, (seed, number))]
    groups = _group(drawn, max_questions, num_tokens, max_tokens)
    return _spread(groups, np.random.default_rng((_ORDER, seed, epoch)))


def epoch_counts(sizes: Sequence[int], datasets: Sequence[Dataset]) -> list[int]:
    """Say how many samples of each dataset an epoch sees; none of one that is empty.

    Args:
        sizes: samples each dataset holds.
        datasets: what the mixture says of each.

    >>> from pathlib import Path
    >>> half, twice = Dataset(Path("a"), weight=1), Dataset(Path("b"), weight=3)
    >>> epoch_counts([100, 100, 40], [half, twice, Dataset(Path("c"))])
    [50, 150, 40]
    >>> epoch_counts([100, 40], [Dataset(Path("a"), samples=500), Dataset(Path("b"))])
    [500, 40]
    """
    counts = [
        (size if dataset.samples is None else dataset.samples) if size else 0
        for size, dataset in zip(sizes, datasets, strict=True)
    ]
    weights = {
        number: dataset.weight
        for number, dataset in enumerate(datasets)
        if dataset.weight is not None and sizes[number]
    }
    total = sum(sizes[number] for number in weights)
    counts_of = _apportion(total, list(weights.values()))
    for number, count in zip(weights, counts_of, strict=True):
        counts[number] = count
    return counts


def _apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Divide a number in proportion to weights, by largest remainders; nobody gets less than 1.

    >>> _apportion(10, [1, 1, 1])
    [4, 3, 3]
    >>> _apportion(10, [1, 1000])
    [1, 9]
    """
    whole = sum(weights)
    shares = [total * weight / whole for weight in weights]
    counts = [max(1, int(share)) for share in shares]
    order = sorted(range(len(weights)), key=lambda n: (int(shares[n]) - shares[n], n))
    for number in itertools.islice(itertools.cycle(order), max(0, total - sum(counts))):
        counts[number] += 1
    while sum(counts) > total:
        counts[counts.index(max(counts))] -= 1
    return counts


def _deal(size: int, count: int, epoch: int, stream: tuple[int, int]) -> Iterator[int]:
    """Give the places an epoch draws from a dataset of `size`, going on where the last one ended.

    The deal is one endless sequence: a shuffle of all places, then another, and so on.
    """
    place, end = epoch * count, (epoch + 1) * count
    while place < end:
        turn, first = divmod(place, size)
        order = np.random.default_rng((_DEAL, *stream, turn)).permutation(size)
        taken = order[first : first + end - place]
        yield from taken.tolist()
        place += len(taken)


def _group(
    drawn: Sequence[Sample],
    max_questions: int,
    num_tokens: Callable[[Sample], int] | None,
    max_tokens: int | None,
) -> list[Group]:
    """Put samples of one page together.

    A sample that was drawn twice goes into two groups; those of the first time come first.
    """
    times_drawn: dict[int, int] = defaultdict(int)
    pages: dict[tuple[int, ImageSource], list[Sample]] = defaultdict(list)
    for sample in drawn:
        pages[times_drawn[id(sample)], sample.image].append(sample)
        times_drawn[id(sample)] += 1
    groups = []
    for (_, image), members in sorted(pages.items(), key=lambda item: item[0][0]):
        part: list[Sample] = []
        room = max_tokens
        for sample in members:
            length = num_tokens(sample) if num_tokens and room is not None else 0
            is_full = len(part) >= max_questions or (room is not None and length > room)
            if part and is_full:
                groups.append(Group(image, tuple(part)))
                part, room = [], max_tokens
            part.append(sample)
            room = None if room is None else room - length
        groups.append(Group(image, tuple(part)))
    return groups


def _spread(groups: Sequence[Group], random: np.random.Generator) -> list[Group]:
    """Shuffle groups so that those of each kind, by the tasks in them, are evenly spread.

    The j-th of a kind's n groups goes to (j + 1/2) / n of the way. Among the first L groups a
    kind's number is then off its share by less than half the number of kinds plus one.
    """
    kinds: dict[tuple[str, ...], list[Group]] = defaultdict(list)
    for group in groups:
        kinds[tuple(sorted({sample.task for sample in group.samples}))].append(group)
    placed = []
    for number, kind in enumerate(sorted(kinds)):
        members = kinds[kind]
        for j, place in enumerate(random.permutation(len(members)).tolist()):
            placed.append(((j + 0.5) / len(members), number, members[place]))
    placed.sort(key=lambda item: item[:2])
    return [group for _, _, group in placed]
