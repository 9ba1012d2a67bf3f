"""The models that have names, and where each lies on this machine. Opens no weights.

`marmoset` comes inside a plugin; `monkey` and `monkey-chat` are pulled from a hub, once, into the
store: `$MONKEY_HOME/models/NAME`, with a `source.json` beside the weights. Any folder is a model.
"""

import difflib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from monkeycli.errors import ModelError, UsageError
from monkeycli.plugins import load_plugin, plugin_names

GROUP = "monkeycli.models"
"""Entry points of models inside packages: each names a function that gives the weights' folder."""

DEFAULT_MODEL = "marmoset"
"""Used where no model is named; comes with `pip install ./plugins/marmoset`."""

PUBLISHED_LICENCE = (
    "non-commercial use only (Monkey's README), built on Qwen-VL (Tongyi Qianwen licence)"
)
"""What the published weights may be used for, in one line."""

SOURCE_FILE = "source.json"
"""Beside the weights of a pulled model."""

ADAPTER_FILE = "adapter.json"
"""In the folder of what a run learnt beside the weights it started from."""


@dataclass(frozen=True)
class Published:
    """A checkpoint that somebody else published."""

    repo: str
    """On the hub."""
    licence: str
    """In one line."""
    revision: str | None
    """Commit to pull; None for the newest of `main`, which is then recorded in the store."""


# No commit is named here because none could be checked when this was written: nobody could fetch
# 19 GB. `pull` resolves `main` to a commit, once, and from then on the store is tied to it.
PUBLISHED = {
    "monkey": Published("echo840/Monkey", PUBLISHED_LICENCE, revision=None),
    "monkey-chat": Published("echo840/Monkey-Chat", PUBLISHED_LICENCE, revision=None),
}
"""The models that `monkey model pull` knows, by name."""


@dataclass(frozen=True)
class Source:
    """Where a pulled model comes from, and what it consists of: the content of `source.json`."""

    name: str
    """In the catalog."""
    origin: str
    """The repository, or the folder it was converted from."""
    commit: str | None
    """Of the repository; None for a folder."""
    licence: str
    """In one line."""
    source_sha256: dict[str, str]
    """Of each file that was converted."""
    sha256: dict[str, str]
    """Of each file of the converted model."""


@dataclass(frozen=True)
class Model:
    """A model with a name."""

    name: str
    """As `--model` takes it."""
    folder: Path | None
    """Where it lies; None if it has to be pulled or installed first."""
    licence: str | None
    """In one line; None if it says nothing."""
    commit: str | None
    """Of the repository it was pulled from; None for all others."""


