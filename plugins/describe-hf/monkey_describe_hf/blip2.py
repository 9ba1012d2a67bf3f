"""BLIP-2: captions of images, and how well a caption fits an image."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

import torch
from PIL import Image
from transformers import (
    Blip2ForConditionalGeneration,
    Blip2ForImageTextRetrieval,
    Blip2Processor,
)

from monkey_describe_hf.checkpoint import Checkpoint
from monkey_describe_hf.published import CAPTIONER, MATCHER
from monkeycli.describing.providers import ProviderOptions
from monkeycli.errors import ModelError

BATCH_SIZE = 16
"""Images that go through a model together."""

NUM_BEAMS = 5
"""As the published captioner searches."""

MAX_TOKENS = 30
"""Longest caption."""

MAX_TEXT_TOKENS = 64
"""Longest caption that is matched; the rest is not looked at."""

Item = TypeVar("Item")


class Blip2Captioner:
    """Describes images in a phrase or a sentence; a `Captioner`.

    Args:
        options: `where` is a folder or a repository that was pulled.

    Raises:
        ModelError: the checkpoint or the device cannot be had.
    """

    def __init__(self, options: ProviderOptions) -> None:
        self._checkpoint = Checkpoint(options, CAPTIONER)
        self.by = self._checkpoint.by

    @cached_property
    def _model(self) -> Any:
        return self._checkpoint.load_model(Blip2ForConditionalGeneration)

    @cached_property
    def _processor(self) -> Any:
        if self._model.config.image_token_index is None:
            what = f"{self._checkpoint.folder} names no image_token_index: it is of an old layout"
            raise ModelError(what, "pull a newer revision")
        return _load_processor(self._checkpoint, self._model)

    def caption(self, images: Sequence[Image.Image]) -> list[str | None]:
        """Describe RGB images of any size.

        Raises:
            ModelError: the checkpoint is broken.
        """
        return [caption for batch in _batches(images) for caption in self._caption(batch)]

    @torch.inference_mode()
    def _caption(self, images: Sequence[Image.Image]) -> list[str | None]:
        # An empty text is the prompt: the processor puts the images' places before it.
        inputs = self._processor(
            images=list(images), text=[""] * len(images), return_tensors="pt", padding=True
        )
        written = self._model.generate(
            **self._checkpoint.to_device(inputs),
            num_beams=NUM_BEAMS,
            max_new_tokens=MAX_TOKENS,
            do_sample=False,
        )
        texts = self._processor.batch_decode(written, skip_special_tokens=True)
        return [text.strip() or None for text in texts]


class Blip2Matcher:
    """Tells how well captions fit images; a `Matcher`.

    The caption has to go through the processor, which puts the images' places before it: the model
    cuts so many tokens off, and a caption that stands there alone would be ignored without a word.

    Args:
        options: `where` is a folder or a repository that was pulled.

    Raises:
        ModelError: the checkpoint or the device cannot be had.
    """

    def __init__(self, options: ProviderOptions) -> None:
        self._checkpoint = Checkpoint(options, MATCHER)
        self.by = self._checkpoint.by

    @cached_property
    def _model(self) -> Any:
        return self._checkpoint.load_model(Blip2ForImageTextRetrieval)

    @cached_property
    def _processor(self) -> Any:
        return _load_processor(self._checkpoint, self._model)

    def match(self, crops: Sequence[Image.Image], texts: Sequence[str]) -> list[float]:
        """Give the probability that each text describes the image in its place.

        Raises:
            ModelError: the checkpoint is broken.
        """
        pairs = list(zip(crops, texts, strict=True))
        return [score for batch in _batches(pairs) for score in self._match(batch)]

    @torch.inference_mode()
    def _match(self, pairs: Sequence[tuple[Image.Image, str]]) -> list[float]:
        inputs = self._processor(
            images=[crop for crop, _ in pairs],
            text=[self._as_words(text) for _, text in pairs],
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=MAX_TEXT_TOKENS + self._processor.num_query_tokens,
        )
        found = self._model(**self._checkpoint.to_device(inputs), use_image_text_matching_head=True)
        scores_B2 = found.logits_per_image.float().softmax(dim=-1)
        return scores_B2[:, 1].tolist()

    def _as_words(self, text: str) -> str:
        """Part what looks like a special token: a caption is text, whatever it looks like."""
        return self._special.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)

    @cached_property
    def _special(self) -> re.Pattern[str]:
        names = sorted(map(str, self._processor.tokenizer.get_added_vocab()), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, names)))


def _load_processor(checkpoint: Checkpoint, model: Any) -> Any:
    """Load a processor that puts as many places before a text as the model cuts off."""
    processor = checkpoint.load_processor(Blip2Processor)
    has_places = model.config.image_token_index is not None
    processor.num_query_tokens = model.config.num_query_tokens if has_places else 0
    return processor


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), BATCH_SIZE):
        yield items[start : start + BATCH_SIZE]
