"""A page and what is asked about it as tokens, spelled as they will be when it is answered.

What all questions about a page have in common stands in front, once: the image's span and the
page's own text. Every sample adds a branch: what is asked, and the answer with the end token.
"""

# V views

from dataclasses import dataclass

import torch

from monkeycli.document import Page
from monkeycli.errors import UsageError
from monkeycli.grid import WindowGrid
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.mixture import TrainSettings
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sample import Sample, TaskName
from monkeycli.training.sampling import Group


@dataclass(frozen=True)
class Branch:
    """What is asked about a page and what should be answered."""

    prompt_ids: tuple[int, ...]
    """Behind the prefix, up to the answer."""
    answer_ids: tuple[int, ...]
    """What is learnt; the end token is its last."""
    task: TaskName
    origin: str
    """`docvqa.jsonl:17`, for messages."""

    @property
    def num_tokens(self) -> int:
        """Tokens of question and answer together."""
        return len(self.prompt_ids) + len(self.answer_ids)


@dataclass(frozen=True)
class EncodedPage:
    """A page, ready to be learnt from."""

    views_V3HW: torch.Tensor
    """Windows in order, then the global view; float32, normalised. None of a page that is not
    looked at, since its text is given."""
    grid: WindowGrid
    prefix_ids: tuple[int, ...]
    """The image's span and the page's own text."""
    branches: tuple[Branch, ...]
    max_tokens: int
    """Longest sequence; any one branch fits behind the prefix, all together may not."""
    is_cut: bool
    """Whether the end of the page's text had to be left out."""


def encode_group(
    group: Group,
    page: Page,
    processor: MonkeyProcessor,
    prompts: TaskPrompts,
    settings: TrainSettings,
) -> EncodedPage:
    """Turn the samples of a page into tokens and the page into views.

    The page's text stands beside it as it does when a question is answered, and is cut further if
    the longest question and answer leave less room.

    Args:
        group: the samples.
        page: the one they are all about.
        processor: of the checkpoint.
        prompts: of the mixture.
        settings: `text` and `max_tokens` of them.

    Raises:
        UsageError: a sample is longer than a sequence may be, even without the page's text; the
            page's text is wanted of a checkpoint that has no place for it; or the page's grid has
            more windows than the checkpoint has adapters.
    """
    text = _own_text(page, processor, settings)
    has_text = bool(text.strip()) and processor.config.max_evidence_tokens > 0
    beside = text if has_text else ""
    branches = tuple(_branch(sample, prompts, beside) for sample in group.samples)
    image_ids = processor.page_ids(page.grid, has_text=has_text)
    context = int(processor.config.text_config.max_position_embeddings)
    limit = min(settings.max_tokens, context)
    for branch in branches:
        if len(image_ids) + branch.num_tokens > limit:
            raise _too_long(branch, len(image_ids), limit, is_context=limit == context)
    room = limit - len(image_ids) - max(branch.num_tokens for branch in branches)
    evidence, is_cut = processor.encode_evidence(text, room=room)
    return EncodedPage(
        views_V3HW=_views(page, processor, has_text=has_text),
        grid=page.grid,
        prefix_ids=(*image_ids, *evidence),
        branches=branches,
        max_tokens=limit,
        is_cut=is_cut,
    )


def _views(page: Page, processor: MonkeyProcessor, *, has_text: bool) -> torch.Tensor:
    if processor.config.looks_at(has_text=has_text):
        return processor.cut(page.image, page.grid).views_V3HW
    side = processor.config.vision_config.window_size
    return torch.empty(0, 3, side, side)


def _branch(sample: Sample, prompts: TaskPrompts, text: str) -> Branch:
    return Branch(
        tuple(prompts.prompt_ids(sample, text)),
        tuple(prompts.answer_ids(sample)),
        sample.task,
        sample.origin,
    )


def _own_text(page: Page, processor: MonkeyProcessor, settings: TrainSettings) -> str:
    if settings.text == "layer" and not processor.config.max_evidence_tokens:
        name = processor.config.checkpoint_name or "the checkpoint"
        raise UsageError(
            f"train.text is 'layer', but {name} has no place for a page's text in its prompt",
            "say train.text: none",
        )
    return "" if settings.text == "none" else page.text or ""


def _too_long(branch: Branch, num_image: int, limit: int, *, is_context: bool) -> UsageError:
    total = num_image + branch.num_tokens
    parts = f"image {num_image}, question {len(branch.prompt_ids)}, answer {len(branch.answer_ids)}"
    return UsageError(
        f"{branch.origin}: the sample has {total} tokens ({parts}), a sequence at most {limit}",
        "that is all the model can read; shorten the answer"
        if is_context
        else "raise train.max_tokens or shorten the answer",
    )
