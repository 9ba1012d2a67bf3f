"""A mixture file: YAML that names what to learn from, and how. Opens no dataset and no image.

    version: 1
    model: monkey-chat                # a name or a folder
    preset: lora                      # where train and tune start from
    datasets:
      - {path: docvqa.jsonl, task: vqa, weight: 2.0, images: ./docvqa}
      - {path: caps.jsonl, task: caption, samples: 5000}
    eval:
      - {path: docvqa_val.jsonl, task: vqa, metric: anls}
    prompts: {caption: " Generate the caption in English: "}
    train: {epochs: 1, lr: 1e-5, batch: 8}
    tune: {rank: 16, alpha: 32}

The keys are the fields of the classes in `mixture`, which say what each means. Paths start from
the file's own folder. The file's values win over the preset's, and `--set` wins over both.
"""

import dataclasses
import os
import re
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from monkeycli.catalog import model_names
from monkeycli.errors import UsageError
from monkeycli.scoring.definitions import DEFINITIONS
from monkeycli.training.mixture import (
    Dataset,
    Evaluation,
    Mixture,
    PresetName,
    TrainSettings,
    Tuning,
)
from monkeycli.training.presets import PRESETS
from monkeycli.training.sample import TASKS
from monkeycli.training.yaml_fields import (
    compose_file,
    compose_value,
    convert,
    entries,
    nearest_hint,
    place_of,
)

VERSION = 1
"""Of the file's keys; within a version keys are only added."""

KEYS = ("version", "model", "preset", "datasets", "eval", "prompts", "train", "tune")
"""All that may stand at the top of the file."""

_WORDS = ("model", "preset", "train", "tune", "prompts")
"""Keys that `--set` reaches; what is in the lists has no name to call it by."""

_FROM_ONE = {
    *("samples", "steps", "batch", "pages_per_pass", "max_tokens", "max_questions"),
    *("save_every", "eval_every", "log_every", "keep", "rank", "virtual_tokens"),
}
"""Counts that may not be 0; no number may be negative."""

_ABOVE_ZERO = {"weight", "epochs", "lr", "clip", "alpha"}
_BELOW_ONE = {"betas", "dropout"}

_QUESTION_GAPS = {"vqa": "question", "no_answer": "question", "ground": "text"}
"""What the template of a task must leave room for; the others are the same for every page."""

_Settings = TypeVar("_Settings", TrainSettings, Tuning)
_Fields = dict[str, tuple[yaml.Node, yaml.Node]]


def read_mixture(path: Path, overrides: Sequence[str] = ()) -> Mixture:
    """Read a mixture file.

    Where it names no preset, its tuning method chooses one: `released` for `full`, `qlora` for
    `qlora`, `lora` for all others.

    Args:
        path: of the file.
        overrides: as typed behind `--set`: `train.lr=1e-4`, `tune.method=full`, `model=./mine`.

    Raises:
        UsageError: `mix.yaml:7: what is wrong`: a key that is unknown, missing or there twice, a
            value of another type or out of range, a file or folder that does not exist.
    """
    root = compose_file(path)
    for override in overrides:
        _override(root, override)
    top = entries(root, KEYS, "a mixture file")
    _check_version(path, top)
    preset, (train, tune) = _preset(top)
    datasets = _tables(path, top, "datasets", Dataset)
    if not datasets:
        raise UsageError(f"{path}: names no dataset", "write datasets: [{path: FILE.jsonl}]")
    return Mixture(
        path=path,
        datasets=datasets,
        evaluations=_tables(path, top, "eval", Evaluation),
        model=_model(path, top),
        prompts=_prompts(top),
        preset=preset,
        train=_settings(top, "train", train),
        tune=_settings(top, "tune", tune),
    )


def _override(root: yaml.MappingNode, override: str) -> None:
    """Put a value typed behind `--set` into the tree, in place of the file's."""
    name, equals, text = override.partition("=")
    place = f"--set {override}"
    section, _, key = name.strip().partition(".")
    if not equals:
        raise UsageError(f"{place}: has no value", "write for example --set train.lr=1e-4")
    if section not in _WORDS:
        raise UsageError(f"{place}: {section!r} cannot be set here", nearest_hint(section, _WORDS))
    if bool(key) != (section not in ("model", "preset")):
        raise UsageError(f"{place}: {name!r} is no setting", "write for example train.lr or model")
    value = compose_value(text, place)
    if not key:
        _replace(root, section, value)
        return
    table = next((value for name, value in root.value if name.value == section), None)
    if table is None or (isinstance(table, yaml.ScalarNode) and not table.value):
        table = yaml.MappingNode("tag:yaml.org,2002:map", [], value.start_mark, value.end_mark)
        _replace(root, section, table)
    if isinstance(table, yaml.MappingNode):
        _replace(table, key, value)


def _replace(table: yaml.MappingNode, name: str, value: yaml.Node) -> None:
    key = yaml.ScalarNode("tag:yaml.org,2002:str", name, value.start_mark, value.end_mark)
    table.value = [pair for pair in table.value if pair[0].value != name] + [(key, value)]


def _check_version(path: Path, top: _Fields) -> None:
    if "version" not in top:
        raise UsageError(f"{path}: has no version", f"write version: {VERSION} at its top")
    node = top["version"][1]
    if convert(node, int, "version") != VERSION:
        raise UsageError(f"{place_of(node)}: this monkey reads version {VERSION} only")


