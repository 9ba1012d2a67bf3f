"""Writes the language model of a GGUF file as safetensors, packed as it was, without loss.

    python -m training.pack_language_model SmolLM2-135M-Instruct.Q4_1.gguf monkey_marmoset/weights

writes `language-00001-of-00002.safetensors`, `language-00002-of-00002.safetensors` and
`tokenizer.json`. Needs the packages gguf and transformers.
"""

import argparse
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoTokenizer

log = logging.getLogger(__name__)

NAMES = {
    "token_embd": "embed_tokens",
    "output_norm": "norm",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
"""llama.cpp's names of modules and transformers'."""

PREFIX = "model.language_model"
"""Where the language model stands in a Monkey."""

HEAD_SIZE = 64
FILE_BYTES = 50_000_000
"""A file is closed when it holds more than this; both stay below 60 MB."""


def rename(name: str) -> str:
    """The name of a tensor in a Monkey's checkpoint.

    >>> rename("blk.3.ffn_down.weight")
    'model.language_model.layers.3.mlp.down_proj.weight'
    """
    block = re.fullmatch(r"blk\.(\d+)\.(\w+)\.weight", name)
    if block:
        return f"{PREFIX}.layers.{block[1]}.{NAMES[block[2]]}.weight"
    return f"{PREFIX}.{NAMES[name.removesuffix('.weight')]}.weight"


def split_blocks(name: str, tensor: gguf.ReaderTensor) -> dict[str, Tensor]:
    """A GGUF tensor as packed (Q4_1, Q8_0) or plain (F32) tensors under a Monkey's name.

    Raises:
        ValueError: the tensor has another type.
    """
    kind = tensor.tensor_type.name
    if kind == "F32":
        return {name: torch.from_numpy(np.array(tensor.data))}
    rows = tensor.data.shape[0]
    if kind == "Q4_1":
        blocks = np.array(tensor.data).reshape(rows, -1, 20)
        head = np.ascontiguousarray(blocks[..., :4]).view(np.float16)
        levels = np.ascontiguousarray(blocks[..., 4:]).reshape(rows, -1)
        parts = {"q4": levels, "q4_scale": head[..., 0].copy(), "q4_min": head[..., 1].copy()}
    elif kind == "Q8_0":
        blocks = np.array(tensor.data).reshape(rows, -1, 34)
        scale = np.ascontiguousarray(blocks[..., :2]).view(np.float16)[..., 0]
        parts = {"q8": np.ascontiguousarray(blocks[..., 2:]).view(np.int8).reshape(rows, -1)}
        parts["q8_scale"] = scale.copy()
    else:
        raise ValueError(f"{name} is {kind}; only Q4_1, Q8_0 and F32 are known")
    return {f"{name}.{part}": torch.from_numpy(values) for part, values in parts.items()}


def unpermute(tensor: Tensor) -> Tensor:
    """Puts a query or key projection's rows back: llama.cpp interleaves the halves of a head."""
    rows = tensor.shape[0]
    heads = tensor.view(rows // HEAD_SIZE, HEAD_SIZE // 2, 2, *tensor.shape[1:])
    return heads.transpose(1, 2).reshape(tensor.shape)


def read_language_model(path: Path) -> Iterator[tuple[str, Tensor]]:
    """The tensors of a Llama GGUF file, packed, under a Monkey's names, layer by layer."""
    for tensor in gguf.GGUFReader(str(path)).tensors:
        name = rename(tensor.name)
        for part, values in split_blocks(name, tensor).items():
            turned = ".q_proj." in name or ".k_proj." in name
            yield part, unpermute(values).contiguous() if turned else values


def write_files(tensors: Iterator[tuple[str, Tensor]], folder: Path) -> None:
    """Writes the tensors as files of about `FILE_BYTES`, numbered as transformers does."""
    files: list[dict[str, Tensor]] = [{}]
    size = 0
    for name, tensor in tensors:
        if size > FILE_BYTES:
            files.append({})
            size = 0
        files[-1][name] = tensor
        size += tensor.nbytes
    for number, held in enumerate(files, 1):
        path = folder / f"language-{number:05}-of-{len(files):05}.safetensors"
        save_file(held, path, metadata={"format": "pt"})
        log.info("wrote %s, %.1f MB", path, path.stat().st_size / 1e6)


def write_tokenizer(path: Path, folder: Path) -> None:
    """Writes `tokenizer.json`."""
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gguf", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.folder.mkdir(parents=True, exist_ok=True)
    write_files(read_language_model(options.gguf), options.folder)
    write_tokenizer(options.gguf, options.folder)


if __name__ == "__main__":
    main()
