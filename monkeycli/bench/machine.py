"""What the machine itself can do: the floor under every time that is measured."""

import time
from collections.abc import Callable

import torch

SIDE = {"cpu": 1024, "cuda": 8192}
"""Side of the matrices that are multiplied, by kind of device."""

COPIED = {"cpu": 2**28, "cuda": 2**32}
"""Bytes that are copied."""


def synchronize(device: torch.device) -> None:
    """Wait until a device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds_of(work: Callable[[], object], device: torch.device, *, times: int = 1) -> float:
    """Measure the median of a few runs, after one that does not count.

    Args:
        work: to do.
        device: it is done on.
        times: runs that count, at least 1.
    """
    work()
    found = []
    for _ in range(times):
        synchronize(device)
        start = time.perf_counter()
        work()
        synchronize(device)
        found.append(time.perf_counter() - start)
    return sorted(found)[len(found) // 2]


def matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Measure floating-point operations per second of a large product of matrices."""
    side = SIDE.get(device.type, SIDE["cpu"])
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    return 2 * side**3 / seconds_of(lambda: left @ right, device, times=9)


def memory_rate(device: torch.device) -> float:
    """Measure bytes per second that are read and written when a large array is copied."""
    size = COPIED.get(device.type, COPIED["cpu"])
    source = torch.ones(size // 4, device=device)
    target = torch.empty_like(source)
    return 2 * size / seconds_of(lambda: target.copy_(source), device, times=9)
