"""Draw a small checkpoint in our own layout: every part of a real one, random weights.

A token is a byte. What such a model writes means nothing, but it hangs on every pixel and letter
it was given, and ends after a length of its own: whatever mixes two questions up changes it.
"""

import string
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import PreTrainedTokenizerFast
from transformers.utils import logging

from monkeycli.grid import GRIDS
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor

SPECIAL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<imgpad>")
"""Their ids follow those of the bytes, in this order."""

NUM_BYTES = 256
IDS = {name: NUM_BYTES + place for place, name in enumerate(SPECIAL_TOKENS)}

PROMPTS = {
    "before_image": "<|im_start|>user\n",
    "evidence": "\n{evidence}\n",
    "excerpt": "{excerpt}\n",
    "ask": "\n{question} Answer:<|im_end|>\n<|im_start|>assistant\n",
    "caption": "\nDescribe it.<|im_end|>\n<|im_start|>assistant\n",
    "short_caption": "\nDescribe it briefly.<|im_end|>\n<|im_start|>assistant\n",
}

NO_ANSWER = "not on this page"


def small_config(**changed: object) -> MonkeyConfig:
    """Give the configuration: conv stem, 2x2 queries, two layers of Llama, six adapters."""
    fields: dict[str, object] = {
        "vision_config": {
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "stem": "conv",
            "patch_size": 64,
            "stem_widths": [4, 4, 4, 8, 8, 16],
            "stem_depths": [0] * 6,
            "position_grid": [7, 7],
            "num_adapters": 6,
            "adapter_rank_attention": 2,
            "adapter_rank_mlp": 2,
        },
        "resampler_config": {"hidden_size": 32, "query_grid": [2, 2], "num_attention_heads": 2},
        "text_config": {
            "model_type": "llama",
            "vocab_size": NUM_BYTES + len(SPECIAL_TOKENS),
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 512,
            "bos_token_id": IDS["<|im_start|>"],
            "eos_token_id": IDS["<|im_end|>"],
            "pad_token_id": IDS["<|endoftext|>"],
            "tie_word_embeddings": False,
        },
        "image_start_id": IDS["<img>"],
        "image_end_id": IDS["</img>"],
        "image_token_id": IDS["<imgpad>"],
        "grids": [[grid.rows, grid.cols] for grid in GRIDS],
        "prompts": PROMPTS,
        "no_answer": NO_ANSWER,
        "max_evidence_tokens": 200,
        "checkpoint_name": "small@1.0",
        "licence": "none needed",
    }
    return MonkeyConfig(**{**fields, **changed})


WIDE: dict[str, object] = {
    "text_config": {
        **small_config().text_config.to_dict(),
        "hidden_size": 64,
        "intermediate_size": 128,
        "head_dim": 16,
    },
    "resampler_config": {"hidden_size": 64, "query_grid": [2, 2], "num_attention_heads": 2},
}
"""As `small_config`, with matrices that 4 bits fit."""


def small_tokenizer() -> PreTrainedTokenizerFast:
    """Give a tokenizer whose tokens are bytes, and special ones that templates name."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE({letter: n for n, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, normalized=False) for name in SPECIAL_TOKENS])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


@torch.no_grad()
def draw_weights(model: MonkeyForConditionalGeneration, tokenizer: PreTrainedTokenizerFast) -> None:
    """Draw weights large enough that what is written hangs on all that is read."""
    for name, weight in model.named_parameters():
        if weight.ndim > 1:
            weight.normal_(std=weight[0].numel() ** -0.5 * (2.0 if "_proj" in name else 1.0))
    model.get_input_embeddings().weight.normal_()
    printable = {tokenizer.convert_tokens_to_ids(c) for c in string.ascii_letters + string.digits}
    strength = torch.tensor([1.0 if n in printable else 0.1 for n in range(len(tokenizer))])
    strength[IDS["<|im_end|>"]] = 2.0  # so that it comes now and then
    model.lm_head.weight.mul_(3 * strength[:, None])


def draw_small(folder: Path, *, seed: int = 0, **changed: object) -> Path:
    """Write the checkpoint.

    Args:
        folder: to make.
        seed: of the weights.
        changed: fields of `MonkeyConfig` that are to be others.

    Returns:
        `folder`.
    """
    config, tokenizer = small_config(**changed), small_tokenizer()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MonkeyForConditionalGeneration(config)
        draw_weights(model, tokenizer)
    logging.disable_progress_bar()
    model.save_pretrained(folder)
    MonkeyProcessor(tokenizer, config).save_pretrained(folder)
    return folder
