"""A language model's matrices in 8 or 4 bits: less memory, nearly the same answers.

    int8    a scale for every row
    int4    NormalFloat, a scale for every block of a row (https://arxiv.org/abs/2305.14314)

Embeddings, head and norms stay as they are. It is the weights alone that are rounded. The product
in 8 bits of bitsandbytes itself (LLM.int8) rounds what comes in, too, all but the columns that are
large anywhere in the batch: it errs twice as far, and answers would hang on their neighbours.
"""

# O outputs, I inputs of a matrix

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TypeGuard

import torch
from torch import nn
from torch.nn import functional as F

from monkeycli.errors import ModelError
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.options import Quantization, check_quantization

BLOCK = 64
"""Values that share a scale in 4 bits. A matrix whose rows are no multiple of it stays as it is: on
a CPU bitsandbytes (0.50.2) gives back other numbers for blocks that reach into the next row."""

ROWS = 32
"""On a CPU bitsandbytes multiplies matrices in 4 bits of so many rows, or of a multiple."""

BYTES = {"int8": 1.0, "int4": 0.52}
"""Of a weight, with its share of the scales."""


class Int8Linear(nn.Module):
    """A matrix in 8 bits; multiplied in the dtype of what comes in.

    Args:
        levels_OI: -127 to 127.
        scale_O1: what a level is worth in each row.
        bias: of shape O; None for none.
    """

    levels_OI: torch.Tensor
    scale_O1: torch.Tensor

    def __init__(
        self, levels_OI: torch.Tensor, scale_O1: torch.Tensor, bias: nn.Parameter | None
    ) -> None:
        super().__init__()
        self.register_buffer("levels_OI", levels_OI)
        self.register_buffer("scale_O1", scale_O1)
        self.bias = bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply; shapes ...I to ...O."""
        weight_OI = self.levels_OI.to(x.dtype).mul_(self.scale_O1)
        return F.linear(x, weight_OI, self.bias)


def quantize(decoder: nn.Module, kind: Quantization, device: torch.device) -> None:
    """Put a decoder's matrices into 8 or 4 bits, in place; all else stays as and where it is.

    Args:
        decoder: of which no matrix is in few bits yet.
        kind: `int8` or `int4`.
        device: where matrices are quantized, and to stay; they come one by one.

    Raises:
        ModelError: bitsandbytes is not installed or cannot do it there, or no matrix fits.
    """
    check_quantization(kind)
    bitsandbytes = _import_bitsandbytes()
    pack = {"int8": _pack_8_bits, "int4": _pack_4_bits}[kind]
    places = [
        (module, name, layer)
        for module in decoder.modules()
        for name, layer in module.named_children()
        if is_quantized(layer, kind)
    ]
    if not places:
        raise ModelError(
            f"no matrix of the language model can be held in {kind}:"
            f" rows have no multiple of {BLOCK} values, or there is no multiple of {ROWS} rows",
            "choose int8",
        )
    try:
        for module, name, layer in places:
            setattr(module, name, pack(layer, device, bitsandbytes))
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        raise ModelError(
            f"bitsandbytes cannot hold weights in {kind} on {device}: {error}",
            "leave --quantize out, or choose another --device",
        ) from error


def quantize_onto(
    model: MonkeyForConditionalGeneration, kind: Quantization, device: torch.device
) -> None:
    """Put the matrices of a model's decoder into 8 or 4 bits and all of it onto a device.

    Args:
        model: on the CPU, if the device cannot hold it as it is; what was learnt beside it merged.
        kind: `int8` or `int4`.
        device: where it is to stay.

    Raises:
        ModelError: as `quantize`.
    """
    quantize(model.model.language_model, kind, device)
    model.to(device)  # type: ignore[arg-type]  # transformers' decorator hides `self`


def is_quantized(layer: nn.Module, kind: Quantization) -> TypeGuard[nn.Linear]:
    """Say whether a decoder's layer is one that `quantize` puts into few bits.

    >>> is_quantized(nn.Linear(64, 32), "int4"), is_quantized(nn.Linear(32, 32), "int4")
    (True, False)
    """
    if type(layer) is not nn.Linear or kind == "none":
        return False
    return kind == "int8" or not (layer.in_features % BLOCK or layer.out_features % ROWS)


def count_bytes(layers: nn.Module, kind: Quantization, dtype: torch.dtype) -> int:
    """Give the memory a decoder's layers take once they are quantized, without doing it.

    Args:
        layers: not quantized; may be on the meta device.
        kind: `none`, `int8` or `int4`.
        dtype: of weights that are not quantized.
    """
    total = sum(weight.numel() for weight in layers.parameters()) * dtype.itemsize
    packed = sum(layer.weight.numel() for layer in layers.modules() if is_quantized(layer, kind))
    return total - int(packed * (dtype.itemsize - BYTES.get(kind, dtype.itemsize)))


def name_quantized(name: str, kind: Quantization) -> str:
    """Name a model in records: what answers in few bits is another model.

    >>> name_quantized("marmoset@0.2.0", "int8"), name_quantized("marmoset@0.2.0", "none")
    ('marmoset@0.2.0+int8', 'marmoset@0.2.0')
    """
    return name if kind == "none" else f"{name}+{kind}"


def _pack_8_bits(layer: nn.Linear, device: torch.device, bitsandbytes: ModuleType) -> nn.Module:
    weight_OI = layer.weight.data.to(device, torch.float16)
    levels_OI, largest_O, _ = bitsandbytes.functional.int8_vectorwise_quant(weight_OI)
    return Int8Linear(levels_OI, (largest_O / 127)[:, None], layer.bias).to(device)


def _pack_4_bits(layer: nn.Linear, device: torch.device, bitsandbytes: ModuleType) -> nn.Module:
    weight_OI = layer.weight.data
    packed = bitsandbytes.nn.Linear4bit(
        layer.in_features,
        layer.out_features,
        bias=layer.bias is not None,
        compute_dtype=weight_OI.dtype,
        quant_type="nf4",
        device="meta",
    )
    packed.weight = bitsandbytes.nn.Params4bit(
        weight_OI.cpu(), requires_grad=False, quant_type="nf4", module=packed
    )
    packed.bias = layer.bias
    return packed.to(device)


def _import_bitsandbytes() -> ModuleType:
    """Import it only where it is needed: that takes as long as to import torch."""
    try:
        with without_hub():
            return import_module("bitsandbytes")
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelError(
            f"bitsandbytes cannot be imported: {error}", "pip install 'monkeycli[quantize]'"
        ) from error


@contextmanager
def without_hub() -> Iterator[None]:
    """Keep bitsandbytes from fetching a compiled kernel of its own from the hub.

    It does so while it is imported, by us or by peft, on a CPU that multiplies bfloat16, where the
    package `kernels` is installed; and where that is not, it complains. Its wheel holds a kernel
    that does the work.
    """
    logger = logging.getLogger("bitsandbytes.backends.cpu.ops")
    kernels, was_disabled = sys.modules.get("kernels"), logger.disabled
    sys.modules["kernels"] = None  # type: ignore[assignment]  # to import it fails
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = was_disabled
        del sys.modules["kernels"]
        if kernels is not None:
            sys.modules["kernels"] = kernels
