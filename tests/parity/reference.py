"""A small checkpoint in the published layout, run by us, beside what the published code gave.

The numbers lie beside the repository, in `../shared/parity`, and are not part of it.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import torch
from PIL import Image
from safetensors.torch import load_file
from transformers import BatchFeature

from monkeycli.model.checkpoint import load_checkpoint
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor

PARITY = Path(__file__).parents[3] / "shared" / "parity"
PICTURES = ["portrait_text.png", "landscape_table.png", "square_photo.png"]
SINGLE = [f"{form}.{name}" for name in PICTURES for form in ("ask", "caption", "eval")]
NUM_STEPS = 24


@dataclass
class Steps:
    """What greedy decoding gave: `[sequences, steps, vocabulary]`, and the tokens."""

    tokens: list[list[int]]
    first_logits: torch.Tensor
    scores: torch.Tensor


@dataclass
class Reference:
    """A checkpoint in the published layout, and what the published code gave with it."""

    folder: Path
    model: MonkeyForConditionalGeneration
    processor: MonkeyProcessor
    cases: dict[str, Any]
    tensors: dict[str, torch.Tensor]
    _steps: dict[str, Steps] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path, *, goldens: str) -> Self:
        model, processor = load_checkpoint(folder, dtype=torch.float32, device=torch.device("cpu"))
        cases = json.loads((PARITY / f"{goldens}.json").read_text())["cases"]
        tensors = load_file(PARITY / f"{goldens}.safetensors")
        return cls(folder, model, processor, cases, tensors)

    def picture(self, name: str) -> Image.Image:
        return Image.open(PARITY / "images" / name)

    def inputs(self, case: str) -> BatchFeature:
        """Prepare a case: the pictures a prompt names in `<img>`, and the text after them."""
        prompts = self.cases[case]["text"]
        prompts = [prompts] if isinstance(prompts, str) else prompts
        images = [
            [Image.open(PARITY / path) for path in re.findall("<img>(.*?)</img>", prompt)]
            for prompt in prompts
        ]
        texts = [re.sub("<img>.*?</img>", "", prompt) for prompt in prompts]
        return self.processor(images=images, text=texts, return_tensors="pt")

    def steps(self, case: str) -> Steps:
        """Decode a case greedily, once for all tests."""
        if case not in self._steps:
            self._steps[case] = self.generate(self.inputs(case))
        return self._steps[case]

    @torch.inference_mode()
    def generate(self, inputs: BatchFeature, **options: Any) -> Steps:
        output: Any = self.model.generate(
            **inputs,
            max_new_tokens=NUM_STEPS,
            output_logits=True,
            output_scores=True,
            return_dict_in_generate=True,
            **options,
        )
        tokens = output.sequences[:, inputs["input_ids"].shape[1] :].tolist()
        return Steps(tokens, output.logits[0], torch.stack(output.scores, dim=1))

    @cached_property
    def views(self) -> dict[str, "Views"]:
        """Every picture's views on their way through the ViT and the resampler."""
        return {name: self._encode(name) for name in PICTURES}

    @torch.inference_mode()
    def _encode(self, name: str) -> "Views":
        page = self.processor.cut(self.picture(name))
        body = self.model.model
        patches = body.vision(page.views_V3HW, torch.tensor([0, 1, 2, 3, -1]))
        pooled = body.resampler.pool(patches)
        grids = torch.tensor([[page.grid.rows, page.grid.cols]])
        features = self.model.get_image_features(page.views_V3HW, grids)
        return Views(patches, pooled, features.flatten(0, 1))


@dataclass
class Views:
    """Of one picture: four windows row by row, then the global view."""

    patches: torch.Tensor
    pooled: torch.Tensor
    features: torch.Tensor


def difference(ours: torch.Tensor, golden: torch.Tensor) -> float:
    """Give the largest absolute difference; places that are -inf must be so in both."""
    assert ours.shape == golden.shape
    assert torch.equal(ours.isinf(), golden.isinf())
    finite = ~golden.isinf()
    return (ours - golden)[finite].abs().max().item()
