"""What marmoset is: the sizes, token ids and prompts of its `config.json`."""

from monkeycli.grid import GRIDS
from monkeycli.model.config import MonkeyConfig
from training.prompt import IMAGE_END, IMAGE_SLOT, IMAGE_START, NO_ANSWER, PROMPTS

NAME = "marmoset@0.1.0"
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
    "hidden_size": 320,
    "num_hidden_layers": 3,
    "num_attention_heads": 5,
    "intermediate_size": 1280,
    "stem": "conv",
    "patch_size": 16,
    "stem_widths": [32, 64, 144, 320],
    "stem_depths": [0, 1, 4, 1],
    "position_grid": [28, 28],
    "num_adapters": 6,
    "adapter_rank_attention": 8,
    "adapter_rank_mlp": 8,
    "adapter_dropout": 0.0,
}
"""Three stages of the stem have learnt to tell characters apart; the rest is untrained."""

RESAMPLER = {"hidden_size": 576, "query_grid": [8, 4], "num_attention_heads": 9}
"""32 features of a view."""

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
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.25, 0.25, 0.25],
        prompts=PROMPTS,
        no_answer=NO_ANSWER,
        max_evidence_tokens=MAX_EVIDENCE_TOKENS,
        reads_pixels=False,
        checkpoint_name=NAME,
        licence=LICENCE,
        architectures=["MonkeyForConditionalGeneration"],
        dtype="bfloat16",
    )
