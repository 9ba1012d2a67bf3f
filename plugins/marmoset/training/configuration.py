"""What marmoset is: the sizes, token ids and prompts of its `config.json`."""

from monkeycli.grid import GRIDS
from monkeycli.model.config import MonkeyConfig
from training.eye.alphabet import NUM_CLASSES
from training.eye.cells import CELLS_PER_PATCH
from training.eye.stem import DEPTHS, MEAN, STD, WIDTHS
from training.prompt import (
    EXCERPT_CHARACTERS,
    IMAGE_END,
    IMAGE_SLOT,
    IMAGE_START,
    NO_ANSWER,
    PROMPTS,
)

NAME = "marmoset@0.8.0"
LICENCE = "AGPL-3.0-or-later; language model SmolLM2-135M-Instruct, Apache-2.0"

LANGUAGE = {
    "model_type": "llama",
    "vocab_size": 49152,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "head_dim": 64,
    "hidden_act": "silu",
    "max_position_embeddings": 8192,
    "rms_norm_eps": 1e-5,
    "rope_parameters": {"rope_theta": 100000.0, "rope_type": "default"},
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 2,
    "tie_word_embeddings": True,
}
"""SmolLM2-135M-Instruct."""

VISION = {
    "hidden_size": WIDTHS[-1],
    "num_hidden_layers": 0,
    "num_attention_heads": 4,
    "intermediate_size": 4 * WIDTHS[-1],
    "stem": "conv",
    "patch_size": 2 ** len(WIDTHS),
    "stem_widths": list(WIDTHS),
    "stem_depths": list(DEPTHS),
    "stem_sees_page": True,
    "position_grid": [1, 1],
    "num_adapters": 6,
    "adapter_dropout": 0.0,
}
"""A stem that tells characters apart, no blocks behind it: print needs only what is near."""

RESAMPLER = {
    "kind": "reading",
    "hidden_size": 576,
    "num_characters": NUM_CLASSES,
    "cells_per_patch": CELLS_PER_PATCH,
    "character_width": 48,
    "speller_span": [8, 11],
    "speller_width": 2048,
    "speller_depth": 1,
}
"""A feature for every token of the text on a page."""

MAX_EVIDENCE_TOKENS = 3000
"""Longest page text that is read; training saw up to 1400 tokens."""


def marmoset_config() -> MonkeyConfig:
    """The configuration of the checkpoint."""
    return MonkeyConfig(
        vision_config=VISION,
        resampler_config=RESAMPLER,
        text_config=LANGUAGE,
        image_start_id=IMAGE_START,
        image_end_id=IMAGE_END,
        image_token_id=IMAGE_SLOT,
        grids=[[grid.rows, grid.cols] for grid in GRIDS],
        grid_by="size",
        image_mean=[MEAN] * 3,
        image_std=[STD] * 3,
        prompts=PROMPTS,
        no_answer=NO_ANSWER,
        max_evidence_tokens=MAX_EVIDENCE_TOKENS,
        excerpt_characters=EXCERPT_CHARACTERS,
        reads_pixels=True,
        looks_beside_text=False,
        checkpoint_name=NAME,
        licence=LICENCE,
        architectures=["MonkeyForConditionalGeneration"],
        dtype="bfloat16",
    )
