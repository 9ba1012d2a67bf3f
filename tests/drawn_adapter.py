"""Draw an adapter as a run leaves it, its weights as if much had been learnt."""

from pathlib import Path

import torch

from monkeycli.model.adapter_files import Base
from monkeycli.model.checkpoint import load_checkpoint
from monkeycli.training.adapter_files import save_adapter
from monkeycli.training.mixture import Tuning
from monkeycli.training.tuning import Tuned, prepare


def draw_tuned(checkpoint: Path, method: str, *, seed: int = 0, **changed: object) -> Tuned:
    """Load a checkpoint, prepare it, and move all that learns away from where it began."""
    model, _ = load_checkpoint(checkpoint, dtype=torch.float32, device=torch.device("cpu"))
    settings = {"rank": 2, "alpha": 4, "virtual_tokens": 3, **changed}
    tuned = prepare(model, Tuning(method=method, **settings))  # type: ignore[arg-type]
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in tuned.trainable().values():
            weight.add_(torch.randn(weight.shape, generator=generator), alpha=0.2)
    return tuned


def draw_run(folder: Path, checkpoint: Path, method: str, **changed: object) -> Tuned:
    """Write the folder of a run that has an adapter; give the model with it."""
    tuned = draw_tuned(checkpoint, method, **changed)
    save_adapter(tuned, folder / "adapter", Base.of(str(checkpoint)))
    return tuned
