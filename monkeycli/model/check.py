"""Compare a checkpoint's weights with its configuration; large ones are not loaded for it."""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from monkeycli.errors import ModelError
from monkeycli.model.checkpoint import (
    build_on_meta,
    compare_weights,
    load_checkpoint,
    load_config,
)
from monkeycli.model.files import is_published, weight_files
from monkeycli.model.keys import Weights

PACKED = (".q4", ".q8", ".lora_A.weight", ".lora_B.weight")
"""Ends of names that become weights only on loading; a checkpoint with such names is small."""


@dataclass(frozen=True)
class Contents:
    """What a checkpoint holds."""

    num_tensors: int
    num_parameters: int


def check_weights(directory: Path) -> Contents:
    """See that every weight is there, none is left over, and each has its shape.

    Args:
        directory: of a checkpoint in either layout.

    Raises:
        ModelError: something is missing, left over, misshapen or broken.
    """
    heads = _read_heads(directory)
    if is_published(directory) or any(name.endswith(PACKED) for name in heads):
        model, _ = load_checkpoint(directory, dtype=torch.float32, device=torch.device("cpu"))
    else:
        model = build_on_meta(load_config(directory))
        compare_weights(model, heads)
    parameters = list(model.parameters())
    return Contents(len(parameters), sum(part.numel() for part in parameters))


def _read_heads(directory: Path) -> Weights:
    """Read the heads of all weight files: names and shapes, as tensors on the meta device."""
    weights: Weights = {}
    for path in weight_files(directory):
        try:
            with safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118 - it is no mapping
                    shape = file.get_slice(name).get_shape()
                    weights[name] = torch.empty(shape, device="meta")
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path} is broken: {error}", "pull or export it again") from error
    return weights
