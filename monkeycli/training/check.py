"""Whether a mixture can be learnt from, before anything is: `monkey train --dry-run`.

Everything that is wrong is found in one go, and each complaint names file and line. Says, too, what
will be seen, how a prompt of each task reads, and about how much time and memory a run takes.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.estimate import CostModel, Estimate, PassShape, measure_rate
from monkeycli.training.formats import Problem
from monkeycli.training.mixture import Mixture
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sample import TASKS, Sample, TaskName
from monkeycli.training.sampling import Group, epoch_counts, plan_epoch
from monkeycli.training.survey import OnImage, SeenSample, Survey, and_more, take_survey

_ROUND = 32
"""Tokens to which a pass is rounded up, so that few lengths have to be counted."""


@dataclass(frozen=True)
class MixRow:
    """A task of a dataset, in the mix."""

    dataset: str
    task: TaskName
    num_samples: int
    """That can be learnt from."""
    num_seen: int
    """In the first epoch."""
    share: float
    """Of the samples that the epoch sees."""
    median_tokens: int
    """Of a sequence with one sample alone: image, text, question and answer."""
    max_tokens: int


@dataclass(frozen=True)
class Example:
    """How a task is put to the model."""

    task: TaskName
    origin: str
    prompt: str
    """All before the answer; features and the page's text are only counted."""
    answer: str


@dataclass(frozen=True)
class Report:
    """What was found."""

    problems: tuple[Problem, ...]
    """By file and line; a run does not start while there are any."""
    rows: tuple[MixRow, ...]
    """By dataset and task."""
    evaluations: tuple[tuple[str, int], ...]
    """The name of each, and how many samples of it can be answered."""
    examples: tuple[Example, ...]
    """One of each task in the mix."""
    notes: tuple[str, ...]
    """What is not wrong, but may not be what was meant."""
    num_images: int
    """That could be opened."""
    num_steps: int
    """Optimizer steps of the whole run; 0 if there is nothing to learn."""
    estimate: Estimate | None
    """None if there is nothing to learn."""


def check_mixture(
    mixture: Mixture,
    processor: MonkeyProcessor,
    *,
    device: torch.device,
    dtype: torch.dtype,
    num_workers: int = 1,
    on_image: OnImage = lambda _, __: None,
) -> Report:
    """Look for everything that would stop or spoil a run, and say what it would do.

    Args:
        mixture: with every setting filled in.
        processor: of the checkpoint to start from.
        device: that would learn.
        dtype: it would compute in.
        num_workers: processes that open images.
        on_image: called after every image with how many were opened, of how many.
    """
    prompts = TaskPrompts(processor, mixture.prompts)
    survey = take_survey(mixture, processor, prompts, num_workers=num_workers, on_image=on_image)
    problems = [*survey.problems, *_too_long(survey), *_learnt_and_held_out(survey)]
    if mixture.train.text == "layer" and not processor.config.max_evidence_tokens:
        name = processor.config.checkpoint_name or "the checkpoint"
        what = f"train.text is 'layer', but {name} has no place for a page's text in its prompt"
        problems.append(Problem(str(mixture.path), what))
    fitting = tuple(seen for seen in survey.learnt if _length(seen, survey) <= survey.limit)
    plan = _Plan.of(mixture, replace(survey, learnt=fitting))
    estimate = None
    if plan.groups:
        costs = CostModel(processor.config, mixture.tune, mixture.train, dtype)
        estimate = _estimate(mixture, plan, costs, measure_rate(device, dtype))
    held_out = Counter(seen.sample.dataset for seen in survey.held_out)
    return Report(
        problems=tuple(sorted(set(problems), key=_line_order)),
        rows=tuple(_rows(mixture, plan)),
        evaluations=tuple((part.name, held_out[n]) for n, part in enumerate(mixture.evaluations)),
        examples=tuple(_examples(plan.survey, processor, prompts)),
        notes=tuple(_notes(mixture, plan.survey, prompts)),
        num_images=len(survey.images),
        num_steps=plan.num_steps,
        estimate=estimate,
    )


