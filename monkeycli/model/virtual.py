"""Virtual tokens: learnt vectors in front of all that the language model reads, images included.

    prompt   one embedding for each virtual token; they pass through every layer (prompt tuning)
    prefix   keys and values for each virtual token in each layer; nothing passes (prefix tuning)

They belong to no word and no place of the input: whoever calls the model counts tokens, masks and
positions without them. Once read they are the first entries of the cache, as any other token.
Sources: https://arxiv.org/abs/2104.08691 and https://arxiv.org/abs/2101.00190; the layout of the
numbers is peft's.
"""

# B sequences, T tokens, P virtual tokens, E width, H key/value heads, K width of a head

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from transformers import Cache
from transformers.cache_utils import DynamicLayer

KINDS = ("prompt", "prefix")
"""Ways in which virtual tokens are learnt."""


@dataclass(frozen=True)
class LanguageInputs:
    """What a pass hands to the language model."""

    embeds_BTE: torch.Tensor
    mask: torch.Tensor | None
    """Shape (B, cached + T), or 4-D: (B, 1, T, cached + T)."""
    positions_BT: torch.Tensor | None
    cache: Cache | None
    num_in_front: int = 0
    """Virtual tokens at the beginning of `embeds_BTE`, which give states that nobody asked for."""

    def numbered(self) -> "LanguageInputs":
        """Number the tokens that a 2-D mask says are no padding, if nobody has numbered them."""
        if self.positions_BT is not None or self.mask is None or self.mask.ndim != 2:
            return self
        counted = (self.mask.long().cumsum(-1) - 1).clamp(min=0)
        return replace(self, positions_BT=counted[:, -self.embeds_BTE.shape[1] :])

    def strip(self, outputs: Any) -> Any:
        """Take the virtual tokens' own states out of what the language model gives."""
        start = self.num_in_front
        if start:
            outputs.last_hidden_state = outputs.last_hidden_state[:, start:]
            if outputs.get("hidden_states") is not None:
                outputs.hidden_states = tuple(part[:, start:] for part in outputs.hidden_states)
        return outputs


class VirtualTokens(nn.Module):
    """The virtual tokens of one model.

    Args:
        text_config: of the language model.
        kind: `prompt` or `prefix`.
        number: of virtual tokens.

    Raises:
        ValueError: there is no such kind.
    """

    def __init__(self, text_config: Any, *, kind: str, number: int) -> None:
        super().__init__()
        if kind not in KINDS:
            raise ValueError(f"virtual tokens of kind {kind!r}: there are {' and '.join(KINDS)}")
        self.config = text_config
        self.kind = kind
        self.number = number
        num_heads, head_dim = _key_shape(text_config)
        prefix_width = text_config.num_hidden_layers * 2 * num_heads * head_dim
        width = text_config.hidden_size if kind == "prompt" else prefix_width
        self.embeddings = nn.Parameter(torch.empty(number, width))

    def put_in_front(self, inputs: LanguageInputs) -> LanguageInputs:
        """Put the virtual tokens before a pass's own, unless its cache begins with them already.

        Args:
            inputs: as the caller counts them; a mask may count the cached virtual tokens or not.
                Without a cache the pass keeps no keys and values.
        """
        num_cached = inputs.cache.get_seq_length() if inputs.cache is not None else 0
        embeds_BTE, num_in_front = inputs.embeds_BTE, 0
        num_keys = (num_cached or self.number) + embeds_BTE.shape[1]
        cache = inputs.cache
        if not num_cached and self.kind == "prompt":
            num_in_front = self.number
            learnt_BPE = self.embeddings.to(embeds_BTE.dtype).expand(len(embeds_BTE), -1, -1)
            embeds_BTE = torch.cat([learnt_BPE, embeds_BTE], dim=1)
        elif not num_cached:
            cache = self._begin_cache(cache, embeds_BTE)
        mask, positions_BT = inputs.mask, inputs.positions_BT
        if mask is not None and mask.shape[-1] == num_keys - self.number:
            mask = _widen(mask, self.number, num_rows=num_in_front)
        if positions_BT is not None:
            ahead_1P = torch.arange(num_in_front, device=positions_BT.device)[None]
            ahead_BP = ahead_1P.expand(len(positions_BT), -1)
            positions_BT = torch.cat([ahead_BP, positions_BT + self.number], dim=1)
        return LanguageInputs(embeds_BTE, mask, positions_BT, cache, num_in_front)

    def _begin_cache(self, cache: Cache | None, embeds_BTE: torch.Tensor) -> Cache:
        """Write the prefix into the cache given; without one, give the prefix as one to read."""
        num_heads, head_dim = _key_shape(self.config)
        parts = self.embeddings.to(embeds_BTE.dtype).view(self.number, -1, num_heads, head_dim)
        states = parts.permute(1, 2, 0, 3)[:, None].expand(-1, len(embeds_BTE), -1, -1, -1)
        pairs = list(zip(states[0::2], states[1::2], strict=True))
        if cache is None:
            return Cache(layers=[PrefixLayer(keys, values) for keys, values in pairs])
        for number, (keys, values) in enumerate(pairs):
            cache.update(keys, values, number)
        return cache


