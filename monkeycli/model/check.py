"""Compare a checkpoint's weights with its configuration; large ones are not loaded for it."""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from monkeycli.errors import ModelError
from monkeycli.model.checkpoint import build_on_meta, load_checkpoint
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.files import read_config, weight_files

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
    shapes = _read_shapes(directory)
    if "visual" in read_config(directory) or any(name.endswith(PACKED) for name in shapes):
        model, _ = load_checkpoint(directory, dtype=torch.float32, device=torch.device("cpu"))
    else:
        model = build_on_meta(MonkeyConfig.from_pretrained(str(directory), local_files_only=True))
        _compare(shapes, {name: tuple(part.shape) for name, part in model.named_parameters()})
    parameters = list(model.parameters())
    return Contents(len(parameters), sum(part.numel() for part in parameters))


def _read_shapes(directory: Path) -> dict[str, tuple[int, ...]]:
    """Read the names and shapes in the heads of all weight files."""
    shapes: dict[str, tuple[int, ...]] = {}
    for path in weight_files(directory):
        try:
            with safe_open(path, framework="pt") as file:
                shapes |= {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path} is broken: {error}") from error
    return shapes


def _compare(found: dict[str, tuple[int, ...]], wanted: dict[str, tuple[int, ...]]) -> None:
    """Compare shapes by name; tied weights have one name in `wanted`."""
    for name, shape in wanted.items():
        if name not in found:
            raise ModelError(f"weight {name} is missing")
        if found[name] != shape:
            raise ModelError(f"weight {name} has shape {found[name]}, not {shape}")
    left_over = sorted(found.keys() - wanted.keys())
    if left_over:
        raise ModelError(f"weight {left_over[0]} is left over")
