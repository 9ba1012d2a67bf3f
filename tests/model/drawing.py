"""Draw small models and pages, the same ones every time."""

import numpy as np
import torch
from PIL import Image

from monkeycli.model.config import MonkeyVisionConfig
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor
from tests.small_checkpoint import (
    IDS,
    NUM_BYTES,
    SPECIAL_TOKENS,
    draw_weights,
    small_config,
    small_tokenizer,
)

CONV_LLAMA: dict[str, object] = {}
"""What `small_config` is by itself: conv stem, 2x2 queries, Llama."""

PATCH_QWEN2: dict[str, object] = {
    "vision_config": {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 24,
        "patch_size": 56,
        "position_grid": [4, 4],
        "num_adapters": 6,
        "adapter_rank_attention": 2,
        "adapter_rank_mlp": 3,
    },
    "resampler_config": {"hidden_size": 16, "query_grid": [2, 3], "num_attention_heads": 2},
    "text_config": {
        "model_type": "qwen2",
        "vocab_size": NUM_BYTES + len(SPECIAL_TOKENS),
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "tie_word_embeddings": True,
        "eos_token_id": IDS["<|im_end|>"],
        "pad_token_id": IDS["<|endoftext|>"],
    },
}
"""The published shape of things: patch stem, stretched positions, Qwen2; and tied embeddings."""

STEM: dict[str, object] = {
    "hidden_size": 8,
    "num_hidden_layers": 0,
    "num_attention_heads": 2,
    "intermediate_size": 8,
    "stem": "conv",
    "patch_size": 8,
    "stem_widths": [4, 4, 8],
    "stem_depths": [0, 0, 1],
    "stem_sees_page": True,
    "position_grid": [1, 1],
    "num_adapters": 6,
}
READER: dict[str, object] = {
    "kind": "reading",
    "hidden_size": 32,
    "num_characters": 5,
    "character_width": 4,
    "speller_width": 8,
    "places_per_view": 3,
}
"""A resampler that reads, behind a stem that sees beyond a window's border."""


def draw_model(*, seed: int = 0, **changed: object) -> MonkeyForConditionalGeneration:
    """Draw a model ready to answer, every weight of it in use, adapters too."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MonkeyForConditionalGeneration(small_config(**changed))
        draw_weights(model, small_tokenizer())
    return model.eval()


def draw_reading_model() -> MonkeyForConditionalGeneration:
    """Draw a model whose resampler reads, and to which every page is blank."""
    model = draw_model(
        vision_config=STEM, resampler_config=READER, looks_beside_text=False, max_evidence_tokens=50
    )
    reader = model.model.resampler
    with torch.no_grad():
        reader.head.weight.zero_()
        reader.head.bias.copy_(torch.tensor([4.0, 0, 0, 0, 0] * 2))  # blank
        reader.lexicon.spellings.zero_()
        reader.lexicon.is_spaced.zero_()
        reader.lexicon.spellings[:3, 0] = torch.tensor([255, 2, 3])
    return model


def draw_processor(model: MonkeyForConditionalGeneration) -> MonkeyProcessor:
    """Give the processor for a drawn model."""
    return MonkeyProcessor(small_tokenizer(), model.config)


def draw_page(height: int, width: int, *, seed: int = 0) -> Image.Image:
    """Draw a page of colourful noise."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (max(height // 32, 1), max(width // 32, 1), 3), np.uint8)
    return Image.fromarray(coarse).resize((width, height))


def vision_config(**changed: object) -> MonkeyVisionConfig:
    """Give the configuration of a small ViT with a patch stem."""
    fields: dict[str, object] = {**PATCH_QWEN2["vision_config"], **changed}  # type: ignore[dict-item]
    return MonkeyVisionConfig(**fields)


@torch.no_grad()
def draw_(module: torch.nn.Module, *, seed: int = 0) -> torch.nn.Module:
    """Draw every weight of a module, biases and norms too, and make it ready to use."""
    generator = torch.Generator().manual_seed(seed)
    for weight in module.parameters():
        weight.normal_(std=max(weight[0].numel(), 4) ** -0.5, generator=generator)
    return module.eval()
