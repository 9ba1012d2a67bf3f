"""What a run was started with, written down so that it can be repeated: `RUN/run.yaml`."""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import yaml

from monkeycli import __version__
from monkeycli.errors import UsageError
from monkeycli.model.adapter_files import Base
from monkeycli.training.mixture import Mixture
from monkeycli.training.mixture_file import VERSION

Plain = Mapping[str, object]
"""Nested mappings and lists of text, numbers, booleans and None: what YAML holds."""

HARMLESS = frozenset(
    {
        *("train.save_every", "train.keep", "train.eval_every", "train.log_every"),
        *("train.pages_per_pass", "train.gradient_checkpointing"),
    }
)
"""Settings that may change when a run goes on: they alter no sample, no target and no schedule.
The last two reorder sums, so that weights agree to rounding and no longer to the bit."""

_PLACES = {"path", "images"}
"""Where a file lies may change as long as what is in it does not; its digest tells."""

_PARTS = ("base", "mixture", "sha256")
"""Of the settings, what has to stay the same."""

_LIBRARIES = ("torch", "transformers", "accelerate", "peft")


def describe_run(
    mixture: Mixture, base: Base, facts: Plain, *, command: Sequence[str] = ()
) -> dict[str, object]:
    """Write a run's settings as plain data.

    Args:
        mixture: with every setting filled in.
        base: where it starts.
        facts: what else is to be known: device, processes, number of weights that learn.
        command: that started it.

    Raises:
        UsageError: a dataset cannot be read.
    """
    versions = {name: version(name) for name in _LIBRARIES}
    return {
        "command": list(command),
        "versions": {"monkeycli": __version__, "python": sys.version.split()[0], **versions},
        "base": asdict(base),
        **facts,
        "mixture": describe_mixture(mixture),
        "sha256": {
            "datasets": [_digest(dataset.path) for dataset in mixture.datasets],
            "eval": [_digest(evaluation.path) for evaluation in mixture.evaluations],
        },
    }


def describe_mixture(mixture: Mixture) -> dict[str, object]:
    """Write a mixture, every setting filled in, as a mixture file has it; paths are absolute."""
    model = Path(mixture.model)
    return {
        "version": VERSION,
        "model": str(model.absolute()) if model.is_dir() else mixture.model,
        "preset": mixture.preset,
        "datasets": [_plain(asdict(dataset)) for dataset in mixture.datasets],
        "eval": [_plain(asdict(evaluation)) for evaluation in mixture.evaluations],
        "prompts": dict(mixture.prompts),
        "train": _plain(asdict(mixture.train)),
        "tune": _plain(asdict(mixture.tune)),
    }


def write_settings(settings: Plain) -> bytes:
    """Give the content of `run.yaml`."""
    text = yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True, width=100)
    return text.encode()


def read_settings(path: Path) -> dict[str, object]:
    """Read what a run was started with.

    Raises:
        UsageError: the file cannot be read, or is not what `write_settings` wrote.
    """
    try:
        settings = yaml.safe_load(path.read_bytes())
        if all(isinstance(settings[part], dict) for part in _PARTS):
            return dict(settings)
    except (OSError, yaml.YAMLError, TypeError, KeyError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    raise UsageError(f"{path} is not the settings of a run")


def check_same(old: Plain, new: Plain, path: Path) -> list[str]:
    """See that a run may go on with other settings than it was started with.

    Args:
        old: settings of the run so far.
        new: settings it is to go on with.
        path: of the old ones, for messages.

    Returns:
        The differences that do no harm, a line each.

    Raises:
        UsageError: a difference would make it another run; all of them are named.
    """
    harmless: list[str] = []
    others: list[str] = []
    for part in _PARTS:
        before, after = (dict(_leaves(settings[part])) for settings in (old, new))
        for key in dict.fromkeys([*before, *after]):
            if _is_place(key) or before.get(key) == after.get(key):
                continue
            name = f"{part}.{key}" if part == "sha256" else key
            line = f"{name} was {before.get(key)!r} and is now {after.get(key)!r}"
            (harmless if key in HARMLESS else others).append(line)
    if others:
        raise UsageError(
            f"this is not the run of {path}: {'; '.join(others)}",
            "go on with what it was started with, or choose another folder",
        )
    return harmless


def _leaves(value: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value in nested data with its dotted name."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{prefix}[{number}]")
    else:
        yield prefix, value


def _is_place(key: str) -> bool:
    return key.rpartition(".")[2] in _PLACES or key == "model"  # `base` says which model it is


def _plain(fields: Plain) -> dict[str, object]:
    """Give a dataclass's fields as YAML holds them, without what is None."""
    found: dict[str, object] = {}
    for name, value in fields.items():
        if isinstance(value, Path):
            found[name] = str(value.absolute())
        elif value is not None:
            found[name] = list(value) if isinstance(value, tuple) else value
    return found


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path") from error
