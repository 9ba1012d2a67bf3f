"""Checkpoints: from a folder in our layout or the published one to a model, and converted.

Our layout is what `save_pretrained` writes: `config.json`, `*.safetensors`, a tokenizer. Weights
may be packed (see `packed`) and language adapters may lie beside them; both are undone on load.
The published layout has the keys and the configuration of the original code and `qwen.tiktoken`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from transformers.utils import logging

from monkeycli.errors import ModelError
from monkeycli.model.config import CONFIG_ERRORS, MonkeyConfig
from monkeycli.model.files import (
    digest_content,
    existing_file,
    is_published,
    read_config,
    read_names,
    read_weights,
)
from monkeycli.model.keys import Weights, from_published
from monkeycli.model.merge import merge_adapters
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.packed import unpack
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.model.published import config_from_published
from monkeycli.model.tokenizer import build_tokenizer


def load_checkpoint(
    directory: Path, *, dtype: torch.dtype, device: torch.device
) -> tuple[MonkeyForConditionalGeneration, MonkeyProcessor]:
    """Load a checkpoint of either layout, ready to answer.

    Args:
        directory: where it lies.
        dtype: of the weights in memory.
        device: where to put them.

    Returns:
        The model in evaluation mode, and its processor.

    Raises:
        ModelError: a file is missing or broken, or the weights do not fit the configuration.
    """
    if is_published(directory):
        processor, weights = _open_published(directory, name=directory.resolve().name)
    else:
        processor, weights = _open_ours(directory, dtype)
    try:
        model = build_model(processor.config, weights, dtype=dtype, device=device)
    except ModelError as error:
        raise ModelError(f"{directory}: {error.message}", error.hint) from error
    return model, processor


def load_config(directory: Path) -> MonkeyConfig:
    """Read the configuration of a checkpoint of either layout, without its weights.

    Raises:
        ModelError: the folder holds no checkpoint of a Monkey, or a broken one.
    """
    if is_published(directory):
        fields, names = read_config(directory), read_names(directory)
        return config_from_published(fields, names, name=directory.resolve().name)
    try:
        return MonkeyConfig.from_pretrained(str(directory), local_files_only=True)
    except CONFIG_ERRORS as error:
        raise ModelError(f"{directory}: configuration is broken: {error}") from error


def load_processor(directory: Path) -> MonkeyProcessor:
    """Load what prepares pages and prompts for a checkpoint of either layout, without its weights.

    Raises:
        ModelError: a file is missing or broken.
    """
    if is_published(directory):
        tokenizer = build_tokenizer(existing_file(directory, "qwen.tiktoken"))
        return MonkeyProcessor(tokenizer, load_config(directory))
    try:
        return MonkeyProcessor.from_pretrained(directory)
    except Exception as error:  # what is wrong with a tokenizer.json is a bare Exception
        raise ModelError(f"{directory}: configuration or tokenizer is broken: {error}") from error


def fingerprint(directory: Path, config: MonkeyConfig) -> str:
    """Name a checkpoint in records: by the name and version it carries, or by what it holds.

    Returns:
        `marmoset@0.1.0`, or a name and eight digits: `my-model@5f0c2b1e`.
    """
    name = config.checkpoint_name or directory.resolve().name
    return name if "@" in name else f"{name}@{digest_content(directory)}"


def build_model(
    config: MonkeyConfig, weights: Weights, *, dtype: torch.dtype, device: torch.device
) -> MonkeyForConditionalGeneration:
    """Build a model around weights that are in memory.

    Raises:
        ModelError: no model can be built so; or a weight is missing, left over, or of another
            shape, which is found before memory is taken.
    """
    compare_weights(build_on_meta(config), weights)
    with _quiet_transformers():
        model = MonkeyForConditionalGeneration.from_pretrained(
            None, config=config, state_dict=weights, dtype=dtype
        )
    model.to(device)  # type: ignore[arg-type]  # transformers' decorator hides `self`
    return model.eval()


def build_on_meta(config: MonkeyConfig) -> MonkeyForConditionalGeneration:
    """Build a model without memory for its weights: to count parameters and compare names.

    Raises:
        ModelError: the sizes in the configuration do not go together.
    """
    try:
        with torch.device("meta"):
            return MonkeyForConditionalGeneration(config)
    except (ValueError, TypeError, RuntimeError, ArithmeticError, AssertionError) as error:
        raise ModelError(f"no model can be built from the configuration: {error}") from error


def compare_weights(model: MonkeyForConditionalGeneration, weights: Weights) -> None:
    """See that weights are exactly a model's, by name and shape; both may be on the meta device.

    Raises:
        ModelError: a weight is missing, left over, or of another shape.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    tied = {"lm_head.weight"} if model.config.tie_word_embeddings else set()
    problems = {
        "missing": shapes.keys() - weights.keys() - tied,
        "left over": weights.keys() - shapes.keys(),
        "of another shape": {
            f"{name} {tuple(tensor.shape)} instead of {shapes[name]}"
            for name, tensor in weights.items()
            if name in shapes and tuple(tensor.shape) != shapes[name]
        },
    }
    for problem, names in problems.items():
        if names:
            shown = ", ".join(sorted(names)[:3])
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            raise ModelError(
                f"weights do not fit the configuration, {problem}: {shown}{more}",
                "pull or export the model again",
            )


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Keep transformers' progress bar and reports off the terminal: we say what goes wrong."""
    verbosity, has_bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if has_bar:
            logging.enable_progress_bar()


