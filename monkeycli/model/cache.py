"""Keys and values of sequences that share a beginning and go on in their own ways.

A page is prefilled once (`PrefixCache.of`). For a batch of answers the prefixes are laid side by
side, padded on the left, with room to grow in place: no token copies what came before it.
"""

# B sequences, H key/value heads, T tokens, K width of a head

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicLayer

ROOM = 64
"""Tokens of free room a layer takes at a time."""


@dataclass(frozen=True)
class PrefixCache:
    """Keys and values of one prefilled sequence."""

    layers: tuple[tuple[torch.Tensor, torch.Tensor], ...]
    """For each layer keys and values, shape 1HTK."""

    @classmethod
    def of(cls, cache: Any) -> "PrefixCache":
        """Take them out of the cache of a pass over one sequence."""
        return cls(tuple((layer.keys, layer.values) for layer in cache.layers))

    @property
    def length(self) -> int:
        """Tokens of the prefix."""
        return self.layers[0][0].shape[2]


class GrowingLayer(DynamicLayer):
    """One layer's keys and values in buffers whose first `length` tokens are in use."""

    def __init__(self, keys_BHTK: torch.Tensor, values_BHTK: torch.Tensor, *, length: int) -> None:
        super().__init__()
        self.lazy_initialization(keys_BHTK, values_BHTK)
        self._buffers = [keys_BHTK, values_BHTK]
        self._view(length)

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: Any, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append the states of new tokens, shape BHTK, and give all there are."""
        start, added = self._length, key_states.shape[2]
        if start + added > self._buffers[0].shape[2]:
            room = max(added, ROOM)
            self._buffers = [_with_room(buffer[:, :, :start], room) for buffer in self._buffers]
        for buffer, states in zip(self._buffers, (key_states, value_states), strict=True):
            buffer[:, :, start : start + added] = states
        return self._view(start + added)

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep some of the sequences."""
        self._buffers = [buffer[indices] for buffer in self._buffers]
        self._view(self._length)

    def _view(self, length: int) -> tuple[torch.Tensor, torch.Tensor]:
        self._length = length
        keys, values = (buffer[:, :, :length] for buffer in self._buffers)
        self.keys, self.values = keys, values
        return keys, values


class BatchCache(Cache):
    """The cache of a batch of sequences, each going on from a prefix; prefixes end together.

    Args:
        prefixes: of each sequence; the same one may stand several times.
        prompt_length: tokens of the longest whole prompt (see `rotary`).
    """

    def __init__(self, prefixes: Sequence[PrefixCache], *, prompt_length: int) -> None:
        longest = max(prefix.length for prefix in prefixes)
        layers = []
        for number in range(len(prefixes[0].layers)):
            keys, values = (
                torch.cat([_padded(prefix.layers[number][part], longest) for prefix in prefixes])
                for part in (0, 1)
            )
            layers.append(GrowingLayer(keys, values, length=longest))
        super().__init__(layers=[*layers])
        self._growing = layers
        self.prompt_length = prompt_length

    def keep(self, rows: torch.Tensor) -> None:
        """Keep some of the sequences, by their numbers; the others have ended."""
        for layer in self._growing:
            layer.batch_select_indices(rows)


def _padded(states_1HTK: torch.Tensor, length: int) -> torch.Tensor:
    """Pad on the left to `length`, and leave room on the right."""
    missing = length - states_1HTK.shape[2]
    return torch.nn.functional.pad(states_1HTK, (0, 0, missing, ROOM))


def _with_room(states_BHTK: torch.Tensor, room: int) -> torch.Tensor:
    return torch.nn.functional.pad(states_BHTK, (0, 0, 0, room))