def _line_order(problem: Problem) -> tuple[str, int, str]:
    """Order problems by file, then by line as a number."""
    file, _, line = problem.origin.rpartition(":")
    if line.isdecimal():
        return file, int(line), problem.message
    return problem.origin, 0, problem.message


def _length(seen: SeenSample, survey: Survey) -> int:
    """Count the tokens of a sample alone, its page's text left out."""
    return survey.images[seen.sample.image].num_tokens + seen.num_tokens


def _full_length(seen: SeenSample, survey: Survey) -> int:
    """Count the tokens of a sample alone, its page's text cut to fit."""
    evidence = survey.images[seen.sample.image].num_evidence
    return min(survey.limit, _length(seen, survey) + evidence)


def _too_long(survey: Survey) -> Iterator[Problem]:
    """Find samples that fit into no sequence, even without their page's text."""
    for seen in survey.learnt:
        total = _length(seen, survey)
        if total > survey.limit:
            image = survey.images[seen.sample.image].num_tokens
            parts = f"image {image}, question {seen.num_prompt}, answer {seen.num_answer}"
            what = f"has {total} tokens ({parts}), a sequence at most {survey.limit}"
            hint = "shorten it" if survey.limit == survey.context else "raise train.max_tokens"
            yield Problem(seen.sample.origin, f"{what}; {hint}")
    for seen in survey.held_out:
        total = _length(seen, survey) - seen.num_answer
        if total >= survey.context:
            what = f"has a prompt of {total} tokens, the model reads {survey.context}"
            yield Problem(seen.sample.origin, f"{what}; ask a shorter question")


def _learnt_and_held_out(survey: Survey) -> Iterator[Problem]:
    """Find pages that are both learnt from and used to tell what was learnt."""
    learnt_at: dict[tuple[str, int], str] = {}
    for seen in survey.learnt:
        learnt_at.setdefault(survey.images[seen.sample.image].content, seen.sample.origin)
    both: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    for seen in survey.held_out:
        content = survey.images[seen.sample.image].content
        if content in learnt_at:
            both[content].append(seen.sample)
    for content, samples in both.items():
        first, more = samples[0], and_more(len(samples) - 1)
        what = f"the page {first.image} is learnt from, too: {learnt_at[content]}"
        yield Problem(first.origin, f"{what}; take it out of one of them{more}")


@dataclass(frozen=True)
class _Plan:
    """The first epoch, and how many steps all of them make."""

    survey: Survey
    groups: tuple[Group, ...]
    num_steps: int
    epochs: float

    @classmethod
    def of(cls, mixture: Mixture, survey: Survey) -> "_Plan":
        samples = [seen.sample for seen in survey.learnt]
        sizes = Counter(sample.dataset for sample in samples)
        counts = epoch_counts([sizes[n] for n in range(len(mixture.datasets))], mixture.datasets)
        settings = mixture.train
        per_epoch = math.ceil(sum(counts) / settings.batch)
        if not per_epoch:
            return cls(survey, (), 0, 0.0)
        groups = plan_epoch(
            samples,
            mixture.datasets,
            epoch=0,
            seed=settings.seed,
            max_questions=settings.max_questions,
        )
        num_steps = settings.steps or math.ceil(settings.epochs * per_epoch)
        return cls(survey, tuple(groups), num_steps, num_steps / per_epoch)

    def shapes(self) -> Counter[PassShape]:
        """Count the shapes of the epoch's pages, each with its questions."""
        seen_of = {id(seen.sample): seen for seen in self.survey.learnt}
        shapes: Counter[PassShape] = Counter()
        for group in self.groups:
            image = self.survey.images[group.image]
            seen = [seen_of[id(sample)] for sample in group.samples]
            longest = max(part.num_tokens for part in seen)
            room = self.survey.limit - image.num_tokens - longest
            prefix = image.num_tokens + min(image.num_evidence, room)
            total = prefix + sum(part.num_tokens for part in seen)
            shapes[
                PassShape(
                    num_views=image.grid.num_windows + 1,
                    num_tokens=math.ceil(total / _ROUND) * _ROUND,
                    num_labels=sum(part.num_answer for part in seen),
                )
            ] += 1
        return shapes