class PrefixLayer(DynamicLayer):
    """A layer's prefix for one pass: read, never added to.

    So gradient checkpointing, which runs a layer's pass twice, finds the same states both times.
    """

    def __init__(self, keys_BHPK: torch.Tensor, values_BHPK: torch.Tensor) -> None:
        super().__init__()
        self.lazy_initialization(keys_BHPK, values_BHPK)
        self.keys, self.values = keys_BHPK, values_BHPK

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: Any, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Give the prefix and the states of new tokens behind it; keep the prefix alone."""
        assert self.keys is not None and self.values is not None, "read before it was made"
        keys = torch.cat([self.keys, key_states], dim=2)
        return keys, torch.cat([self.values, value_states], dim=2)


def add_virtual_tokens(body: Any, kind: str, number: int) -> VirtualTokens:
    """Put fresh virtual tokens in front of a model, and say so in its configuration.

    Args:
        body: a `MonkeyModel` without any.
        kind: `prompt` or `prefix`.
        number: of tokens.
    """
    like = body.get_input_embeddings().weight
    tokens = VirtualTokens(body.config.text_config, kind=kind, number=number)
    nn.init.normal_(tokens.embeddings, std=0.02)
    body.virtual_tokens = tokens.to(like.device, like.dtype)
    body.config.virtual_kind, body.config.virtual_tokens = kind, number
    if kind == "prefix":
        for layer in body.language_model.layers:
            layer._can_checkpoint_with_cache = True  # noqa: SLF001 - transformers' word for it
    return tokens


def _key_shape(text_config: Any) -> tuple[int, int]:
    """Give the number of key/value heads, and the width of each."""
    head_dim = getattr(text_config, "head_dim", None)
    head_dim = head_dim or text_config.hidden_size // text_config.num_attention_heads
    return text_config.num_key_value_heads, head_dim


def _widen(mask: torch.Tensor, number: int, *, num_rows: int) -> torch.Tensor:
    """Let every token attend to `number` more in front; they, if rows as well, to those before."""
    if mask.ndim == 2:
        return torch.cat([mask.new_ones(len(mask), number), mask], dim=1)
    is_bool = mask.dtype == torch.bool
    allowed, blocked = (True, False) if is_bool else (0, torch.finfo(mask.dtype).min)
    *outer, num_queries, num_keys = mask.shape
    wide = torch.cat([mask.new_full((*outer, num_queries, number), allowed), mask], dim=-1)
    if not num_rows:
        return wide
    rows = mask.new_full((num_rows, number + num_keys), blocked)
    ahead = torch.ones(num_rows, number, dtype=torch.bool, device=mask.device).tril()
    rows[:, :number][ahead] = allowed
    return torch.cat([rows.expand(*outer, -1, -1), wide], dim=-2)
