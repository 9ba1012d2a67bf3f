"""Places without a feature, taken out of a batch: as if its pages had been laid out without them.

How many features a resampler that reads gives is known once it has read, when the batch is laid
out already, with places for the most there can be. A question is asked behind no more places than
there are features; what is learnt has to stand there, too.
"""

# B sequences, T tokens, K tokens that are kept of the longest sequence

from typing import NamedTuple

import torch


class Ranks(NamedTuple):
    """What hangs on where a token stands, when others have gone."""

    order_BK: torch.Tensor
    """The tokens that stay, in order; in a sequence that keeps fewer, some of the others behind."""
    position_ids: torch.Tensor
    """Shape BK."""
    attention_mask: torch.Tensor
    """Of the shape it had, for the tokens of `order_BK`: nothing sees one that has gone."""

    def pick(self, tensor_BT: torch.Tensor) -> torch.Tensor:
        """Give a tensor's entries in the new order; BT or BTE."""
        shape = (*self.order_BK.shape, *tensor_BT.shape[2:])
        order = self.order_BK.view(*self.order_BK.shape, *[1] * (tensor_BT.ndim - 2))
        return tensor_BT.gather(1, order.expand(shape))


def close_ranks(
    is_empty_BT: torch.Tensor, position_ids: torch.Tensor, attention_mask: torch.Tensor
) -> Ranks:
    """Let tokens close up to those before them.

    Args:
        is_empty_BT: bool, True for the tokens that go; all of them stand before any branch.
        position_ids: shape BT.
        attention_mask: shape BT or B1TT, as `collate` gives it.

    >>> empty = torch.tensor([[False, True, False], [False, False, False]])
    >>> ranks = close_ranks(empty, torch.tensor([[0, 1, 2], [0, 1, 2]]), torch.ones(2, 3))
    >>> ranks.order_BK.tolist(), ranks.position_ids.tolist(), ranks.attention_mask.tolist()
    ([[0, 2, 1], [0, 1, 2]], [[0, 1, 0], [0, 1, 2]], [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    """
    num_kept = int((~is_empty_BT).sum(dim=1).max())
    order_BK = is_empty_BT.int().argsort(dim=1, stable=True)[:, :num_kept]
    gone_BT = is_empty_BT.cumsum(dim=1)
    is_seen_BK = ~is_empty_BT.gather(1, order_BK)
    if attention_mask.ndim == 2:
        mask = torch.where(is_seen_BK, attention_mask.gather(1, order_BK), 0)
    else:
        queries = order_BK[:, None, :, None].expand(-1, -1, -1, attention_mask.shape[-1])
        keys = order_BK[:, None, None, :].expand(-1, -1, num_kept, -1)
        mask = attention_mask.gather(2, queries).gather(3, keys) & is_seen_BK[:, None, None, :]
    return Ranks(order_BK, (position_ids - gone_BT).gather(1, order_BK).clamp(min=0), mask)
