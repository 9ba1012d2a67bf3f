"""Make what was learnt part of a model: after that there is nothing beside the weights to compute.

    lora     W + alpha / rank * B A
    ia3      rows of W (and the bias) times what was learnt; of the MLP's last matrix, columns
    prompt, prefix    virtual tokens in front, which the model then has
    all else          takes the place of the weight of its name

Sums and products are taken in float32 and kept in the model's dtype.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from monkeycli.errors import ModelError
from monkeycli.model.adapter_files import (
    PEFT_CONFIG,
    PEFT_EMBEDDINGS,
    PEFT_PREFIX,
    PEFT_TYPES,
    PEFT_WEIGHTS,
    Base,
    read_info,
    read_tensors,
)
from monkeycli.model.keys import Weights
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.virtual import add_virtual_tokens

_PLAIN = {"use_dora": False, "use_rslora": False, "bias": "none", "modules_to_save": None}
"""Settings of peft that `monkey train` never changes, and what they are then."""

_LORA_A, _LORA_B, _IA3 = ".lora_A.weight", ".lora_B.weight", ".ia3_l"


@torch.no_grad()
def load_adapter(model: MonkeyForConditionalGeneration, folder: Path, base: Base) -> None:
    """Make an adapter part of a model.

    Args:
        model: the adapter's base, not quantized; changed in place with its configuration, even if
            the adapter turns out broken.
        folder: of the adapter.
        base: the checkpoint the model was loaded from.

    Raises:
        ModelError: the adapter belongs to another checkpoint, is broken or does not fit.
    """
    info = read_info(folder)
    base.check(info.base, folder)
    info.configure(model.config)
    weights: Weights = dict(model.named_parameters())
    for name in info.files:
        tensors = read_tensors(folder, name)
        if name != PEFT_WEIGHTS:
            for key, learnt in tensors.items():
                place(weights, key, learnt, folder / name)
        elif info.method in ("prompt", "prefix"):
            _add_virtual_tokens(model, info.method, tensors, folder / name)
        else:
            settings = _read_settings(folder, info.method)
            _merge_language(weights, tensors, settings, folder / name)


def place(weights: Mapping[str, torch.Tensor], key: str, learnt: torch.Tensor, path: Path) -> None:
    """Put a learnt tensor in the place of the weight of its name.

    Raises:
        ModelError: there is no such weight, or it has another shape.
    """
    if key not in weights:
        raise ModelError(f"{path}: {key} has no place in the model", "check the adapter's base")
    fit(key, learnt, tuple(weights[key].shape), path)
    weights[key].copy_(learnt)


def fit(key: str, learnt: torch.Tensor, shape: tuple[int, ...], path: Path) -> None:
    """See that a learnt tensor has the shape of its place.

    Raises:
        ModelError: it has another; names the tensor.
    """
    if tuple(learnt.shape) != shape:
        raise ModelError(f"{path}: {key} has shape {tuple(learnt.shape)}, not {shape}")


def _add_virtual_tokens(
    model: MonkeyForConditionalGeneration, kind: str, tensors: Weights, path: Path
) -> None:
    learnt = tensors.get(PEFT_EMBEDDINGS)
    if learnt is None or learnt.ndim != 2 or len(tensors) > 1:
        raise ModelError(f"{path} holds {', '.join(sorted(tensors))}, not {PEFT_EMBEDDINGS} alone")
    if model.model.virtual_tokens is not None:
        raise ModelError(f"{path}: the model has virtual tokens already, and can have no more")
    tokens = add_virtual_tokens(model.model, kind, len(learnt))
    place({PEFT_EMBEDDINGS: tokens.embeddings}, PEFT_EMBEDDINGS, learnt, path)


def _read_settings(folder: Path, method: str) -> dict[str, Any]:
    """Read peft's settings, as far as they change what is computed."""
    path = folder / PEFT_CONFIG
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        settings = {"scale": fields["lora_alpha"] / fields["r"]} if "lora_alpha" in fields else {}
        found = {key: fields.get(key, value) for key, value in _PLAIN.items()}
        peft_type = fields["peft_type"]
    except (OSError, ValueError, TypeError, KeyError, ArithmeticError, AttributeError) as error:
        raise ModelError(f"{path} is missing or broken: {error}", "save it again") from error
    if peft_type != PEFT_TYPES.get(method) or found != _PLAIN:
        raise ModelError(f"{path} is not as monkey train writes it for method {method!r}")
    return settings


def _merge_language(
    weights: Mapping[str, torch.Tensor], tensors: Weights, settings: Mapping[str, Any], path: Path
) -> None:
    for module, learnt in _modules(tensors, path):
        name = f"model.language_model.{module}"
        if f"{name}.weight" not in weights:
            raise ModelError(f"{path}: {module} is no matrix of the language model")
        matrix, bias = weights[f"{name}.weight"], weights.get(f"{name}.bias")
        rows, cols = matrix.shape
        if learnt.keys() == {_LORA_A, _LORA_B}:
            down, up = learnt[_LORA_A], learnt[_LORA_B]
            fit(module + _LORA_A, down, (len(down), cols), path)
            fit(module + _LORA_B, up, (rows, len(down)), path)
            down, up = (part.to(matrix.device).float() for part in (down, up))
            matrix.copy_(torch.addmm(matrix.float(), up, down, alpha=settings["scale"]))
            continue
        if learnt.keys() != {_IA3}:
            raise ModelError(f"{path}: {module} has {', '.join(sorted(learnt))} alone")
        factor = learnt[_IA3].to(matrix.device).float()
        is_of_inputs = factor.shape[0] == 1
        fit(module + _IA3, factor, (1, cols) if is_of_inputs else (rows, 1), path)
        matrix.copy_(matrix.float() * factor)
        if bias is not None and not is_of_inputs:
            bias.copy_(bias.float() * factor[:, 0])


def _modules(tensors: Weights, path: Path) -> Iterator[tuple[str, Weights]]:
    """Yield the modules that peft's tensors belong to, and each one's tensors by their ends."""
    found: dict[str, Weights] = {}
    for key, tensor in tensors.items():
        end = next((end for end in (_LORA_A, _LORA_B, _IA3) if key.endswith(end)), None)
        if end is None or not key.startswith(PEFT_PREFIX):
            raise ModelError(f"{path}: {key} is nothing that monkey train writes")
        found.setdefault(key.removeprefix(PEFT_PREFIX).removesuffix(end), {})[end] = tensor
    yield from found.items()
