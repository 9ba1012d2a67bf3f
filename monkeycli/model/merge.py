"""Language adapters: LoRA pairs that lie beside a checkpoint's weights, added to them on load.

For a matrix `NAME.weight` they are `NAME.lora_A.weight` (rank, in) and `NAME.lora_B.weight`
(out, rank); B carries the scale alpha / r already. After W + B A nothing is left to compute.
"""

from collections.abc import Mapping

import torch

from monkeycli.errors import ModelError

_A, _B = ".lora_A.weight", ".lora_B.weight"


def merge_adapters(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Add every adapter to the matrix it belongs to.

    Args:
        weights: matrices and adapters side by side.

    Returns:
        The matrices alone, in their own dtypes; the sum is taken in float32.

    Raises:
        ModelError: an adapter has no matrix, no other half, or does not fit.
    """
    merged = {name: tensor for name, tensor in weights.items() if not name.endswith((_A, _B))}
    for name in weights:
        if not name.endswith((_A, _B)):
            continue
        base = name.removesuffix(_A).removesuffix(_B)
        try:
            matrix = weights[f"{base}.weight"]
            down, up = weights[base + _A], weights[base + _B]
            if name.endswith(_A):
                total = torch.addmm(matrix.float(), up.float(), down.float())
                merged[f"{base}.weight"] = total.to(matrix.dtype)
        except KeyError as error:
            raise ModelError(f"language adapter {base} lacks {error}") from error
        except RuntimeError as error:
            raise ModelError(f"language adapter {base} does not fit its matrix") from error
    return merged
