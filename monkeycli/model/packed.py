"""Weights in 4 or 8 bits: how they lie in a file, and back to ordinary tensors.

A row of a matrix is cut into blocks of 32 values that share one scale and, in 4 bits, one
minimum, all float16:

    4 bits   value = scale * level + minimum    level 0..15
    8 bits   value = scale * level              level -127..127

A packed tensor NAME of shape (rows, columns) is stored as several:

    NAME.q4        uint8    (rows, columns / 2)    byte i of a block: levels i (low), i + 16 (high)
    NAME.q4_scale  float16  (rows, columns / 32)
    NAME.q4_min    float16  (rows, columns / 32)
    NAME.q8        int8     (rows, columns)
    NAME.q8_scale  float16  (rows, columns / 32)

These are the numbers of llama.cpp's Q4_1 and Q8_0: weights in those forms lose nothing.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

BLOCK = 32
"""Values of a row that share one scale."""


def unpack(tensors: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """Turns packed tensors back into matrices, and casts the others.

    Args:
        tensors: as read from a file; packed and plain ones may stand side by side.
        dtype: floating-point type of the result.

    Returns:
        Every tensor under its own name, `NAME.q4` and its companions as one (rows, columns) NAME.
        Tensors that hold whole numbers keep their type.

    Raises:
        ValueError: a packed tensor lacks a companion, or their shapes do not belong together.
    """
    plain: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        base, _, form = name.rpartition(".")
        if form == "q4":
            scale, minimum = (_companion(tensors, base, part) for part in ("q4_scale", "q4_min"))
            plain[base] = unpack_4bit(tensor, scale, minimum, dtype)
        elif form == "q8":
            plain[base] = unpack_8bit(tensor, _companion(tensors, base, "q8_scale"), dtype)
        elif form not in ("q4_scale", "q4_min", "q8_scale"):
            plain[name] = tensor.to(dtype) if tensor.is_floating_point() else tensor
    return plain


def unpack_4bit(levels: Tensor, scale: Tensor, minimum: Tensor, dtype: torch.dtype) -> Tensor:
    """Give a matrix (rows, columns); raises ValueError where shapes disagree."""
    rows, half = levels.shape
    _check_blocks(scale, rows, half * 2)
    _check_blocks(minimum, rows, half * 2)
    pairs = levels.view(rows, -1, BLOCK // 2)
    values = torch.empty(rows, pairs.shape[1], 2, BLOCK // 2)
    values[:, :, 0] = pairs.bitwise_and(15)
    values[:, :, 1] = pairs.bitwise_right_shift(4)
    values = values.view(rows, -1, BLOCK)
    values.mul_(scale.float()[:, :, None]).add_(minimum.float()[:, :, None])
    return values.view(rows, half * 2).to(dtype)


def unpack_8bit(levels: Tensor, scale: Tensor, dtype: torch.dtype) -> Tensor:
    """Give a matrix (rows, columns); raises ValueError where shapes disagree."""
    rows, columns = levels.shape
    _check_blocks(scale, rows, columns)
    values = levels.view(rows, -1, BLOCK).float()
    return values.mul_(scale.float()[:, :, None]).view(rows, columns).to(dtype)


def pack_4bit(name: str, weight: Tensor) -> dict[str, Tensor]:
    """Rounds a matrix (rows, columns) to 4 bits; the largest error is half a step of its block.

    Raises:
        ValueError: columns are not a multiple of 32.
    """
    blocks = _blocks(name, weight)
    minimum = blocks.amin(-1).half()
    scale = ((blocks.amax(-1) - minimum.float()) / 15).half()
    levels = (blocks - minimum.float()[..., None]) / _divisor(scale)
    levels = levels.round_().clamp_(0, 15).to(torch.uint8)
    low, high = levels.split(BLOCK // 2, dim=-1)
    packed = low.bitwise_or(high.bitwise_left_shift(4)).reshape(weight.shape[0], -1)
    return {f"{name}.q4": packed, f"{name}.q4_scale": scale, f"{name}.q4_min": minimum}


def pack_8bit(name: str, weight: Tensor) -> dict[str, Tensor]:
    """Rounds a matrix (rows, columns) to 8 bits; the largest error is half a step of its block.

    Raises:
        ValueError: columns are not a multiple of 32.
    """
    blocks = _blocks(name, weight)
    scale = (blocks.abs().amax(-1) / 127).half()
    levels = (blocks / _divisor(scale)).round_().clamp_(-127, 127).to(torch.int8)
    return {f"{name}.q8": levels.view(weight.shape), f"{name}.q8_scale": scale}


def _divisor(scale: Tensor) -> Tensor:
    """The scale to divide by, (rows, blocks, 1): 1 for a block of equal values."""
    return torch.where(scale == 0, 1.0, scale.float())[..., None]


def _blocks(name: str, weight: Tensor) -> Tensor:
    if weight.dim() != 2 or weight.shape[1] % BLOCK:
        raise ValueError(
            f"{name} of shape {tuple(weight.shape)} cannot be packed: "
            f"only matrices whose columns are a multiple of {BLOCK} can"
        )
    return weight.float().reshape(weight.shape[0], -1, BLOCK)


def _check_blocks(part: Tensor, rows: int, columns: int) -> None:
    shape = (rows, columns / BLOCK)
    if tuple(part.shape) != shape:
        raise ValueError(
            f"{rows} rows of {columns} packed weights need scales of shape"
            f" ({rows}, {columns / BLOCK:g}), not {tuple(part.shape)}"
        )


def _companion(tensors: Mapping[str, Tensor], base: str, part: str) -> Tensor:
    if f"{base}.{part}" not in tensors:
        raise ValueError(f"packed tensor {base} lacks {base}.{part}")
    return tensors[f"{base}.{part}"]
