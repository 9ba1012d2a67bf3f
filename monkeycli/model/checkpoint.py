"""Checkpoints on disk: read ours and the published layout, convert, write. Safetensors only.

Our layout is what `save_pretrained` writes: `config.json`, `*.safetensors`, a tokenizer. Weights
may be packed (see `packed`) and language adapters may lie beside them; both are undone on load.
The published layout has the keys and the configuration of the original code and `qwen.tiktoken`;
its `pytorch_model.bin` is the one pickle ever opened, with `weights_only=True`.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from monkeycli.errors import ModelError
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.keys import Weights, count_adapters, from_published
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.merge import merge_adapters
from monkeycli.model.packed import unpack
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.model.tokenizer import END_OF_TEXT, SPECIAL_TOKENS, build_tokenizer

PUBLISHED_LICENCE = (
    "non-commercial use only (Monkey's README), built on Qwen-VL (Tongyi Qianwen licence)"
)


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
    fields = read_config(directory)
    if "visual" in fields:
        config = config_from_published(fields, read_names(directory), name=directory.name)
        processor = MonkeyProcessor(build_tokenizer(_existing(directory, "qwen.tiktoken")), config)
        weights = from_published(_read_published(directory))
    else:
        processor = MonkeyProcessor.from_pretrained(directory)
        config = processor.config
        weights = _read_ours(directory, dtype)
    return build_model(config, weights, dtype=dtype, device=device), processor


def build_model(
    config: MonkeyConfig, weights: Weights, *, dtype: torch.dtype, device: torch.device
) -> MonkeyForConditionalGeneration:
    """Build a model around weights that are in memory.

    Raises:
        ModelError: a weight is missing, left over, or of another shape.
    """
    model, info = MonkeyForConditionalGeneration.from_pretrained(
        None,
        config=config,
        state_dict=weights,
        dtype=dtype,
        output_loading_info=True,
        ignore_mismatched_sizes=True,
    )
    for problem in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        names = sorted(map(str, info[problem]))
        if names:
            kind = problem.removesuffix("_keys")
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            raise ModelError(f"weights do not fit the configuration: {kind} {', '.join(names[:3])}{more}")
    return model.to(device).eval()


def build_on_meta(config: MonkeyConfig) -> MonkeyForConditionalGeneration:
    """Build a model without memory for its weights: to count parameters and compare names."""
    with torch.device("meta"):
        return MonkeyForConditionalGeneration(config)


def convert_published(source: Path, target: Path, *, name: str) -> MonkeyConfig:
    """Convert a checkpoint in the published layout to ours, once and for all.

    The target appears complete or not at all. Weights keep their dtype.

    Args:
        source: holds `config.json`, `qwen.tiktoken` and safetensors or one `pytorch_model.bin`.
        target: folder to make; must not exist.
        name: under which records will name the model; one with `chat` in it gets chat's prompts.

    Returns:
        The configuration written.

    Raises:
        ModelError: the source is broken, or is no published Monkey.
    """
    fields = read_config(source)
    if "visual" not in fields:
        raise ModelError(f"{source} is not in the published layout: its config.json has no 'visual'")
    config = config_from_published(fields, read_names(source), name=name)
    tokenizer = build_tokenizer(_existing(source, "qwen.tiktoken"))
    weights = from_published(_read_published(source))
    dtype = weights["lm_head.weight"].dtype
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        model = build_model(config, weights, dtype=dtype, device=torch.device("cpu"))
        model.save_pretrained(draft, max_shard_size="5GB")
        MonkeyProcessor(tokenizer, config).save_pretrained(draft)
        draft.chmod(0o755)
        os.replace(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return config


def config_from_published(
    fields: dict[str, Any], names: Iterable[str], *, name: str | None = None
) -> MonkeyConfig:
    """Translate the published `config.json`.

    Args:
        fields: its content.
        names: of the weights, which tell how many windows have adapters.
        name: of the checkpoint; one with `chat` in it gets chat's caption prompt.

    Raises:
        ModelError: a field is missing.
    """
    try:
        visual = fields["visual"]
        eos = visual["image_start_id"] - SPECIAL_TOKENS.index("<img>")
        text = {
            "model_type": "qwen2",
            "vocab_size": fields["vocab_size"],
            "hidden_size": fields["hidden_size"],
            "intermediate_size": fields["intermediate_size"] // 2,
            "num_hidden_layers": fields["num_hidden_layers"],
            "num_attention_heads": fields["num_attention_heads"],
            "num_key_value_heads": fields["num_attention_heads"],
            "max_position_embeddings": fields["max_position_embeddings"],
            "rms_norm_eps": fields["layer_norm_epsilon"],
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": float(fields["rotary_emb_base"]),
            },
            "use_sliding_window": False,
            "tie_word_embeddings": False,
            "bos_token_id": None,
            "eos_token_id": eos,
            "pad_token_id": eos,
        }
        vision = {
            "hidden_size": visual["width"],
            "num_hidden_layers": visual["layers"],
            "num_attention_heads": visual["heads"],
            "intermediate_size": int(visual["width"] * visual["mlp_ratio"]),
            "patch_size": visual["patch_size"],
            "num_adapters": count_adapters(names),
        }
        width = visual["output_dim"]
        train_length = fields["seq_length"]
    except KeyError as error:
        raise ModelError(f"config.json of the published layout lacks {error}") from error
    prompts = {}
    if name and "chat" in name.lower():
        prompts["caption"] = " Generate the detailed caption in English: Answer: "
    return MonkeyConfig(
        vision_config=vision,
        resampler_config={"hidden_size": width, "num_attention_heads": max(width // 128, 1)},
        text_config=text,
        image_start_id=visual["image_start_id"],
        image_end_id=visual["image_start_id"] + 1,
        image_token_id=visual["image_start_id"] + 2,
        prompts=prompts,
        train_length=train_length,
        checkpoint_name=name,
        licence=PUBLISHED_LICENCE,
    )


def read_config(directory: Path) -> dict[str, Any]:
    """Read a checkpoint's `config.json`.

    Raises:
        ModelError: there is none, it is no JSON object, or it is another model's.
    """
    path = _existing(directory, "config.json")
    try:
        fields = json.loads(path.read_bytes())
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}") from error
    if not isinstance(fields, dict) or fields.get("model_type") != "monkey":
        found = fields.get("model_type") if isinstance(fields, dict) else type(fields).__name__
        raise ModelError(f"{path} does not describe a Monkey: model_type is {found!r}")
    return fields


def weight_files(directory: Path) -> list[Path]:
    """List a checkpoint's safetensors files, language adapters left out, sorted."""
    return sorted(
        path for path in directory.glob("*.safetensors") if path.name != "adapter_model.safetensors"
    )


