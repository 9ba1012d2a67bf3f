"""What the log says of a stretch of steps: loss by task, speed, memory, and the time to go."""

# K tasks

import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from accelerate import Accelerator

from monkeycli.training.losses import Losses
from monkeycli.training.page_dataset import Step
from monkeycli.training.sample import TASKS

if sys.platform != "win32":
    import resource


class Meter:
    """Counts what is done between two lines of the log.

    Args:
        accelerator: adds up over the processes.
        num_steps: of the whole run.
        first: step that this process begins with.
        clock: gives the time in seconds.
    """

    def __init__(
        self,
        accelerator: Accelerator,
        *,
        num_steps: int,
        first: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accelerator = accelerator
        self._num_steps = num_steps
        self._first = first
        self._clock = clock
        self._started = clock()
        self._epoch = 0.0
        self._begin()

    def _begin(self) -> None:
        self._since = self._clock()
        self._num_samples = 0
        self._totals = torch.zeros(2 * len(TASKS) + 1, dtype=torch.float64)

    def count_pass(self, losses: Losses, tensors: dict[str, Any]) -> None:
        """Count a pass of this process."""
        parts = (losses.task_sums_K, losses.task_counts_K, (tensors["input_ids"] >= 0).sum()[None])
        self._totals += torch.cat([part.detach().cpu().double() for part in parts])

    def count_step(self, step: Step) -> None:
        """Count a step of all processes."""
        self._num_samples += step.num_samples
        self._epoch = step.epoch

    def pause(self) -> None:
        """Leave the time since the last line out of the speed: it went into something else.

        What comes before the first step comes once, and is no part of the time that is left either.
        """
        self._since = self._clock()
        if not self._epoch:
            self._started = self._since

    def read(
        self, *, step: int, loss: float, lr: float, grad_norm: float | None
    ) -> dict[str, object]:
        """Give a line of the log, and begin anew.

        Args:
            step: steps taken.
            loss: mean of the steps since the last line.
            lr: of the last step.
            grad_norm: of the last step, before clipping.
        """
        device = self._accelerator.device
        totals = self._totals.to(device, torch.float32 if device.type == "mps" else None)
        totals = self._accelerator.reduce(totals, reduction="sum").cpu()
        sums, counts, num_tokens = totals.split([len(TASKS), len(TASKS), 1])
        now = self._clock()
        seconds = max(now - self._since, 1e-9)
        pace = (now - self._started) / (step - self._first)
        line = {
            "step": step,
            "epoch": round(self._epoch, 4),
            "loss": loss,
            "loss_by_task": {
                task: (sums[n] / counts[n]).item() for n, task in enumerate(TASKS) if counts[n]
            },
            "lr": lr,
            "grad_norm": grad_norm,
            "samples_per_second": round(self._num_samples / seconds, 3),
            "tokens_per_second": round(num_tokens.item() / seconds, 1),
            "peak_memory": peak_memory(device),
            "eta_seconds": round(pace * (self._num_steps - step), 1),
        }
        self._begin()
        return line


def peak_memory(device: torch.device) -> int:
    """Give the most memory used so far, of a GPU or of this process, in bytes; 0 if unknown."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
