"""Teaches the stem to tell the characters of print apart.

    OMP_NUM_THREADS=1 python -m training.eye.train_characters --minutes 60 --out runs/characters

Windows are drawn by another process as they are needed; no window comes up twice. The folder gets
`stem.safetensors` (weights), `state.safetensors` (what `--resume` goes on from), `log.jsonl` and,
with `--start`, `start.safetensors` (the weights it began with, to be averaged with its own).
"""

import argparse
import json
import logging
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from training.eye.alphabet import BLANK, NUM_CLASSES
from training.eye.cells import IGNORED, label_cells
from training.eye.stem import CharacterStem, part_of, unfold
from training.eye.windows import SIZES, draw_window

log = logging.getLogger(__name__)

WARM_UP = 80
STEM, NORM, HEAD = "model.vision.stem.", "model.vision.norm.", "model.resampler.head."
"""What a checkpoint calls the parts."""
STATISTICS = 32
"""Windows of which the mean and variance of every layer are taken."""
BLANK_WEIGHT = 0.6
"""Blank cells are most of a window."""


class Windows(IterableDataset[tuple[Tensor, Tensor]]):
    """Windows from a number on: pixels and classes of the cells."""

    def __init__(self, first: int, sizes: tuple[float, float]) -> None:
        self.first, self.sizes = first, sizes

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Never ends."""
        number = self.first
        while True:
            pixels, sheet = draw_window(number, sizes=self.sizes)
            number += 1
            yield torch.tensor(pixels), torch.from_numpy(label_cells(sheet))


def held_out_windows(count: int, *, scanned: bool) -> tuple[Tensor, Tensor]:
    """Windows in fonts that are not trained on, of 14 to 40 pixels."""
    drawn = [
        draw_window(number, held_out=True, sizes=(14, 40), scanned=float(scanned))
        for number in range(count)
    ]
    pixels = torch.stack([torch.tensor(found) for found, _ in drawn])
    return pixels, torch.stack([torch.from_numpy(label_cells(sheet)) for _, sheet in drawn])


def cell_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy of the cells that are judged."""
    weight = torch.ones(NUM_CLASSES, device=logits.device)
    weight[BLANK] = BLANK_WEIGHT
    flat = logits.float().flatten(0, -2)
    return F.cross_entropy(flat, labels.flatten(), weight=weight, ignore_index=IGNORED)