def convert_published(source: Path, target: Path, *, name: str) -> MonkeyConfig:
    """Convert a checkpoint in the published layout to ours. Weights keep their dtype.

    Args:
        source: holds `config.json`, `qwen.tiktoken` and safetensors or one `pytorch_model.bin`.
        target: folder to make. If writing is interrupted a part of it stays (see `store`).
        name: under which records will name the model; one with `chat` in it gets chat's prompts.

    Returns:
        The configuration written.

    Raises:
        ModelError: the source is broken or no published Monkey, or the target is there already.
        OSError: the target cannot be written.
    """
    if not is_published(source):
        raise ModelError(f"{source} is not in the published layout: config.json has no 'visual'")
    if target.exists():
        raise ModelError(f"{target} is there already", "remove it, or choose another folder")
    processor, weights = _open_published(source, name=name)
    dtype = next((tensor.dtype for tensor in weights.values()), torch.float32)
    model = build_model(processor.config, weights, dtype=dtype, device=torch.device("cpu"))
    save_checkpoint(model, processor, target)
    return processor.config


def save_checkpoint(
    model: MonkeyForConditionalGeneration, processor: MonkeyProcessor, target: Path
) -> None:
    """Write a checkpoint in our layout, nothing packed.

    Raises:
        OSError: the target cannot be written.
    """
    with _quiet_transformers():
        model.save_pretrained(target, max_shard_size="5GB")
        processor.save_pretrained(target)


def _open_published(directory: Path, *, name: str) -> tuple[MonkeyProcessor, Weights]:
    """Read configuration, tokenizer and weights of the published layout."""
    fields = read_config(directory)
    tokenizer = build_tokenizer(existing_file(directory, "qwen.tiktoken"))
    weights = read_weights(directory)
    config = config_from_published(fields, weights, name=name)
    return MonkeyProcessor(tokenizer, config), from_published(weights)


def _open_ours(directory: Path, dtype: torch.dtype) -> tuple[MonkeyProcessor, Weights]:
    """Read configuration, tokenizer and weights of our layout."""
    processor = load_processor(directory)
    try:
        return processor, merge_adapters(unpack(read_weights(directory), dtype))
    except ValueError as error:
        raise ModelError(f"{directory}: {error}", "export or pull the model again") from error