def _preset(top: _Fields) -> tuple[PresetName, tuple[TrainSettings, Tuning]]:
    if "preset" in top:
        name: PresetName = convert(top["preset"][1], PresetName, "preset")
        return name, PRESETS[name]
    by_method: dict[str, PresetName] = {"full": "released", "qlora": "qlora"}
    name = by_method.get(_settings(top, "tune", Tuning()).method, "lora")
    return name, PRESETS[name]


def _settings(top: _Fields, section: str, start: _Settings) -> _Settings:
    """Give a preset's settings with the file's own in their place."""
    if section not in top or _is_empty(top[section][1]):
        return start
    return dataclasses.replace(start, **_values(top[section][1], type(start), f"{section!r}"))


def _tables(path: Path, top: _Fields, section: str, kind: type[Any]) -> tuple[Any, ...]:
    """Give the datasets or the evaluations."""
    if section not in top or _is_empty(top[section][1]):
        return ()
    node = top[section][1]
    if not isinstance(node, yaml.SequenceNode):
        raise UsageError(f"{place_of(node)}: {section!r} must be a list of tables")
    return tuple(_table(path.parent, item, kind) for item in node.value)


def _table(folder: Path, node: yaml.Node, kind: type[Any]) -> Any:
    values = _values(node, kind, f"each of {kind.__name__.lower()}s")
    if "path" not in values:
        raise UsageError(f"{place_of(node)}: has no 'path'")
    if kind is Dataset and {"weight", "samples"} <= values.keys():
        key, _ = entries(node, None, "")["weight"]
        raise UsageError(f"{place_of(key)}: 'weight' and 'samples' exclude each other", "keep one")
    values["path"] = _resolve(folder, node, values, "path")
    if not values["path"].is_file():
        raise UsageError(f"{_place(node, 'path')}: {values['path']} does not exist or is no file")
    if values.get("images"):
        values["images"] = _resolve(folder, node, values, "images")
        if not values["images"].is_dir():
            what = "does not exist or is no folder"
            raise UsageError(f"{_place(node, 'images')}: {values['images']} {what}")
    if kind is Evaluation:
        values.setdefault("name", values["path"].stem)
        if "metric" in values and values["metric"] not in DEFINITIONS:
            message = f"{_place(node, 'metric')}: unknown metric {values['metric']!r}"
            raise UsageError(message, nearest_hint(values["metric"], DEFINITIONS))
    return kind(**values)


def _resolve(folder: Path, node: yaml.Node, values: Mapping[str, Any], name: str) -> Path:
    written = str(values[name])
    if not written or "\0" in written:
        raise UsageError(f"{_place(node, name)}: {name!r} is no path")
    return folder / os.path.expanduser(written)  # noqa: PTH111 - this one raises nothing


def _place(node: yaml.Node, name: str) -> str:
    return place_of(entries(node, None, "")[name][1])


def _values(node: yaml.Node, kind: type[Any], what: str) -> dict[str, Any]:
    """Give what a table sets of a dataclass, each value as the field's type and in its range."""
    hints = typing.get_type_hints(kind)
    values = {}
    for name, (_, value) in entries(node, hints, what).items():
        values[name] = convert(value, hints[name], name)
        complaint = _range_complaint(name, values[name])
        if complaint:
            raise UsageError(f"{place_of(value)}: {name!r} must be {complaint}")
    return values


def _range_complaint(name: str, value: Any) -> str | None:
    for number in value if isinstance(value, tuple) else (value,):
        if isinstance(number, bool) or not isinstance(number, int | float):
            continue
        if name in _FROM_ONE and number < 1:
            return "at least 1"
        if number < 0 or (name in _ABOVE_ZERO and number == 0):
            return "above 0" if name in _ABOVE_ZERO else "at least 0"
        if name in _BELOW_ONE and number >= 1:
            return "below 1"
    return None


def _model(path: Path, top: _Fields) -> str:
    """Give the model's name; a folder as its path, which starts from the file's own folder."""
    if "model" not in top:
        return Mixture.model
    node = top["model"][1]
    name: str = convert(node, str, "model")
    is_typed = node.start_mark.line < 0  # behind --set: from the current folder
    if name in model_names() or is_typed:
        return name
    folder = path.parent / os.path.expanduser(name)  # noqa: PTH111 - this one raises nothing
    return str(folder) if folder.is_dir() or os.sep in name else name


def _prompts(top: _Fields) -> dict[str, str]:
    if "prompts" not in top or _is_empty(top["prompts"][1]):
        return {}
    prompts = {}
    for task, (_, node) in entries(top["prompts"][1], TASKS, "'prompts'").items():
        template: str = convert(node, str, task)
        wanted = {_QUESTION_GAPS[task]} if task in _QUESTION_GAPS else set()
        gaps = set(re.findall(r"\{(\w+)\}", template))
        for gap in sorted(wanted ^ gaps):
            what = "leaves no room for" if gap in wanted else "has a gap that nothing fills:"
            raise UsageError(f"{place_of(node)}: the template of {task!r} {what} {{{gap}}}")
        prompts[task] = template
    return prompts


def _is_empty(node: yaml.Node) -> bool:
    """Whether a key has nothing behind it, as a section whose lines are all comments."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
