r"""Builds the checkpoint that the package ships, around the packed language model.

    python -m training.export monkey_marmoset/weights \
        --adapter runs/answering/language-adapter.safetensors --stem stem8_characters.safetensors

adds `config.json`, the tokenizer's files, `vision.safetensors` and `language-
adapter.safetensors`. The resampler's last projection is zero: in 0.1 the image says nothing to
the language model, and takes nothing from it either.
"""

import argparse
import logging
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from monkeycli.model.monkey import MonkeyForConditionalGeneration
from training.configuration import marmoset_config

log = logging.getLogger(__name__)

EPSILON = 1e-5
"""Of the batch normalizations that are folded."""

LAYERS = {"0": ("0", None), "1": ("2", None), "2": ("4", "ab"), "3": ("5", None)} | {
    str(number): (str(number + 3), "ab") for number in (4, 5, 6, 7)
}
"""Layers of the character stem and of ours, where ReLUs count; "ab": a residual block."""


def fold(weight: Tensor, norm: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """A convolution with the normalization behind it: weight (out, in, 3, 3), bias (out)."""
    factor = norm["weight"] / (norm["running_var"] + EPSILON).sqrt()
    return weight * factor[:, None, None, None], norm["bias"] - norm["running_mean"] * factor


def fold_stem(trained: dict[str, Tensor]) -> dict[str, Tensor]:
    """The stages of the character stem, under the names of a Monkey's ConvStem."""
    folded = {}
    for theirs, (ours, parts) in LAYERS.items():
        pairs = [("a", "n", "conv1."), ("b", "m", "conv2.")] if parts else [("0", "1", "")]
        for conv, norm, name in pairs:
            found = {
                key: trained[f"stem8.{theirs}.{norm}.{key}"]
                for key in ("weight", "bias", "running_mean", "running_var")
            }
            weight, bias = fold(trained[f"stem8.{theirs}.{conv}.weight"], found)
            folded |= {
                f"model.vision.stem.{ours}.{name}weight": weight,
                f"model.vision.stem.{ours}.{name}bias": bias,
            }
    return folded


def make_vision(stem: Path) -> dict[str, Tensor]:
    """Everything but the language model: the trained stem, fresh layers, a blank projection."""
    torch.manual_seed(0)
    model = MonkeyForConditionalGeneration(marmoset_config())
    own = {
        name: tensor
        for name, tensor in model.state_dict().items()
        if ".language_model." not in name and name != "lm_head.weight"
    }
    own["model.resampler.proj.weight"] = torch.zeros_like(own["model.resampler.proj.weight"])
    for name, tensor in fold_stem(load_file(stem)).items():
        assert own[name].shape == tensor.shape, f"{name} has shape {tuple(tensor.shape)}"
        own[name] = tensor
    return {name: tensor.detach().bfloat16().contiguous() for name, tensor in own.items()}


def write_tokenizer(folder: Path) -> None:
    """Writes what transformers needs beside `tokenizer.json`."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_file(str(folder / "tokenizer.json")),
        bos_token="<|im_start|>",  # noqa: S106
        eos_token="<|im_end|>",  # noqa: S106
        pad_token="<|im_end|>",  # noqa: S106
        unk_token="<|endoftext|>",  # noqa: S106
        padding_side="left",
        clean_up_tokenization_spaces=False,
        split_special_tokens=True,  # nothing a user wrote is taken for a special token
        model_max_length=8192,
    )
    tokenizer.save_pretrained(folder)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument(
        "--stem", type=Path, help="weights of the character stem; left out: keep vision.safetensors"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.stem:
        save_file(
            make_vision(options.stem),
            options.folder / "vision.safetensors",
            metadata={"format": "pt"},
        )
    shutil.copyfile(options.adapter, options.folder / "language-adapter.safetensors")
    write_tokenizer(options.folder)
    marmoset_config().save_pretrained(options.folder)
    for path in sorted(options.folder.iterdir()):
        path.chmod(0o644)
        log.info("%s, %.1f MB", path.name, path.stat().st_size / 1e6)


if __name__ == "__main__":
    main()
