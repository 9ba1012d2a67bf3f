"""The last matrix product: from a few states to the logits of every token there is."""

# R rows, E width, L vocabulary

import torch
from torch import nn

MAX_ROWS = 16
"""Up to so many rows the table stands better on the left."""


def project(head: nn.Module, states: torch.Tensor) -> torch.Tensor:
    """Multiply states by a table of tokens, in the order that the hardware likes.

    With the table on the right, as `nn.Linear` has it, a CPU's float32 product of a few rows is
    three to six times slower than the table takes to read: 24 ms for two rows and 49,152 tokens of
    width 576, and 5 ms with the table on the left. One row alone is slow both ways, so it goes
    twice.

    Args:
        head: without a bias; a layer that is no plain `nn.Linear` is called as it is.
        states: shape ...E.

    Returns:
        Shape ...L.
    """
    num_rows = states.shape[:-1].numel()
    if (
        type(head) is not nn.Linear
        or states.device.type != "cpu"
        or states.dtype != torch.float32
        or not 0 < num_rows <= MAX_ROWS
        or torch.is_grad_enabled()
    ):
        return head(states)
    states_RE = states.reshape(num_rows, -1)
    if num_rows == 1:
        states_RE = states_RE.expand(2, -1)
    logits_RL = (head.weight @ states_RE.T).T[:num_rows]
    return logits_RL.unflatten(0, states.shape[:-1])
