"""From images and text to what the model takes: pixels, grids and token ids.

    before_image <img> <imgpad> * features </img> after_image text

The image's span is put in by token id. Text is what follows it, byte for byte; nothing in it is
ever taken for a special token, a path or an address.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import torch
from PIL import Image
from transformers import (
    AutoProcessor,
    BatchFeature,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from monkeycli.excerpt import take_excerpt
from monkeycli.grid import WindowGrid, choose_grid
from monkeycli.model.adapters import adapters_of_grid
from monkeycli.model.config import MonkeyConfig
from monkeycli.prompt import Prompts, fill_template
from monkeycli.windows import PagePixels, cut_windows

Images = Image.Image | Sequence[Image.Image]


class MonkeyProcessor:
    """Prepares pages and prompts for one checkpoint.

    Args:
        tokenizer: of the language model; must pad on the left.
        config: of the checkpoint: grids, normalisation, prompts, token ids.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, config: MonkeyConfig) -> None:
        self.tokenizer = tokenizer
        self.config = config
        self.prompts = Prompts(**config.prompts)

    @classmethod
    def from_pretrained(cls, directory: str | Path, **_kwargs: Any) -> Self:
        """Load the processor that lies beside a checkpoint in our layout."""
        path = str(directory)
        tokenizer = PreTrainedTokenizerFast.from_pretrained(path, local_files_only=True)
        return cls(tokenizer, MonkeyConfig.from_pretrained(path, local_files_only=True))

    def save_pretrained(self, directory: str | Path) -> None:
        """Write tokenizer and configuration beside a checkpoint."""
        self.tokenizer.save_pretrained(str(directory))
        self.config.save_pretrained(str(directory))

    def __call__(
        self,
        images: Images | Sequence[Images] | None = None,
        text: str | Sequence[str] | None = None,
        *,
        grid: WindowGrid | None = None,
        return_tensors: str = "pt",
    ) -> BatchFeature:
        """Prepare a batch.

        Args:
            images: for each text an image or a list of images; None for text alone.
            text: for each sequence what follows the images' span, byte for byte.
            grid: for every image; None to choose by shape among those of the checkpoint.
            return_tensors: only `pt` is known.

        Returns:
            `input_ids` and `attention_mask` of shape BT, padded on the left, and with images
            `pixel_values` of shape V3HW and `image_grids` of shape (images, 2).

        Raises:
            ValueError: images and texts are not equally many.
            UsageError: a grid has more windows than the checkpoint has adapters.
        """
        if return_tensors != "pt":
            raise ValueError(f"return_tensors must be 'pt', not {return_tensors!r}")
        texts = [text] if isinstance(text, str) else list(text or [""])
        pages_of_text = _per_text(images, len(texts))
        rows, pages = [], []
        for words, images_of_text in zip(texts, pages_of_text, strict=True):
            cut = [self.cut(image, grid) for image in images_of_text]
            pages += cut
            spans = self.image_ids([page.grid for page in cut]) if cut else []
            rows.append(spans + self.encode(words))
        batch = self.pad(rows)
        if pages:
            batch["pixel_values"] = torch.cat([page.views_V3HW for page in pages])
            batch["image_grids"] = torch.tensor([[p.grid.rows, p.grid.cols] for p in pages])
        return BatchFeature(batch)

    def cut(self, image: Image.Image, grid: WindowGrid | None = None) -> PagePixels:
        """Cut one image into views, by the grid given or the one that fits it best."""
        if grid is None:
            grid = choose_grid(image.height, image.width, rule=self.config.grid_rule)
        adapters_of_grid(grid, self.config.vision_config.num_adapters)
        return cut_windows(image, grid, mean=self.config.image_mean, std=self.config.image_std)

    def image_ids(self, grids: Iterable[WindowGrid]) -> list[int]:
        """Give the tokens before any words: what opens the prompt, and the images' spans."""
        return self.span_ids(self.config.num_features(grid) for grid in grids)

    def page_ids(self, grid: WindowGrid, *, has_text: bool) -> list[int]:
        """Give the same tokens for a page, with or without its own text beside the image.

        A checkpoint that reads has places for the most that a page of this grid may give.
        """
        is_seen = self.config.looks_at(has_text=has_text)
        return self.image_ids([grid]) if is_seen else self.span_ids([0])

    def span_ids(self, numbers: Iterable[int]) -> list[int]:
        """Give the same tokens for images with so many features each."""
        ids = self.encode_template(self.prompts.before_image)
        for number in numbers:
            places = [self.config.image_token_id] * number
            ids += [self.config.image_start_id, *places, self.config.image_end_id]
        return ids + self.encode_template(self.prompts.after_image)

    def encode(self, text: str) -> list[int]:
        """Turn a user's text into tokens; what looks like a special token stays text."""
        return list(
            self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
        )

    def encode_template(self, template: str, **fields: str) -> list[int]:
        """Turn a checkpoint's template into tokens, the user's words in its gaps as plain text."""
        ids: list[int] = []
        for piece in fill_template(template, self._special_ids, fields):
            ids += [self._special_ids[piece.text]] if piece.is_special else self.encode(piece.text)
        return ids

    def encode_evidence(self, text: str, *, room: int | None = None) -> tuple[list[int], bool]:
        """Turn a page's own text into the tokens beside its image, cut to fit.

        Args:
            text: of the page; empty for none.
            room: most tokens there is room for; None for as many as the checkpoint takes.

        Returns:
            The tokens, none without text or for a checkpoint that was not trained with any; and
            whether the text's end had to be cut off.
        """
        limit = self.config.max_evidence_tokens
        if not text.strip() or not limit:
            return [], False
        kept = self.encode(text.strip())
        is_cut = len(kept) > limit
        ids = self._spell_evidence(self._first(kept, limit) if is_cut else text)
        while room is not None and len(ids) > room:
            is_cut, limit = True, min(limit, len(kept)) - max(1, len(ids) - room)
            text = self._first(kept, limit) if limit > 0 else ""
            ids = self._spell_evidence(text) if text else []
        return ids, is_cut

    def encode_excerpt(self, text: str, question: str) -> list[int]:
        """Turn what a page's own text says of a question into the tokens before it.

        Args:
            text: of the page; empty for none.
            question: of a user.

        Returns:
            The tokens; none if the text shares no words with the question, or for a checkpoint
            that was not trained with any.
        """
        room = self.config.excerpt_characters
        excerpt = take_excerpt(text, question, room) if room else ""
        return self.encode_template(self.prompts.excerpt, excerpt=excerpt) if excerpt else []

    def _spell_evidence(self, text: str) -> list[int]:
        return self.encode_template(self.prompts.evidence, evidence=text.strip())

    def _first(self, ids: list[int], limit: int) -> str:
        """Give the text of the first tokens, up to the end of a line if there is one."""
        text = str(self.tokenizer.decode(ids[:limit], clean_up_tokenization_spaces=False))
        text = text.rstrip("\ufffd")  # a letter whose bytes were cut apart
        return text.rpartition("\n")[0] or text

    def pad(self, rows: Sequence[Sequence[int]]) -> dict[str, torch.Tensor]:
        """Put rows of tokens side by side, padded on the left: `input_ids`, `attention_mask`."""
        length = max(map(len, rows))
        filler = self.tokenizer.pad_token_id
        ids = [[filler] * (length - len(row)) + list(row) for row in rows]
        mask = [[0] * (length - len(row)) + [1] * len(row) for row in rows]
        return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}

    def decode(self, ids: list[int] | torch.Tensor) -> str:
        """Turn generated tokens into text, special tokens left out, white space stripped."""
        return self.decode_verbatim(ids).strip()

    def decode_verbatim(self, ids: list[int] | torch.Tensor) -> str:
        """Turn tokens into text, special tokens left out, white space as it is."""
        decoded = self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(decoded)

    def batch_decode(self, rows: list[list[int]] | torch.Tensor) -> list[str]:
        """Turn each row of generated tokens into text."""
        return [self.decode(row) for row in rows]

    @property
    def _special_ids(self) -> dict[str, int]:
        added = self.tokenizer.added_tokens_decoder
        return {str(token): number for number, token in added.items() if token.special}


def _per_text(images: Any, num_texts: int) -> list[list[Image.Image]]:
    if images is None:
        return [[] for _ in range(num_texts)]
    if isinstance(images, Image.Image):
        images = [images]
    lists = [[item] if isinstance(item, Image.Image) else list(item) for item in images]
    if len(lists) != num_texts:
        raise ValueError(f"{len(lists)} images (or lists of images) for {num_texts} texts")
    return lists


AutoProcessor.register(MonkeyConfig, MonkeyProcessor)
