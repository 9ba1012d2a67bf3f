"""Attention by whichever implementation the model was asked to use."""

# V views, N queries, M keys, H heads, K width of a head, B sequences, T tokens

import torch
from torch import nn
from transformers import PreTrainedConfig
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from monkeycli.errors import UsageError


def check_heads(width: int, heads: int) -> None:
    """Raise ValueError unless a vector of this width can be cut into so many heads."""
    if heads < 1 or width % heads:
        raise ValueError(f"a width of {width} cannot be cut into {heads} heads")


def attend(
    module: nn.Module,
    config: PreTrainedConfig,
    q_VHNK: torch.Tensor,
    k_VHMK: torch.Tensor,
    v_VHMK: torch.Tensor,
) -> torch.Tensor:
    """Let every query attend to all keys of its view, scaled by 1/sqrt(K).

    Args:
        module: the layer that asks.
        config: its configuration, which names the implementation (`attn_implementation`).
        q_VHNK: queries.
        k_VHMK: keys.
        v_VHMK: values.

    Returns:
        Shape VN(HK): the heads side by side.
    """
    implementation = config._attn_implementation or "sdpa"  # noqa: SLF001 - transformers has no other name
    if implementation == "eager":
        scores_VHNM = (q_VHNK * q_VHNK.shape[-1] ** -0.5) @ k_VHMK.mT
        out_VNHK = (scores_VHNM.softmax(dim=-1) @ v_VHMK).transpose(1, 2)
    else:
        function = ALL_ATTENTION_FUNCTIONS.get_interface(implementation, attend)
        out_VNHK, _ = function(module, q_VHNK, k_VHMK, v_VHMK, attention_mask=None, is_causal=False)
    return out_VNHK.flatten(2)


def fit_mask(
    mask: torch.Tensor | None, config: PreTrainedConfig, dtype: torch.dtype
) -> torch.Tensor | None:
    """Give a mask of True and False the form that an implementation of transformers takes.

    Args:
        mask: shape B1TT, bool, True where a query may look; anything else is given back as it is.
        config: of the language model, which names the implementation.
        dtype: of the scores.

    Returns:
        The mask for `sdpa`; for others what is to be added to the scores.

    Raises:
        UsageError: the implementation knows no masks but padding.
    """
    if mask is None or mask.ndim != 4 or mask.dtype != torch.bool:
        return mask
    implementation = config._attn_implementation or "sdpa"  # noqa: SLF001 - transformers has no other name
    if implementation == "sdpa":
        return mask
    if "flash" in implementation:
        raise UsageError(
            f"{implementation} cannot let each question see its own words only",
            "ask for sdpa, or say train.max_questions: 1",
        )
    added = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return added.masked_fill_(~mask, torch.finfo(dtype).min)
