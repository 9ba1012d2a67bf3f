"""Makes a stem ready for a checkpoint, after training or averaging.

    python -m training.eye.calibrate STEM --word-ends 1.0 --out runs/calibrated/stem.safetensors

The means and variances that a stem keeps while it is trained are those of its last few windows, and
of averaged weights they are nobody's; here they are taken anew, of many windows. How surely it sees
that a word ends depends on what it was trained on last: in letters of equal width they end later.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.eye.alphabet import NUM_CLASSES, SPACE
from training.eye.cells import CELLS_PER_PATCH
from training.eye.stem import CharacterStem
from training.eye.windows import draw_window

FIRST = 200_000
"""Number of the first window; a training does not come so far."""


@torch.inference_mode()
def take_statistics(stem: CharacterStem, pixels: Tensor, batch: int = 16) -> None:
    """Takes means and variances of so many windows, uint8 (windows, height, width, 3).

    Each batch counts the same.
    """
    for module in stem.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # the mean of all batches
    stem.train()
    for part in pixels.split(batch):
        stem(part)
    stem.eval()


@torch.inference_mode()
def favour_word_ends(stem: CharacterStem, logit: float) -> None:
    """Adds so much to the logit by which a cell is taken for the end of a word."""
    stem.head.bias.view(CELLS_PER_PATCH, NUM_CLASSES)[:, SPACE] += logit


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stem", type=Path)
    parser.add_argument("--windows", type=int, default=96)
    parser.add_argument("--word-ends", type=float, default=0.0, help="added to their logit")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    stem = CharacterStem()
    stem.load_state_dict(load_file(options.stem))
    drawn = [draw_window(FIRST + number)[0] for number in range(options.windows)]
    take_statistics(stem, torch.tensor(np.stack(drawn)))
    favour_word_ends(stem, options.word_ends)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: t.contiguous() for name, t in stem.state_dict().items()}, options.out)


if __name__ == "__main__":
    main()
