"""Sequences that branch off pages: each page's keys and values are kept, and read, once.

    page 1: prefix ---+--- question --> answer
                      +--- question --> answer
    page 2: prefix ---+--- question --> answer

A page is prefilled once (`PrefixCache.of`). The sequences of a batch keep only what is their own, a
question and the answer so far, and attend to the prefix of their page where it lies: no question
copies it, and all questions about a page read it from memory together. Sequences come and go at any
step.
"""

# B sequences, R of them about one page, T new tokens, S own tokens, P tokens of a prefix,
# H query heads, G key/value heads, K width of a head

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from transformers import PreTrainedConfig
from transformers.cache_utils import Cache, DynamicLayer
from transformers.modeling_utils import AttentionInterface

ROOM = 64
"""Own tokens a layer makes room for at a time."""

ATTENTION = "branches"
"""Under which name transformers knows `attend_to_branches`."""


@dataclass(frozen=True, eq=False)
class PrefixCache:
    """Keys and values of one prefilled sequence."""

    layers: tuple[tuple[torch.Tensor, torch.Tensor], ...]
    """For each layer keys and values, shape 1GPK."""

    @classmethod
    def of(cls, cache: Any) -> "PrefixCache":
        """Take them out of the cache of a pass over one sequence."""
        return cls(tuple((layer.keys, layer.values) for layer in cache.layers))

    @property
    def length(self) -> int:
        """Tokens of the prefix."""
        return self.layers[0][0].shape[2]


class BranchLayer(DynamicLayer):
    """One layer's own keys and values of all sequences, in buffers with room to grow."""

    def __init__(self) -> None:
        super().__init__()
        self.buffers: list[torch.Tensor] = []
        self.starts_B: torch.Tensor | None = None
        """Own tokens of each sequence before the pass under way; None on the first."""

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: Any, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Put the states of new tokens, shape BGTK, behind each sequence's own; give all of them.

        Beyond a sequence's end, what is given means nothing.
        """
        if not self.buffers:
            self.lazy_initialization(key_states, value_states)
            self.buffers = [_with_room(states) for states in (key_states, value_states)]
            longest = key_states.shape[2]
        else:
            assert self.starts_B is not None and key_states.shape[2] == 1
            longest = int(self.starts_B.max()) + 1
            if longest > self.buffers[0].shape[2]:
                self.buffers = [_with_room(buffer) for buffer in self.buffers]
            rows_B = torch.arange(len(key_states), device=key_states.device)
            for buffer, states in zip(self.buffers, (key_states, value_states), strict=True):
                buffer[rows_B, :, self.starts_B] = states[:, :, 0]
        self.keys, self.values = (buffer[:, :, :longest] for buffer in self.buffers)
        return self.keys, self.values

    def keep(self, rows: torch.Tensor) -> None:
        """Keep some of the sequences, by their places."""
        self.buffers = [buffer[rows] for buffer in self.buffers]

    def join(self, other: "BranchLayer") -> None:
        """Append the sequences of another layer."""
        longest = max(self.buffers[0].shape[2], other.buffers[0].shape[2])
        pairs = zip(self.buffers, other.buffers, strict=True)
        self.buffers = [
            torch.cat([F.pad(part, (0, 0, 0, longest - part.shape[2])) for part in pair])
            for pair in pairs
        ]


class BranchCache(Cache):
    """What a batch of sequences keeps: their prefixes, and keys and values of their own.

    Args:
        prefixes: of each sequence; the same one may stand several times.
        lengths: tokens of each sequence's first pass; shorter ones are padded on the right.
        prompt_length: tokens of the longest whole prompt (see `rotary`).
    """

    def __init__(
        self, prefixes: Sequence[PrefixCache], lengths: Sequence[int], *, prompt_length: int
    ) -> None:
        device = prefixes[0].layers[0][0].device
        self._own = [BranchLayer() for _ in prefixes[0].layers]
        super().__init__(layers=[*self._own])
        self.prompt_length = prompt_length
        self.prefixes = list(prefixes)
        self.starts_B = torch.zeros(len(prefixes), dtype=torch.long, device=device)
        self._added_B = torch.tensor(list(lengths), device=device)
        self._group()

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Give the tokens of the longest sequence, its prefix included."""
        del layer_idx
        return max(prefix.length for prefix in self.prefixes) + int(self.starts_B.max())

    def positions(self, num_tokens: int) -> torch.Tensor:
        """Number the new tokens of each sequence behind its prefix and its own; shape BT."""
        new_T = torch.arange(num_tokens, device=self.starts_B.device)
        return (self._lengths_B + self.starts_B)[:, None] + new_T

    def mask(self, num_tokens: int) -> torch.Tensor:
        """Say which own tokens each new one may see: itself and those before it; shape B1TS."""
        last_BT = self.starts_B[:, None] + torch.arange(num_tokens, device=self.starts_B.device)
        own_S = torch.arange(int(self.starts_B.max()) + num_tokens, device=self.starts_B.device)
        return (own_S <= last_BT[..., None])[:, None]

    def begin_pass(self) -> None:
        """Tell the layers where the new tokens go."""
        for layer in self._own:
            layer.starts_B = self.starts_B

    def end_pass(self) -> None:
        """Count the new tokens; after the first pass there is one for each sequence."""
        self.starts_B = self.starts_B + self._added_B
        self._added_B = torch.ones_like(self.starts_B)

    def keep(self, rows: torch.Tensor) -> None:
        """Keep some of the sequences, by their places; the others have ended."""
        for layer in self._own:
            layer.keep(rows)
        self.prefixes = [self.prefixes[row] for row in rows.tolist()]
        self.starts_B, self._added_B = self.starts_B[rows], self._added_B[rows]
        self._group()

    def join(self, other: "BranchCache") -> None:
        """Append the sequences of another cache, both between two passes."""
        for layer, new in zip(self._own, other._own, strict=True):  # noqa: SLF001 - its own kind
            layer.join(new)
        self.prefixes += other.prefixes
        self.starts_B = torch.cat([self.starts_B, other.starts_B])
        self._added_B = torch.ones_like(self.starts_B)
        self._group()

    def _group(self) -> None:
        """Find the sequences of each prefix."""
        places: dict[int, list[int]] = {}
        for place, prefix in enumerate(self.prefixes):
            places.setdefault(id(prefix), []).append(place)
        device = self.starts_B.device
        self.pages = [
            (self.prefixes[rows[0]], torch.tensor(rows, device=device)) for rows in places.values()
        ]
        self._lengths_B = torch.tensor([prefix.length for prefix in self.prefixes], device=device)


