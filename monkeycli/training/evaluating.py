"""Answer the evaluation sets as a user's questions are answered, and score the answers."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monkeycli.answer import Answer, Answerer
from monkeycli.errors import ItemError
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.options import GenerateOptions
from monkeycli.scoring.interval import Interval, mean_and_interval
from monkeycli.scoring.metrics import Metric, metric_named
from monkeycli.training.images import PageImages
from monkeycli.training.mixture import Evaluation
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sample import ImageSource, Sample

PAGES_AT_ONCE = 4
"""Pages that are encoded together."""


class Given(NamedTuple):
    """What was answered to one sample."""

    place: int
    """Of the sample in its set."""
    text: str | None
    """None if the answer is not on the page."""
    is_failure: bool
    """Whether there is none for another reason: it counts as wrong, whatever was to be said."""


Gather = Callable[[list[Given]], list[Given]]
"""Puts together what all processes give."""


@dataclass(frozen=True)
class EvaluationSet:
    """Samples to answer now and then."""

    evaluation: Evaluation
    samples: tuple[Sample, ...]

    @classmethod
    def of(cls, evaluation: Evaluation, samples: Sequence[Sample]) -> "EvaluationSet":
        """Choose as many samples as are wanted, evenly spread over the file: always the same."""
        wanted = min(evaluation.samples or len(samples), len(samples))
        return cls(evaluation, tuple(samples[n * len(samples) // wanted] for n in range(wanted)))


@dataclass(frozen=True)
class Score:
    """What the answers to one set came to."""

    name: str
    metric: Metric
    interval: Interval
    mean_by_task: dict[str, float] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The mean as a share of the best there can be."""
        return self.interval.mean / self.metric.most

    def line(self, step: int) -> dict[str, object]:
        """Write it as a line of the log."""
        return {
            "kind": "eval",
            "step": step,
            "name": self.name,
            "metric": self.metric.name,
            "n": self.interval.n,
            "mean": self.interval.mean,
            "low": self.interval.low,
            "high": self.interval.high,
            "mean_by_task": self.mean_by_task,
        }


class Evaluator:
    """Answers and scores evaluation sets.

    Args:
        sets: to answer.
        images: opens their pages.
        processor: of the checkpoint.
        prompts: of the mixture.
        with_text: whether a page's own text stands beside its image.
        process: number of this process, from 0.
        num_processes: that share the pages.
        gather: puts together what all processes give.
    """

    def __init__(
        self,
        sets: Sequence[EvaluationSet],
        images: PageImages,
        processor: MonkeyProcessor,
        prompts: TaskPrompts,
        *,
        with_text: bool,
        process: int = 0,
        num_processes: int = 1,
        gather: Gather = lambda found: found,
    ) -> None:
        self._sets = sets
        self._images = images
        self._processor = processor
        self._prompts = prompts
        self._with_text = with_text
        self._process, self._num_processes = process, num_processes
        self._gather = gather

    def evaluate(self, model: MonkeyForConditionalGeneration) -> list[Score]:
        """Answer and score every set.

        Args:
            model: put into evaluation mode, and left so.

        Raises:
            UsageError: a page cannot be read.
        """
        model.eval()  # type: ignore[no-untyped-call]  # transformers' decorator hides it
        return [self._score(part, self._answer(part, model)) for part in self._sets]

    def _answer(self, part: EvaluationSet, model: MonkeyForConditionalGeneration) -> list[Given]:
        """Answer every sample of a set, in order."""
        answerer = Answerer(model, self._processor, GenerateOptions(max_tokens=self._longest(part)))
        places: dict[ImageSource, list[int]] = defaultdict(list)
        for place, sample in enumerate(part.samples):
            places[sample.image].append(place)
        mine = list(places.items())[self._process :: self._num_processes]
        found: list[Given] = []
        for start in range(0, len(mine), PAGES_AT_ONCE):
            some = mine[start : start + PAGES_AT_ONCE]
            self._images.expect([image for image, _ in some])
            pages = [self._images.open(image) for image, _ in some]
            prompts = answerer.encode(pages, with_text=self._with_text)
            endings = [
                [tuple(self._prompts.prompt_ids(part.samples[n], prompt.text)) for n in asked]
                for (_, asked), prompt in zip(some, prompts, strict=True)
            ]
            for (_, asked), answers in zip(some, answerer.answer(prompts, endings), strict=True):
                found += map(_given, asked, answers)
        return sorted(self._gather(found))

    def _longest(self, part: EvaluationSet) -> int:
        """Say how long answers may get: well beyond the right ones, for no others score."""
        lengths = [
            len(self._prompts.answer_ids(sample, num))
            for sample in part.samples
            for num in range(max(1, len(sample.answers)))
        ]
        return min(GenerateOptions().max_tokens, max(lengths) * 2 + 16)

    def _score(self, part: EvaluationSet, given: Sequence[Given]) -> Score:
        metric = metric_named(part.evaluation.metric)
        golds = [sample.answers for sample in part.samples]
        scores = metric.score_all([answer.text for answer in given], golds)
        scores = [
            0.0 if answer.is_failure else score for answer, score in zip(given, scores, strict=True)
        ]
        bounds = (0.0, metric.most)
        documents = [str(sample.image.path) for sample in part.samples]
        by_task: dict[str, list[float]] = defaultdict(list)
        for sample, score in zip(part.samples, scores, strict=True):
            by_task[sample.task].append(score)
        means = {task: sum(found) / len(found) for task, found in sorted(by_task.items())}
        return Score(
            part.evaluation.name,
            metric,
            mean_and_interval(scores, documents, bounds=bounds),
            means if len(means) > 1 else {},
        )


def _given(place: int, answer: Answer | ItemError) -> Given:
    if isinstance(answer, ItemError):
        return Given(place, "", is_failure=True)
    return Given(place, answer.text, is_failure=False)
