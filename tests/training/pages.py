"""Draw pages with questions, and models to learn from them."""

from pathlib import Path

import torch

from monkeycli.document import Page
from monkeycli.grid import WindowGrid
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.encode import EncodedPage, encode_group
from monkeycli.training.losses import Losses, TrainingModel
from monkeycli.training.mixture import TrainSettings
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sample import ImageSource, Sample, TaskName
from monkeycli.training.sampling import Group
from tests.model.drawing import draw_page

WIDE = WindowGrid(1, 2)
TEXT = "Invoice 17\nTotal  42 units\n"


def make_sample(
    question: str | None, answer: str | None, *, task: TaskName = "vqa", line: int = 1, **more: str
) -> Sample:
    answers = () if answer is None else (answer,)
    image = ImageSource(Path("page.png"))
    return Sample(f"mix.jsonl:{line}", 0, task, image, question, answers, **more)


SAMPLES = (
    make_sample("total?", "42 units", line=1),
    make_sample("what is the number of this invoice?", "17", line=2),
    make_sample("who signed?", None, task="no_answer", line=3),
    make_sample(None, "An invoice over 42 units.", task="caption", line=4),
)


def make_page(*, grid: WindowGrid = WIDE, text: str | None = TEXT, seed: int = 0) -> Page:
    return Page(1, None, draw_page(*grid.canvas, seed=seed), grid, text)


def encode(
    processor: MonkeyProcessor,
    samples: tuple[Sample, ...] = SAMPLES,
    *,
    page: Page | None = None,
    **settings: object,
) -> EncodedPage:
    chosen = TrainSettings(**{"max_tokens": 512, **settings})
    group = Group(samples[0].image, samples)
    return encode_group(group, page or make_page(), processor, TaskPrompts(processor, {}), chosen)


def encode_apart(processor: MonkeyProcessor, **options: object) -> list[EncodedPage]:
    """Encode every sample as the only one of its page."""
    return [encode(processor, (sample,), **options) for sample in SAMPLES]


def still(model: MonkeyForConditionalGeneration) -> TrainingModel:
    """Put a model into training mode without dropout."""
    wrapped = TrainingModel(model).train()
    for module in wrapped.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return wrapped


def gradients(model: TrainingModel, losses: list[Losses]) -> dict[str, torch.Tensor]:
    """Give the gradients of the sum of some losses, and forget them."""
    model.zero_grad()
    sum(part.total for part in losses).backward()
    found = {
        name: weight.grad.clone()
        for name, weight in model.named_parameters()
        if weight.grad is not None
    }
    model.zero_grad()
    return found