def attend_to_branches(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor,
    *,
    scaling: float,
    branches: BranchCache,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """Attend to a prefix and to a sequence's own tokens, as if they lay side by side.

    Both parts are attended to apart; their sums are weighed by their shares of the softmax.

    Args:
        module: an attention layer of transformers, with `layer_idx`.
        query: shape BHTK.
        key: own keys, shape BGSK.
        value: own values, shape BGSK.
        attention_mask: shape B1TS, True where a token may look.
        scaling: of the scores.
        branches: the cache of the pass.

    Returns:
        Shape BTHK, and None for the weights.
    """
    num_rows, num_heads, num_tokens, width = query.shape
    groups = key.shape[1]
    q_BGNK = query.reshape(num_rows, groups, -1, width) * scaling  # N = H / G * T
    mask_B1NS = attention_mask.repeat(1, 1, num_heads // groups, 1)
    own = _attend(q_BGNK, key, value, mask_B1NS)
    sums_BGNK, weights_BGN1 = torch.empty_like(q_BGNK), torch.empty_like(own[1])
    for prefix, rows_R in branches.pages:
        keys_1GPK, values_1GPK = prefix.layers[int(module.layer_idx)]  # type: ignore[arg-type]
        # The queries of all sequences about a page read its keys as if they were of one sequence.
        q_1GMK = q_BGNK[rows_R].transpose(0, 1).reshape(1, groups, -1, width)
        sums, weights = _attend(q_1GMK, keys_1GPK, values_1GPK, None)
        shape = (groups, len(rows_R), -1)
        sums_BGNK[rows_R] = sums[0].unflatten(1, shape[1:]).transpose(0, 1)
        weights_BGN1[rows_R] = weights[0].unflatten(1, shape[1:]).transpose(0, 1)
    share_BGN1 = (weights_BGN1 - own[1]).sigmoid().to(query.dtype)
    out_BGNK = own[0] + share_BGN1 * (sums_BGNK - own[0])
    out_BHTK = out_BGNK.reshape(num_rows, num_heads, num_tokens, width)
    return out_BHTK.transpose(1, 2).contiguous(), None


def _attend(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the weighted sums, and the logarithm of all the weight there was, in float32."""
    scores = (q @ k.mT).float()
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    total = scores.logsumexp(dim=-1, keepdim=True)
    return (scores - total).exp_().to(v.dtype) @ v, total


@contextmanager
def branching(config: PreTrainedConfig) -> Iterator[None]:
    """Let the language model of this configuration attend to branches."""
    before = config._attn_implementation  # noqa: SLF001 - transformers has no other name
    config._attn_implementation = ATTENTION  # noqa: SLF001
    try:
        yield
    finally:
        config._attn_implementation = before  # noqa: SLF001


def _with_room(states: torch.Tensor) -> torch.Tensor:
    return F.pad(states, (0, 0, 0, ROOM))


AttentionInterface.register(ATTENTION, attend_to_branches)
