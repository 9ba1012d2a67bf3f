"""Draw a small checkpoint in the published layout: random weights, a byte a token."""

import base64
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from monkeycli.model.keys import to_published
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.published import config_from_published
from monkeycli.model.tokenizer import SPECIAL_TOKENS

NUM_BYTES = 256
"""Ordinary tokens: every byte is one."""

FIELDS = {
    "model_type": "monkey",
    "auto_map": {"AutoConfig": "configuration_qwen.QWenConfig"},
    "vocab_size": 480,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 8192,
    "seq_length": 2048,
    "layer_norm_epsilon": 1e-6,
    "rotary_emb_base": 10000,
    "torch_dtype": "float32",
    "visual": {
        "width": 32,
        "layers": 1,
        "heads": 2,
        "mlp_ratio": 2,
        "output_dim": 32,
        "patch_size": 14,
        "image_start_id": NUM_BYTES + SPECIAL_TOKENS.index("<img>"),
    },
}
"""Of the published `config.json`, cut to the smallest sizes that go together."""


def draw_published(folder: Path, *, seed: int = 0, is_pickle: bool = True) -> Path:
    """Write the checkpoint.

    Args:
        folder: to make.
        seed: of the weights.
        is_pickle: whether the weights are one `pytorch_model.bin`, as on the hub.

    Returns:
        `folder`.
    """
    names = [
        f"transformer.visual.transformer.resblocks.0.mlp_lora.{n}.lora_scale" for n in range(4)
    ]
    config = config_from_published(FIELDS, names, name="drawn")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MonkeyForConditionalGeneration(config)
    weights = {name: part.contiguous() for name, part in to_published(model.state_dict()).items()}
    folder.mkdir(parents=True)
    if is_pickle:
        torch.save(weights, folder / "pytorch_model.bin")
    else:
        save_file(weights, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(FIELDS))
    lines = [b"%s %d\n" % (base64.b64encode(bytes([n])), n) for n in range(NUM_BYTES)]
    (folder / "qwen.tiktoken").write_bytes(b"".join(lines))
    return folder
