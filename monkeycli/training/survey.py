"""All samples of a mixture and all their images, looked at once: what is there, what is wrong.

Reads every line, spells every question and answer, opens every image. Loads no weights.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monkeycli.grid import WindowGrid
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.formats import Problem, read_samples
from monkeycli.training.images import raster_options, read_images
from monkeycli.training.mixture import Dataset, Evaluation, Mixture
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sample import ImageSource, Sample

OnImage = Callable[[int, int], None]
"""Called after every image: how many were opened, of how many."""


@dataclass(frozen=True)
class SeenImage:
    """What is known of an image that could be opened."""

    grid: WindowGrid
    num_tokens: int
    """Of its span in the prompt."""
    num_evidence: int
    """Tokens of its own text, as many as the checkpoint takes; 0 if none is wanted."""
    is_cut: bool
    """Whether it has more text than that."""
    content: tuple[str, int]
    """The digest of its file and its page: the same for the same pixels under two names."""


@dataclass(frozen=True)
class SeenSample:
    """A sample that can be learnt from, or answered."""

    sample: Sample
    num_prompt: int
    """Tokens of its question, the excerpt before it among them."""
    num_excerpt: int
    """Tokens of that excerpt of its page's text."""
    num_answer: int
    """Tokens of its answer, the end token among them."""

    @property
    def num_tokens(self) -> int:
        """Tokens of question and answer."""
        return self.num_prompt + self.num_answer


@dataclass(frozen=True)
class Survey:
    """What a mixture holds."""

    learnt: tuple[SeenSample, ...]
    """Of the datasets: all whose image could be opened, those that are too long among them."""
    held_out: tuple[SeenSample, ...]
    """Of the evaluations, likewise."""
    images: dict[ImageSource, SeenImage]
    problems: tuple[Problem, ...]
    limit: int
    """Most tokens of a sequence that is learnt."""
    context: int
    """Most tokens the model reads."""


def take_survey(
    mixture: Mixture,
    processor: MonkeyProcessor,
    prompts: TaskPrompts,
    *,
    num_workers: int,
    on_image: OnImage,
) -> Survey:
    """Look at everything that a run would read.

    Args:
        mixture: what is learnt, and what is held out.
        processor: of the checkpoint.
        prompts: of the mixture, for this checkpoint.
        num_workers: processes that open images.
        on_image: called after every image.
    """
    problems: list[Problem] = []
    learnt = _read(mixture.datasets, problems)
    held_out = _read(mixture.evaluations, problems)
    wanted: dict[ImageSource, list[Sample]] = defaultdict(list)
    for sample in learnt + held_out:
        wanted[sample.image].append(sample)
    raster = raster_options(processor.config, mixture.train.text, num_workers=num_workers)
    images: dict[ImageSource, SeenImage] = {}
    seen: dict[int, SeenSample] = {}
    for number, read in enumerate(read_images(wanted, raster), 1):
        if read.page is None:
            first, *others = wanted[read.source]
            problems.append(Problem(first.origin, f"{read.error}{and_more(len(others))}"))
        else:
            text = read.page.text or ""
            evidence, is_cut = processor.encode_evidence(text)
            images[read.source] = SeenImage(
                grid=read.page.grid,
                num_tokens=len(processor.page_ids(read.page.grid, has_text=bool(evidence))),
                num_evidence=len(evidence),
                is_cut=is_cut,
                content=(read.sha256 or str(read.source), read.source.page),
            )
            beside = text if evidence else ""
            seen |= {id(part): _spell(part, prompts, beside) for part in wanted[read.source]}
        on_image(number, len(wanted))
    context = int(processor.config.text_config.max_position_embeddings)
    return Survey(
        learnt=tuple(seen[id(sample)] for sample in learnt if id(sample) in seen),
        held_out=tuple(seen[id(sample)] for sample in held_out if id(sample) in seen),
        images=images,
        problems=tuple(problems),
        limit=min(mixture.train.max_tokens, context),
        context=context,
    )


def and_more(num_lines: int) -> str:
    """Say that other lines have the same fault.

    >>> and_more(2)
    ' (and 2 more lines)'
    """
    return f" (and {num_lines} more line{'s' * (num_lines > 1)})" if num_lines > 0 else ""


def _read(parts: Sequence[Dataset | Evaluation], problems: list[Problem]) -> list[Sample]:
    samples = []
    for number, part in enumerate(parts):
        for found in read_samples(part, number):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                samples.append(found)
    return samples


def _spell(sample: Sample, prompts: TaskPrompts, text: str) -> SeenSample:
    """Count a sample's tokens; its page's text is given if that stands beside the image."""
    return SeenSample(
        sample,
        num_prompt=len(prompts.prompt_ids(sample, text)),
        num_excerpt=len(prompts.excerpt_ids(sample, text)),
        num_answer=len(prompts.answer_ids(sample)),
    )
