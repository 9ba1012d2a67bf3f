"""Where processes share the weights out (FSDP): how each gets to see all of them for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType

from torch import nn
from torch.distributed.fsdp import FSDPModule, register_fsdp_forward_method


@contextmanager
def whole_weights(model: nn.Module, *, reshards: bool = True) -> Iterator[None]:
    """Hold all weights whole on every process, so that each may compute as much as it likes.

    Without this every pass of one process waits for a pass of all others.

    Args:
        model: sharded by `fully_shard`; any other is left as it is.
        reshards: whether its layers give up what is not theirs after a pass, as they were made.
    """
    _begin(model)
    parts = [part for part in model.modules() if isinstance(part, FSDPModule)]
    for part in parts:
        part.set_reshard_after_forward(reshard_after_forward=False, recurse=False)
        part.unshard()
    try:
        yield
    finally:
        for part in parts:
            part.set_reshard_after_forward(reshard_after_forward=reshards, recurse=False)
        if isinstance(model, FSDPModule):
            # Layers note in which order they were used, for the backward pass to fetch them in: a
            # process that answered more than another would wait for weights the other never sends.
            model.reset_iter_state()


def _begin(model: nn.Module) -> None:
    """Make a model the root of its layers, as its first pass would: they are used without it."""
    begin = "begin_as_root"
    setattr(model, begin, MethodType(lambda _: None, model))
    register_fsdp_forward_method(model, begin)
    getattr(model, begin)()
    delattr(model, begin)
