r"""Builds the checkpoint that the package ships, around the packed language model.

    python -m training.export monkey_marmoset/weights \
        --adapter runs/answering/language-adapter.safetensors \
        --stem runs/characters/stem.safetensors --speller runs/speller/speller.safetensors

adds `config.json`, the tokenizer's files, `vision.safetensors` and `language-
adapter.safetensors`.
"""

import argparse
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from training.configuration import marmoset_config
from training.eye.lexicon import spell_tokens
from training.eye.stem import CharacterStem, fold, part_of

log = logging.getLogger(__name__)

READER = "model.resampler."
SPELLER = f"{READER}speller."


def make_vision(stem: Path, speller: Mapping[str, Tensor], tokenizer: Path) -> dict[str, Tensor]:
    """Everything but the language model: the stem, its head of characters, the speller."""
    trained = CharacterStem()
    trained.load_state_dict(load_file(stem))
    config = marmoset_config()
    own = {f"model.vision.stem.{name}": tensor for name, tensor in fold(trained).items()}
    own |= {f"model.vision.norm.{name}": t for name, t in trained.norm.state_dict().items()}
    own |= {f"{READER}head.{name}": tensor for name, tensor in trained.head.state_dict().items()}
    own |= {f"{SPELLER}{name}": tensor for name, tensor in speller.items()}
    own["model.vision.positions"] = torch.zeros(1, config.vision_config.hidden_size)
    halved = {name: tensor.detach().bfloat16().contiguous() for name, tensor in own.items()}
    spelled = spell_tokens(Tokenizer.from_file(str(tokenizer)))
    return halved | {f"{READER}lexicon.{name}": tensor for name, tensor in spelled.items()}


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
    parser.add_argument("--stem", type=Path, help="left out: keep vision.safetensors")
    parser.add_argument("--speller", type=Path, help="left out: keep that of vision.safetensors")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.stem:
        shipped = options.folder / "vision.safetensors"
        kept = options.speller is None
        speller = part_of(load_file(shipped), SPELLER) if kept else load_file(options.speller)
        vision = make_vision(options.stem, speller, options.folder / "tokenizer.json")
        save_file(vision, shipped, metadata={"format": "pt"})
    shutil.copyfile(options.adapter, options.folder / "language-adapter.safetensors")
    write_tokenizer(options.folder)
    marmoset_config().save_pretrained(options.folder)
    for path in sorted(options.folder.iterdir()):
        path.chmod(0o644)
        log.info("%s, %.1f MB", path.name, path.stat().st_size / 1e6)


if __name__ == "__main__":
    main()
