"""Averages weights from before and after something was learnt, which is often better than either.

    python -m training.average BEFORE AFTER --share 0.7 --out runs/averaged/stem.safetensors

Wortsman et al., Robust fine-tuning of zero-shot models, 2022, equation 1. BEFORE and AFTER are
safetensors files with the same names; the second run began with the weights of the first.
"""

import argparse
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor


def average(before: dict[str, Tensor], after: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """So much of the later weights, the rest of the earlier ones; counts are the later ones."""
    return {
        name: before[name].float().lerp(tensor.float(), share).to(tensor.dtype)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in after.items()
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the later weights")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with safe_open(options.after, "pt") as file:
        metadata = file.metadata()
    found = average(load_file(options.before), load_file(options.after), options.share)
    save_file(found, options.out, metadata=metadata)


if __name__ == "__main__":
    main()