def _estimate(mixture: Mixture, plan: _Plan, costs: CostModel, rate: float) -> Estimate:
    shapes = plan.shapes()
    limit = plan.survey.limit
    per_epoch = sum(costs.cost(shape).flops * times for shape, times in shapes.items())
    largest = max(
        costs.cost(replace(shape, num_tokens=min(limit, shape.num_tokens))).kept_bytes
        for shape in shapes
    )
    return Estimate(
        num_parameters=costs.num_parameters,
        num_learnt=costs.num_learnt,
        weight_bytes=costs.weight_bytes,
        learnt_bytes=costs.learnt_bytes,
        pass_bytes=largest * mixture.train.pages_per_pass,
        flops=per_epoch * plan.epochs,
        rate=rate,
    )


def _rows(mixture: Mixture, plan: _Plan) -> Iterator[MixRow]:
    lengths: dict[tuple[int, TaskName], list[int]] = defaultdict(list)
    for seen in plan.survey.learnt:
        key = seen.sample.dataset, seen.sample.task
        lengths[key].append(_full_length(seen, plan.survey))
    times_seen = Counter(
        (sample.dataset, sample.task) for group in plan.groups for sample in group.samples
    )
    total = max(1, times_seen.total())
    for key in sorted(lengths, key=lambda key: (key[0], TASKS.index(key[1]))):
        yield MixRow(
            dataset=str(mixture.datasets[key[0]].path),
            task=key[1],
            num_samples=len(lengths[key]),
            num_seen=times_seen[key],
            share=times_seen[key] / total,
            median_tokens=round(statistics.median(lengths[key])),
            max_tokens=max(lengths[key]),
        )


def _examples(
    survey: Survey, processor: MonkeyProcessor, prompts: TaskPrompts
) -> Iterator[Example]:
    first: dict[TaskName, SeenSample] = {}
    for seen in survey.learnt:
        first.setdefault(seen.sample.task, seen)

    def show(ids: list[int]) -> str:
        decoded = processor.tokenizer.decode(
            ids, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        return str(decoded)

    most = "up to " if processor.config.reads else ""
    for task in sorted(first, key=TASKS.index):
        sample, num_excerpt = first[task].sample, first[task].num_excerpt
        image = survey.images[sample.image]
        ids = processor.page_ids(image.grid, has_text=image.num_evidence > 0)
        num_features = ids.count(processor.config.image_token_id)
        start = ids.index(processor.config.image_start_id) + 1
        features = f"[{most}{num_features} features]" if num_features else "[not looked at]"
        text = f"[{image.num_evidence} tokens of its text]" if image.num_evidence else ""
        text += f"[{num_excerpt} tokens of the lines asked about]" if num_excerpt else ""
        before, after = show(ids[:start]), show(ids[start + num_features :])
        asked = show(prompts.prompt_ids(sample))
        prompt = f"{before}{features}{after}{text}{asked}"
        yield Example(task, sample.origin, prompt, show(prompts.answer_ids(sample)))


def _notes(mixture: Mixture, survey: Survey, prompts: TaskPrompts) -> Iterator[str]:
    num_cut = sum(image.is_cut for image in survey.images.values())
    if num_cut:
        yield f"{num_cut} of {len(survey.images)} pages have more text than fits: its end is cut"
    other: Counter[TaskName] = Counter()
    for seen in survey.learnt:
        sample = seen.sample
        if sample.prompt is not None and sample.task not in mixture.prompts:
            own = prompts.prompt_ids(replace(sample, prompt=None))
            other[sample.task] += prompts.prompt_ids(sample) != own
    for task, number in other.items():
        if number:
            yield (
                f"{number} {task} samples bring a prompt of their own, which is not the one that"
                f" the checkpoint is asked with; prompts.{task} in the mixture file replaces it"
            )
