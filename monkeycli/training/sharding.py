"""Where processes share the weights out (FSDP): how each gets to see all of them for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import save_fsdp_optimizer
from torch import nn
from torch.distributed.fsdp import FSDPModule, register_fsdp_forward_method

from monkeycli.errors import UsageError


def check_sharing(*, is_version_2: bool) -> None:
    """See to it that weights are shared out in the one way that is known here.

    Raises:
        UsageError: it is another one, or torch is too old for it.
    """
    if not is_version_2:
        raise UsageError(
            "weights are shared out by FSDP 2 here, not 1",
            "use accelerate launch --use_fsdp --fsdp_version 2",
        )
    if not hasattr(FSDPModule, "reset_iter_state"):
        raise UsageError(
            f"torch {torch.__version__} cannot answer questions while weights are shared out",
            "install torch 2.13 or newer",
        )


def save_optimizer(accelerator: Accelerator, optimizer: Any, model: Any, folder: str) -> None:
    """Write every process's part of the optimizer's state."""
    save_fsdp_optimizer(accelerator.state.fsdp_plugin, accelerator, optimizer, model, folder)


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
    if not isinstance(model, FSDPModule):
        return
    begin = "begin_as_root"
    setattr(model, begin, MethodType(lambda _: None, model))
    register_fsdp_forward_method(model, begin)
    getattr(model, begin)()
    delattr(model, begin)
