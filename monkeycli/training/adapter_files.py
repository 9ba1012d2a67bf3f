"""Write what was learnt as an adapter folder, and read it back to learn on.

What lies in the folder is said in `monkeycli.model.adapter_files`.
"""

from collections import defaultdict
from collections.abc import Mapping
from copy import copy
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from monkeycli.errors import ModelError, OutputError
from monkeycli.model.adapter_files import (
    CONFIG_FIELDS,
    PEFT_EMBEDDINGS,
    PEFT_PREFIX,
    PEFT_WEIGHTS,
    AdapterInfo,
    Base,
    read_info,
    read_tensors,
    write_info,
)
from monkeycli.model.adapter_merge import place
from monkeycli.model.keys import Weights
from monkeycli.training.tuners import (
    PeftConfig,
    PrefixTuningConfig,
    PromptTuningConfig,
    TaskType,
)
from monkeycli.training.tuning import VIRTUAL, VISION, Tuned, is_window_adapter

_PEFT_NAME = ".default"
"""What peft calls an adapter within a model; left out of its files."""

_LANGUAGE_MODEL = "model.language_model."


def save_adapter(
    tuned: Tuned, folder: Path, base: Base, *, weights: Mapping[str, torch.Tensor] | None = None
) -> None:
    """Write what was learnt.

    Args:
        tuned: the model that learns.
        folder: to write into; made if it is not there.
        base: the checkpoint that the model was loaded from.
        weights: what to write in place of `tuned.trainable()`, under the same names: the whole
            tensors where each process holds a part of them.

    Raises:
        OutputError: it cannot be written; names the file.
    """
    files: dict[str, Weights] = defaultdict(dict)
    for name, weight in (tuned.trainable() if weights is None else weights).items():
        file, key = file_key(name)
        files[file][key] = weight.detach().cpu().contiguous()
    config = {key: getattr(tuned.model.config, key) for key in CONFIG_FIELDS}
    info = AdapterInfo(tuned.tuning.method, base, tuple(sorted(files)), config)
    path = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, tensors in files.items():
            path = folder / name
            save_file(tensors, path, metadata={"format": "pt"})
        settings = peft_config(tuned)
        if settings is not None:
            settings.base_model_name_or_path = base.model
            settings.save_pretrained(str(folder))
        write_info(folder, info)
    except (OSError, SafetensorError) as error:
        raise OutputError(f"{path} cannot be written: {error}", "make room on the disk") from error


@torch.no_grad()
def restore_adapter(tuned: Tuned, folder: Path, base: Base) -> None:
    """Read what was learnt back into the weights that learn; bit for bit what was saved.

    Args:
        tuned: prepared as the one that was saved.
        folder: of the adapter.
        base: the checkpoint that the model was loaded from.

    Raises:
        ModelError: the adapter belongs to another checkpoint, is broken, or is not of the weights
            that learn.
    """
    info = read_info(folder)
    base.check(info.base, folder)
    places: dict[str, Weights] = defaultdict(dict)
    for name, weight in tuned.trainable().items():
        file, key = file_key(name)
        places[file][key] = weight
    if info.method != tuned.tuning.method or set(info.files) != places.keys():
        raise ModelError(
            f"adapter {folder} was learnt by method {info.method!r} and holds"
            f" {', '.join(info.files)}; this run learns by {tuned.tuning.method!r} and needs"
            f" {', '.join(sorted(places))}",
            "go on with the settings it was begun with",
        )
    for file in info.files:
        tensors = read_tensors(folder, file)
        missing = places[file].keys() - tensors.keys()
        if missing:
            raise ModelError(f"{folder / file} lacks {min(missing)}", "choose another step")
        for key, learnt in tensors.items():
            place(places[file], key, learnt, folder / file)


def file_key(name: str) -> tuple[str, str]:
    """Say where a weight that learns is saved: in which file, under which key.

    >>> file_key("model.language_model.layers.0.self_attn.q_proj.lora_A.default.weight")
    ('adapter_model.safetensors', 'base_model.model.layers.0.self_attn.q_proj.lora_A.weight')
    >>> file_key("model.vision.blocks.0.mlp_adapter.scale")
    ('window_adapters.safetensors', 'model.vision.blocks.0.mlp_adapter.scale')
    """
    if name.startswith(VIRTUAL):
        return PEFT_WEIGHTS, PEFT_EMBEDDINGS
    if name.startswith(_LANGUAGE_MODEL) and (".lora_" in name or ".ia3_l" in name):
        key = name.removeprefix(_LANGUAGE_MODEL).replace(_PEFT_NAME, "")
        return PEFT_WEIGHTS, PEFT_PREFIX + key
    if is_window_adapter(name):
        return "window_adapters.safetensors", name
    if name.startswith(VISION):
        return "vision.safetensors", name
    if name.startswith("model.resampler."):
        return "resampler.safetensors", name
    return "language_model.safetensors", name


def peft_config(tuned: Tuned) -> PeftConfig | None:
    """Give the settings by which peft itself can use what was learnt; None if it cannot."""
    if tuned.peft_config is not None:
        config = copy(tuned.peft_config)
        config.inference_mode = True
        for name, value in vars(config).items():
            if isinstance(value, set):  # which Python orders anew in every process
                setattr(config, name, sorted(value))
        return config
    tokens = tuned.model.model.virtual_tokens
    if tokens is None or tuned.tuning.method not in ("prompt", "prefix"):
        return None
    kind = PromptTuningConfig if tokens.kind == "prompt" else PrefixTuningConfig
    text = tuned.model.config.text_config
    num_layers = text.num_hidden_layers
    is_prompt = tokens.kind == "prompt"
    return kind(
        task_type=TaskType.FEATURE_EXTRACTION,
        inference_mode=True,
        num_virtual_tokens=tokens.number,
        num_layers=num_layers,
        num_attention_heads=text.num_attention_heads if is_prompt else text.num_key_value_heads,
        token_dim=tokens.embeddings.shape[1] // (1 if is_prompt else 2 * num_layers),
        num_transformer_submodules=1,
    )
