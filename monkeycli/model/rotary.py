"""How Qwen-1 reads beyond its training length: a stretched rotary base and scaled queries.

Both are rules of the published model, on in evaluation only, and change nothing up to
`train_length` tokens (2048). They are put onto transformers' own decoder from outside:

- dynamic NTK: the rotary base grows by a factor fixed by the length of the prompt,
  alpha = max(2 ** ceil(log2(length / train_length) + 1) - 1, 1), base' = base * alpha^(d / (d-2));
- logn: the query at position p (from 1) is multiplied by log(p) / log(train_length) if that is
  more than 1. A query's scale passes through the rotation, so it is applied to `q_proj`'s output.
"""

import math
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle


def ntk_alpha(length: int, train_length: int) -> int:
    """Say by how much the rotary base is stretched for a prompt of `length` tokens.

    >>> [ntk_alpha(length, 2048) for length in (1, 2048, 2049, 4096, 4097)]
    [1, 1, 3, 3, 7]
    """
    return max(2 ** math.ceil(math.log2(length / train_length) + 1) - 1, 1)


class LongContextRotary(nn.Module):
    """Stands in for a decoder's rotary embedding.

    `prompt_length` is set by the model before each pass: the length, in tokens, of the prompt the
    pass belongs to. It travels with the cache, so that requests may take turns.
    """

    def __init__(self, *, head_dim: int, base: float, train_length: int) -> None:
        super().__init__()
        self.head_dim = head_dim
        self.base = base
        self.train_length = train_length
        self.prompt_length = 0
        self.query_scale: torch.Tensor | None = None
        self.hooks: list[RemovableHandle] = []

    @torch.no_grad()
    def forward(
        self, x: torch.Tensor, position_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Give cosines and sines, each of shape (batch, tokens, head width), in x's dtype."""
        long = not self.training
        alpha = ntk_alpha(max(self.prompt_length, 1), self.train_length) if long else 1
        exponents = torch.arange(0, self.head_dim, 2, device=x.device).float() / self.head_dim
        base = self.base * alpha ** (self.head_dim / (self.head_dim - 2))
        angles = position_ids[..., None].float() * (1.0 / base**exponents)
        angles = torch.cat((angles, angles), dim=-1)
        self.query_scale = self._logn(position_ids).to(x.dtype) if long else None
        return angles.cos().to(x.dtype), angles.sin().to(x.dtype)

    def _logn(self, position_ids: torch.Tensor) -> torch.Tensor:
        places = (position_ids + 1).clamp(min=self.train_length).float()
        return (places.log() / math.log(self.train_length))[..., None]

    def scale_queries(self, _module: nn.Module, _args: Any, output: torch.Tensor) -> torch.Tensor:
        """As a forward hook on `q_proj`: scale the queries of the pass under way."""
        return output if self.query_scale is None else output * self.query_scale


def extend_context(decoder: nn.Module, train_length: int) -> LongContextRotary:
    """Give a decoder of transformers the long-context rules of Qwen-1.

    Args:
        decoder: with `config`, `rotary_emb` and `layers[i].self_attn.q_proj`.
        train_length: tokens up to which nothing changes.

    Returns:
        The rotary embedding now in place.
    """
    config: Any = decoder.config
    head_dim = getattr(config, "head_dim", None)
    rotary = LongContextRotary(
        head_dim=head_dim or config.hidden_size // config.num_attention_heads,
        base=config.rope_parameters["rope_theta"],
        train_length=train_length,
    )
    decoder.rotary_emb = rotary.train(decoder.training)
    hook_queries(decoder)
    return rotary


def hook_queries(decoder: nn.Module) -> None:
    """Scale what the query projections give now; again after one was replaced or wrapped.

    Args:
        decoder: one without the rules of Qwen-1 is left as it is.
    """
    rotary: Any = decoder.rotary_emb
    if not isinstance(rotary, LongContextRotary):
        return
    for hook in rotary.hooks:
        hook.remove()
    layers: Any = decoder.layers
    rotary.hooks = [
        layer.self_attn.q_proj.register_forward_hook(rotary.scale_queries) for layer in layers
    ]