def accuracy(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    """Share of characters, and of blank cells, that are seen as what they are."""
    right = logits.argmax(-1) == labels
    return right[labels > BLANK].float().mean().item(), right[labels == BLANK].float().mean().item()


class Trainer:
    """Steps, and the state that lets a run go on."""

    def __init__(self, out: Path, rate: float, device: str) -> None:
        self.out, self.rate, self.device = out, rate, device
        self.stem = CharacterStem().to(device, memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(
            self.stem.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.02
        )
        self.steps = self.windows = 0

    def step(self, pixels: Tensor, labels: Tensor, fraction: float) -> tuple[float, float]:
        """One step at so much of the schedule; returns loss and share of characters right."""
        height = 0.5 * (1 + math.cos(math.pi * fraction)) * 0.98 + 0.02
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * height * min(1.0, (self.steps + 1) / WARM_UP)
        self.stem.train()
        pixels, labels = pixels.to(self.device), labels.to(self.device)
        with torch.autocast(self.device, torch.bfloat16):
            logits = self.stem(pixels)
        loss = cell_loss(logits, labels)
        loss.backward()
        nn.utils.clip_grad_norm_(self.stem.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.steps += 1
        self.windows += len(pixels)
        return loss.item(), accuracy(logits.detach(), labels)[0]

    @torch.inference_mode()
    def evaluate(self, pixels: Tensor, labels: Tensor) -> tuple[float, float]:
        """Shares of characters and of blanks right."""
        self.stem.eval()
        with torch.autocast(self.device, torch.bfloat16):
            parts = [self.stem(part.to(self.device)).cpu() for part in pixels.split(4)]
        return accuracy(torch.cat(parts), labels)

    def save(self) -> None:
        """Writes weights and state; a write that is interrupted leaves the old files."""
        weights = self._weights()
        state = dict(weights)
        for name, tensor in self.stem.named_parameters():
            for key in ("exp_avg", "exp_avg_sq", "step"):
                state[f"{name}/{key}"] = self.optimizer.state[tensor][key].contiguous()
        counts = {"steps": str(self.steps), "windows": str(self.windows)}
        for tensors, name in ((weights, "stem"), (state, "state")):
            path = self.out / f"{name}.safetensors"
            save_file(tensors, path.with_suffix(".part"))
            path.with_suffix(".part").replace(path)
        (self.out / "counts.json").write_text(json.dumps(counts) + "\n")

    def start(self, path: Path) -> None:
        """Takes up weights that were written, by `save` or in a checkpoint; keeps a copy."""
        found = {name: tensor.float() for name, tensor in load_file(path).items()}
        if any(name.startswith("model.") for name in found):
            for module, prefix in ((self.stem.norm, NORM), (self.stem.head, HEAD)):
                module.load_state_dict(part_of(found, prefix))
            windows = [draw_window(number)[0] for number in range(STATISTICS)]
            unfold(part_of(found, STEM), self.stem, torch.tensor(np.stack(windows)))
        else:
            self.stem.load_state_dict(found)
        save_file(self._weights(), self.out / "start.safetensors")

    def _weights(self) -> dict[str, Tensor]:
        return {name: tensor.contiguous() for name, tensor in self.stem.state_dict().items()}

    def resume(self) -> None:
        """Goes back to the state of `save`."""
        state = load_file(self.out / "state.safetensors")
        self.stem.load_state_dict({name: state[name] for name in self.stem.state_dict()})
        for name, tensor in self.stem.named_parameters():
            keys = ("exp_avg", "exp_avg_sq", "step")
            self.optimizer.state[tensor] = {key: state[f"{name}/{key}"] for key in keys}
        counts = json.loads((self.out / "counts.json").read_text())
        self.steps, self.windows = int(counts["steps"]), int(counts["windows"])


def train(trainer: Trainer, minutes: float, batch: int, sizes: tuple[float, float]) -> None:
    """Steps until the time is over; measures now and then, saves every five minutes."""
    loader = DataLoader(
        Windows(trainer.windows, sizes), batch_size=batch, num_workers=1, prefetch_factor=6,
        worker_init_fn=lambda _: os.nice(12) and None,
    )  # fmt: skip
    held_out = {
        name: held_out_windows(16, scanned=scanned)
        for name, scanned in (("clean", False), ("scanned", True))
    }
    start = saved = time.monotonic()
    seen: list[tuple[float, float]] = []
    with (trainer.out / "log.jsonl").open("a") as curve:
        for pixels, labels in loader:
            passed = time.monotonic() - start
            if passed > minutes * 60:
                break
            seen.append(trainer.step(pixels, labels, passed / (minutes * 60)))
            if trainer.steps % 25 == 0:
                loss, right = (sum(column) / len(seen) for column in zip(*seen, strict=True))
                seen.clear()
                line = {
                    "step": trainer.steps, "windows": trainer.windows, "seconds": round(passed),
                    "loss": round(loss, 4), "characters": round(right, 4),
                }  # fmt: skip
                if trainer.steps % 100 == 0:
                    for name, windows in held_out.items():
                        line[name], line[f"{name}_blank"] = (
                            round(share, 4) for share in trainer.evaluate(*windows)
                        )
                curve.write(json.dumps(line) + "\n")
                curve.flush()
                log.info("%s", line)
            if time.monotonic() - saved > 300:
                trainer.save()
                saved = time.monotonic()
    trainer.save()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--sizes", type=float, nargs=2, default=SIZES, help="smallest and largest print, in pixels"
    )
    parser.add_argument("--start", type=Path, help="stem, or vision of a checkpoint, to begin with")
    parser.add_argument("--first", type=int, default=0, help="number of the first window")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    trainer = Trainer(options.out, options.rate, options.device)
    trainer.windows = options.first
    if options.start:
        trainer.start(options.start)
    if options.resume:
        trainer.resume()
    train(trainer, options.minutes, options.batch, tuple(options.sizes))


if __name__ == "__main__":
    main()