def home_folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Give the folder that pulled models are kept in: `$MONKEY_HOME`, or the platform's own.

    >>> home_folder({"MONKEY_HOME": "/data/monkey"}).as_posix()
    '/data/monkey'
    >>> home_folder({"XDG_DATA_HOME": "/data"}, "linux").as_posix()
    '/data/monkey'
    """
    if environ.get("MONKEY_HOME"):
        return Path(environ["MONKEY_HOME"]).absolute()
    home = Path(environ.get("HOME") or Path.home())
    if platform == "win32":
        folder = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(environ.get("XDG_DATA_HOME", ""))
        if not folder.is_absolute():  # the XDG specification says to ignore it then
            folder = home / ".local" / "share"
    return folder / "monkey"


def store_folder(name: str) -> Path:
    """Give the folder where a published model lies once it is pulled."""
    return home_folder() / "models" / name


def find_checkpoint(name: str) -> Path:
    """Find a model's folder.

    Args:
        name: of a model in the catalog, or a folder: of a checkpoint, or of a run that wrote one.
            The catalog comes first; `./NAME` is a folder.

    Raises:
        ModelError: the model is known, but not on this machine; or a run holds an adapter alone.
        UsageError: there is no such model and no such folder.
    """
    if name in plugin_names(GROUP):
        return _plugin_folder(name)
    if name in PUBLISHED:
        folder = store_folder(name)
        if not folder.is_dir():
            raise ModelError(f"model {name!r} is not on this machine", f"monkey model pull {name}")
        return folder
    if Path(name).is_dir():
        return _checkpoint_in(Path(name))
    if name == DEFAULT_MODEL:
        raise ModelError(f"model {name!r} is not installed", "pip install ./plugins/marmoset")
    close = difflib.get_close_matches(name, model_names(), n=1)
    guess = f"did you mean {close[0]!r}?" if close else "monkey model list shows those there are"
    raise UsageError(f"{name!r} is neither a model's name nor a folder", guess)


def find_adapter(name: str) -> Path:
    """Find the folder of an adapter.

    Args:
        name: that folder, or the folder of the run that wrote it.

    Raises:
        UsageError: there is no such folder, or no adapter in it.
    """
    folder = adapter_in(Path(name))
    if folder is None:
        what = "holds no adapter" if Path(name).is_dir() else "is no folder"
        raise UsageError(f"{name} {what}", "name the folder of a run of monkey train")
    return folder


def adapter_in(folder: Path) -> Path | None:
    """Give the folder of the adapter that a folder is, or holds as a run's does; None if neither.

    Args:
        folder: need not exist.
    """
    places = (folder, folder / "adapter")
    return next((place for place in places if (place / ADAPTER_FILE).is_file()), None)


def choose_model(model: str | None, adapter: str | None) -> str:
    """Say which model is meant.

    Args:
        model: as it was named, or None.
        adapter: folder of an adapter or of its run, or None.

    Returns:
        The model named, else the adapter's base, else the default.

    Raises:
        UsageError: there is no such adapter.
        ModelError: the adapter is broken.
    """
    if model is not None:
        return model
    if adapter is None:
        return DEFAULT_MODEL
    path = find_adapter(adapter) / ADAPTER_FILE
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["base"]["model"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"{path} is broken: {error}", "save the adapter again") from error


def run_name(folder: Path) -> str:
    """Name what a run made after the run.

    Args:
        folder: of an adapter, a checkpoint or the whole run.

    >>> run_name(Path("/data/runs/invoices/adapter")), run_name(Path("/data/runs/invoices/step-20"))
    ('invoices', 'invoices-step-20')
    """
    folder = folder.resolve()
    if folder.name in ("adapter", "model"):
        return folder.parent.name
    if folder.name.startswith("step-"):
        return f"{folder.parent.name}-{folder.name}"
    return folder.name


def model_names() -> list[str]:
    """List the names in the catalog, the default first, then those in packages, then the others."""
    return list(dict.fromkeys([DEFAULT_MODEL, *plugin_names(GROUP), *PUBLISHED]))


def list_models() -> list[Model]:
    """List the models in the catalog, whether or not they are on this machine."""
    return [_describe(name) for name in model_names()]


def read_source(folder: Path) -> Source | None:
    """Read where a model comes from.

    Returns:
        None if the folder does not say, as it was not pulled.

    Raises:
        ModelError: `source.json` is broken.
    """
    path = folder / SOURCE_FILE
    if not path.is_file():
        return None
    try:
        return Source(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ModelError(f"{path} is broken: {error}", f"remove {folder} and pull again") from error


def write_source(folder: Path, source: Source) -> None:
    """Write where a model comes from into its folder."""
    text = json.dumps(asdict(source), indent=2, sort_keys=True) + "\n"
    (folder / SOURCE_FILE).write_text(text, encoding="utf-8")


def _checkpoint_in(folder: Path) -> Path:
    """Give a folder's checkpoint: the folder itself, or what a run wrote into it."""
    if (folder / "config.json").is_file():
        return folder
    if (folder / "model" / "config.json").is_file():
        return folder / "model"
    if adapter_in(folder):
        raise ModelError(
            f"{folder} holds an adapter, no whole model",
            f"use --adapter {folder}, or write one: monkey model export {folder} --merge -o DIR",
        )
    return folder


def _describe(name: str) -> Model:
    try:
        folder = find_checkpoint(name)
    except ModelError:
        folder = None
    source = read_source(folder) if folder else None
    licence = PUBLISHED[name].licence if name in PUBLISHED else _read_licence(folder)
    return Model(name, folder, licence, source.commit if source else None)


def _plugin_folder(name: str) -> Path:
    give_folder = load_plugin(GROUP, name)
    folder = give_folder() if callable(give_folder) else None
    if not isinstance(folder, Path):
        raise ModelError(f"the package of model {name!r} names no folder", "update the package")
    return folder


def _read_licence(folder: Path | None) -> str | None:
    path = folder / "config.json" if folder else None
    if path is None or not path.is_file():
        return None
    try:
        licence = json.loads(path.read_text(encoding="utf-8")).get("licence")
    except (ValueError, AttributeError) as error:
        raise ModelError(f"{path} is broken: {error}") from error
    return str(licence) if licence else None