def read_names(directory: Path) -> list[str]:
    """List the names of the weights in a checkpoint of the published layout."""
    return list(_read_published(directory))


def _read_published(directory: Path) -> Weights:
    files = weight_files(directory)
    if files:
        return _read_files(files)
    path = _existing(directory, "pytorch_model.bin")
    try:
        weights = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except Exception as error:  # a broken pickle may raise anything; weights_only refuses the rest
        raise ModelError(f"{path} cannot be read as weights: {error}") from error
    return dict(weights)


def _read_ours(directory: Path, dtype: torch.dtype) -> Weights:
    files = weight_files(directory)
    if not files:
        raise ModelError(f"{directory} holds no safetensors", "export or pull the model again")
    weights = unpack(_read_files(files), dtype)
    return merge_adapters(weights)


def _read_files(files: Iterable[Path]) -> Weights:
    weights: Weights = {}
    for path in files:
        try:
            weights |= load_file(path)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path} is broken: {error}", "pull or export the model again") from error
    return weights


def _existing(directory: Path, name: str) -> Path:
    path = directory / name
    if not path.is_file():
        raise ModelError(f"{directory} is not a checkpoint: it has no {name}")
    return path


__all__ = [
    "END_OF_TEXT",
    "build_model",
    "build_on_meta",
    "config_from_published",
    "convert_published",
    "load_checkpoint",
    "read_config",
    "weight_files",
]
