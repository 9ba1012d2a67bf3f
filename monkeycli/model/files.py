"""The files of a checkpoint: which there are, what they hold, and how one is told from another.

Everything that is wrong with a file is a ModelError that names it. Safetensors only, but for the
published `pytorch_model.bin`: the one pickle ever opened, with `weights_only=True`.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from monkeycli.errors import ModelError
from monkeycli.model.keys import Weights

PICKLE = "pytorch_model.bin"
"""What the published weights come in."""

SAMPLES = 256
"""Blocks of a weight file that are read to tell it from another."""

SAMPLE_SIZE = 4096
"""Bytes of such a block."""

_AGAIN = "pull or export the model again"


def existing_file(directory: Path, name: str) -> Path:
    """Give the path of a file that a checkpoint must have.

    Raises:
        ModelError: it has none.
    """
    path = directory / name
    if not path.is_file():
        raise ModelError(f"{directory} is not a checkpoint: it has no {name}")
    return path


def read_config(directory: Path) -> dict[str, Any]:
    """Read a checkpoint's `config.json`.

    Raises:
        ModelError: there is none, it is no JSON object, or it is another model's.
    """
    path = existing_file(directory, "config.json")
    try:
        fields = json.loads(path.read_bytes())
    except (ValueError, RecursionError, OSError) as error:
        raise ModelError(f"{path} is not JSON: {error}") from error
    if not isinstance(fields, dict) or fields.get("model_type") != "monkey":
        found = fields.get("model_type") if isinstance(fields, dict) else type(fields).__name__
        raise ModelError(f"{path} does not describe a Monkey: model_type is {found!r}")
    return fields


def is_published(directory: Path) -> bool:
    """Tell whether a checkpoint is in the published layout, rather than ours.

    Raises:
        ModelError: it is in neither (see `read_config`).
    """
    return "visual" in read_config(directory)


def weight_files(directory: Path) -> list[Path]:
    """List a checkpoint's safetensors files, language adapters of peft left out, sorted."""
    return sorted(
        path for path in directory.glob("*.safetensors") if path.name != "adapter_model.safetensors"
    )


def read_names(directory: Path) -> list[str]:
    """List the names of a checkpoint's weights, without reading them.

    Raises:
        ModelError: there are no weights, or a file is broken.
    """
    names: list[str] = []
    for path in weight_files(directory):
        try:
            with safe_open(path, framework="pt") as file:
                names += file.keys()
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path} is broken: {error}", _AGAIN) from error
    return names or list(_unpickle(existing_file(directory, PICKLE)))


def read_weights(directory: Path) -> Weights:
    """Read a checkpoint's weights, mapped into memory rather than copied.

    Raises:
        ModelError: there are none, or a file is broken.
    """
    weights: Weights = {}
    for path in weight_files(directory):
        try:
            weights |= load_file(path)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path} is broken: {error}", _AGAIN) from error
    if not weights and not (directory / PICKLE).is_file():
        raise ModelError(f"{directory} holds no safetensors", _AGAIN)
    return weights or _unpickle(directory / PICKLE)


def _unpickle(path: Path) -> Weights:
    """Read the published container; `weights_only` runs nothing that it holds."""
    try:
        weights = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except Exception as error:  # a broken pickle may raise anything
        raise ModelError(f"{path} cannot be read as weights: {error}") from error
    if not isinstance(weights, dict) or not all(map(torch.is_tensor, weights.values())):
        raise ModelError(f"{path} holds no weights by name")
    return weights


def digest_content(directory: Path) -> str:
    """Tell checkpoints apart by what they hold: eight hexadecimal digits.

    Configuration and sizes count, and of every weight file evenly spaced blocks: all of it may be
    19 GB.
    """
    digest = hashlib.sha256(existing_file(directory, "config.json").read_bytes())
    for path in weight_files(directory) or [existing_file(directory, PICKLE)]:
        _update(digest, path)
    return digest.hexdigest()[:8]


def digest_files(paths: Iterable[Path]) -> str:
    """Tell files apart as `digest_content` does, in the order given: eight hexadecimal digits."""
    digest = hashlib.sha256()
    for path in paths:
        _update(digest, path)
    return digest.hexdigest()[:8]


def _update(digest: "hashlib._Hash", path: Path) -> None:
    """Add a file's name, its size and some of its blocks."""
    size = path.stat().st_size
    digest.update(f"{path.name} {size} ".encode())
    with path.open("rb") as file:
        for start in range(0, size, max(size // SAMPLES, SAMPLE_SIZE)):
            file.seek(start)
            digest.update(file.read(SAMPLE_SIZE))
