"""Florence-2: regions of an image, each with a caption.

It stands in for GRiT, which is no longer maintained. It gives no scores, so the match with the
image is the only filter, and its captions are shorter.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from PIL import Image
from transformers import Florence2ForConditionalGeneration, Florence2Processor

from monkey_describe_hf.checkpoint import Checkpoint
from monkey_describe_hf.published import REGION_FINDER
from monkeycli.describing.providers import Found, ProviderOptions

TASK = "<DENSE_REGION_CAPTION>"
"""The task that the model was trained to know by this name."""

NUM_BEAMS = 3
"""As its publishers search."""

MAX_TOKENS = 1024
"""Longest answer: some seventy regions."""

BATCH_SIZE = 4
"""Images that go through the model together."""


class FlorenceRegionFinder:
    """Finds regions and describes each in a phrase; a `RegionFinder`.

    Args:
        options: `where` is a folder or a repository that was pulled.

    Raises:
        ModelError: the checkpoint or the device cannot be had.
    """

    def __init__(self, options: ProviderOptions) -> None:
        self._checkpoint = Checkpoint(options, REGION_FINDER)
        self.by = self._checkpoint.by

    @cached_property
    def _model(self) -> Any:
        return self._checkpoint.load_model(Florence2ForConditionalGeneration)

    @cached_property
    def _processor(self) -> Any:
        return self._checkpoint.load_processor(Florence2Processor)

    def find_regions(self, images: Sequence[Image.Image]) -> list[list[Found]]:
        """Find regions in RGB images of any size.

        Raises:
            ModelError: the checkpoint is broken.
        """
        found: list[list[Found]] = []
        for start in range(0, len(images), BATCH_SIZE):
            batch = images[start : start + BATCH_SIZE]
            texts = self._write(batch)
            found += [self._read(text, image) for text, image in zip(texts, batch, strict=True)]
        return found

    @torch.inference_mode()
    def _write(self, images: Sequence[Image.Image]) -> list[str]:
        """Have the model write its answers: phrases, each with the places it is about."""
        inputs = self._processor(
            images=list(images), text=[TASK] * len(images), return_tensors="pt", padding=True
        )
        most = self._model.config.text_config.max_position_embeddings
        written = self._model.generate(
            **self._checkpoint.to_device(inputs),
            num_beams=NUM_BEAMS,
            max_new_tokens=min(MAX_TOKENS, most - 1),
            do_sample=False,
        )
        return list(self._processor.batch_decode(written, skip_special_tokens=False))

    def _read(self, text: str, image: Image.Image) -> list[Found]:
        parsed = self._processor.post_process_generation(
            text=text, task=TASK, image_size=image.size
        )[TASK]
        pairs = zip(parsed["labels"], parsed["bboxes"], strict=True)
        return [Found(label, _in_order(box)) for label, box in pairs if label]


def _in_order(box: Sequence[float]) -> tuple[float, float, float, float]:
    """Give a box whose left is left of its right: nothing keeps the model from the contrary."""
    left, right = sorted((float(box[0]), float(box[2])))
    top, bottom = sorted((float(box[1]), float(box[3])))
    return left, top, right, bottom
