"""The checkpoints that generators use unless told otherwise, and the folders that hold them.

Nothing is fetched here: `monkey generator pull` does that, when it is asked to. What was pulled
lies in `$MONKEY_HOME/generators/OWNER/NAME`. Opens no weights.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monkeycli.catalog import home_folder
from monkeycli.errors import ModelError


@dataclass(frozen=True)
class Kind:
    """A kind of checkpoint that a generator can be made of."""

    stage: str
    """What it does in `monkey describe`."""
    generator: str
    """Its name there."""
    repo: str
    """The one that is used unless another is named."""
    model_types: tuple[str, ...]
    """What its `config.json` may call itself."""
    licence: str
    """Of the weights in `repo`, as their publisher states it."""


CAPTIONER = Kind("global", "blip2", "Salesforce/blip2-opt-2.7b", ("blip-2",), "MIT (OPT: its own)")
REGION_FINDER = Kind(
    "region", "florence2", "florence-community/Florence-2-base", ("florence2",), "MIT"
)
SAM = Kind("segment", "sam", "facebook/sam-vit-base", ("sam",), "Apache-2.0")
SAM2 = Kind("segment", "sam2", "facebook/sam2.1-hiera-tiny", ("sam2", "sam2_video"), "Apache-2.0")
MATCHER = Kind("match", "blip2", "Salesforce/blip2-itm-vit-g", ("blip-2",), "MIT")

KINDS = (CAPTIONER, REGION_FINDER, SAM, SAM2, MATCHER)
"""All of them, in the order of the stages."""

_REPO = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)


def is_repo(name: str) -> bool:
    """Tell whether this may be a repository's name on a hub.

    >>> is_repo("Salesforce/blip2-opt-2.7b"), is_repo("../blip2"), is_repo("a/b/c")
    (True, False, False)
    """
    return _REPO.fullmatch(name) is not None


def store_folder(repo: str) -> Path:
    """Give the folder where a repository lies once it is pulled."""
    return home_folder() / "generators" / repo


def find_weights(where: str | None, kind: Kind) -> Path:
    """Find a generator's checkpoint, and see that it is of the right kind.

    Args:
        where: a folder, or the name of a repository that was pulled; None for the kind's own.
        kind: of checkpoint.

    Raises:
        ModelError: it is not on this machine, is of another kind, or has no safetensors.
    """
    name = where or kind.repo
    folder = Path(name)
    if where is None or not folder.is_dir():
        if not is_repo(name):
            hint = f"name a folder or a repository: --{kind.stage} {kind.generator}:DIR"
            raise ModelError(f"there is no folder {name}", hint)
        folder = store_folder(name)
        if not folder.is_dir():
            hint = f"monkey generator pull {name}"
            raise ModelError(f"{name} is not on this machine", hint)
    found = read_model_type(folder)
    if found not in kind.model_types:
        what = f"{folder} holds no checkpoint for --{kind.stage} {kind.generator}"
        raise ModelError(f"{what}: its config.json says {found!r}")
    if not any(folder.glob("*.safetensors")):
        raise ModelError(f"{folder} holds no safetensors", "convert its weights; no pickle is read")
    return folder


def read_model_type(folder: Path) -> str:
    """Read what a checkpoint calls itself; empty if it does not say.

    Raises:
        ModelError: `config.json` is missing or broken.
    """
    return str(_read_object(folder / "config.json").get("model_type", ""))


def _read_object(path: Path) -> Mapping[str, Any]:
    try:
        fields = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ModelError(f"{path.parent} is no checkpoint: it has no {path.name}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} is broken: {error}") from error
    if not isinstance(fields, dict):
        raise ModelError(f"{path} is broken: it holds no object")
    return fields
