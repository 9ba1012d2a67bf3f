"""What `monkey train` learnt, beside the checkpoint it belongs to: an adapter folder.

    adapter.json                  method, and the checkpoint that it belongs to
    adapter_model.safetensors     the language model's part, as peft writes it, with
    adapter_config.json           its settings: `PeftModel.from_pretrained` on the model's
                                  `model.language_model` reads both
    window_adapters.safetensors   weights of the model's own that learnt, by their names
    resampler.safetensors, vision.safetensors, language_model.safetensors

A file that nothing learnt for is not there. `adapter_merge` makes an adapter part of a model, for
which peft is not needed; `monkeycli.training.adapter_files` writes one.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file

from monkeycli.catalog import ADAPTER_FILE, find_checkpoint, run_name
from monkeycli.errors import ModelError
from monkeycli.model.checkpoint import fingerprint, load_config
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.files import digest_content, digest_files
from monkeycli.model.keys import Weights

PEFT_WEIGHTS = "adapter_model.safetensors"
PEFT_CONFIG = "adapter_config.json"

PEFT_PREFIX = "base_model.model."
"""What peft puts before a module's name."""

PEFT_EMBEDDINGS = "prompt_embeddings"
"""What peft calls virtual tokens."""

PEFT_TYPES = {
    "lora": "LORA",
    "qlora": "LORA",
    "ia3": "IA3",
    "prompt": "PROMPT_TUNING",
    "prefix": "PREFIX_TUNING",
}
"""Methods that leave something in peft's format."""


CONFIG_FIELDS = (
    "prompts",
    "no_answer",
    "grids",
    "grid_by",
    "max_evidence_tokens",
    "reads_pixels",
)
"""Of a configuration, what a run may change: it learns by words of its own, for example."""


@dataclass(frozen=True)
class Base:
    """The checkpoint that an adapter belongs to."""

    model: str
    """As `--model` takes it; a folder's path is absolute."""
    name: str
    """As records name it: `marmoset@0.1.0`."""
    digest: str
    """Of its files' content: see `digest_content`."""

    @classmethod
    def of(cls, model: str) -> "Base":
        """Describe a checkpoint on this machine.

        Args:
            model: its name or folder.

        Raises:
            ModelError: it is not on this machine, or broken.
            UsageError: there is no such model and no such folder.
        """
        folder = find_checkpoint(model)
        if Path(model).is_dir() and folder.is_relative_to(Path(model)):
            model = str(folder.resolve())
        name = fingerprint(folder, load_config(folder))
        return cls(model, name, digest_content(folder))

    def check(self, other: "Base", adapter: Path) -> None:
        """See that an adapter's base is this one.

        Raises:
            ModelError: it is another; names both.
        """
        if self.digest == other.digest:
            return
        raise ModelError(
            f"adapter {adapter} belongs to {other.name} (content {other.digest}), not to"
            f" {self.name} (content {self.digest})",
            f"use --model {other.model}",
        )


@dataclass(frozen=True)
class AdapterInfo:
    """The content of `adapter.json`."""

    method: str
    """As in a mixture: `lora`, `full` ..."""
    base: Base
    files: tuple[str, ...]
    """That hold weights."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """How the model is asked since then: the fields `CONFIG_FIELDS` of its configuration."""
    version: int = 1

    def configure(self, config: MonkeyConfig) -> None:
        """Make a base's configuration that of the model with the adapter."""
        for key in CONFIG_FIELDS:
            if key in self.config:
                setattr(config, key, self.config[key])


def read_info(folder: Path) -> AdapterInfo:
    """Read what an adapter is.

    Raises:
        ModelError: the folder holds no adapter, or a broken one.
    """
    path = folder / ADAPTER_FILE
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        base = Base(**fields.pop("base"))
        info = AdapterInfo(base=base, **{**fields, "files": tuple(fields["files"])})
    except OSError as error:
        raise ModelError(f"{folder} holds no adapter: {path} cannot be read") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{path} is broken: {error}", "save the adapter again") from error
    if info.version != 1:
        raise ModelError(f"{path} has version {info.version}, this monkey reads 1", "update monkey")
    return info


def write_info(folder: Path, info: AdapterInfo) -> None:
    """Write what an adapter is.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps(asdict(info), indent=2, sort_keys=True) + "\n"
    (folder / ADAPTER_FILE).write_text(text, encoding="utf-8")


def read_tensors(folder: Path, name: str) -> Weights:
    """Read one of an adapter's files.

    Raises:
        ModelError: it is missing or broken.
    """
    path = folder / name
    if not path.is_file():
        raise ModelError(f"adapter {folder} is not whole: it has no {name}", "save it again")
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is broken: {error}", "save the adapter again") from error


def name_adapter(folder: Path) -> str:
    """Name an adapter in records: after its run, and by what it holds.

    Returns:
        The run folder's name and eight digits: `invoices@5f0c2b1e`.

    Raises:
        ModelError: the folder holds no adapter, or a broken one.
    """
    info = read_info(folder)
    names = [ADAPTER_FILE, *info.files, *([PEFT_CONFIG] if PEFT_WEIGHTS in info.files else [])]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"adapter {folder} is not whole: it has no {missing[0]}", "save it again")
    return f"{run_name(folder)}@{digest_files(folder / name for name in names)}"
