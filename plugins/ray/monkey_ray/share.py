"""How a cluster is shared out: a worker for each GPU, or for every few cores."""

from collections.abc import Mapping
from dataclasses import dataclass

from monkey_ray.settings import Settings
from monkeycli.errors import ModelError, UsageError

CPUS = 4
"""Cores of a worker without a GPU, where the cluster has as many."""


@dataclass(frozen=True)
class Share:
    """What workers get."""

    num_workers: int
    device: str
    """Where each holds its model: `cuda` or `cpu`."""
    num_cpus: int
    """Cores of each."""

    @property
    def num_gpus(self) -> int:
        """GPUs of each."""
        return int(self.device == "cuda")


def share_out(resources: Mapping[str, float], settings: Settings, device: str) -> Share:
    """Choose how many workers there are and what each gets.

    Args:
        resources: of the whole cluster, as Ray counts them: `CPU` and `GPU`.
        settings: what the user wants.
        device: as typed: `auto`, `cpu` or `cuda`.

    Raises:
        UsageError: `device` is something else.
        ModelError: the cluster has no room for even one worker.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise UsageError(
            f"--engine ray with --device {device}: Ray gives every worker a GPU of its own",
            "use --device auto, cuda or cpu",
        )
    num_gpus, num_cpus = int(resources.get("GPU", 0)), int(resources.get("CPU", 0))
    if device == "auto":
        device = "cuda" if num_gpus else "cpu"
    wanted = settings.cpus or (1 if device == "cuda" else min(CPUS, max(1, num_cpus)))
    room = min(num_gpus, num_cpus // wanted) if device == "cuda" else num_cpus // wanted
    if room < 1:
        raise ModelError(
            f"the Ray cluster has {num_gpus} GPUs and {num_cpus} cores: no room for a worker with"
            f" {int(device == 'cuda')} GPU and {wanted} cores",
            "use --device cpu, or fewer cores as --engine ray:cpus=1",
        )
    return Share(min(room, settings.workers or room), device, wanted)
