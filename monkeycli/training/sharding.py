"""Where processes share the weights out (FSDP): how each gets to see all of them for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.distributed.fsdp import FSDPModule


@contextmanager
def whole_weights(model: nn.Module, *, reshards: bool = True) -> Iterator[None]:
    """Hold all weights whole on every process, so that each may compute as much as it likes.

    Without this every pass of one process waits for a pass of all others.

    Args:
        model: sharded by `fully_shard`; any other is left as it is.
        reshards: whether its layers give up what is not theirs after a pass, as they were made.
    """
    parts = [part for part in model.modules() if isinstance(part, FSDPModule)]
    for part in parts:
        part.set_reshard_after_forward(reshard_after_forward=False, recurse=False)
        part.unshard()
    try:
        yield
    finally:
        for part in parts:
            part.reshard()
            part.set_reshard_after_forward(reshard_after_forward=reshards, recurse=False)
