"""From what was typed for each stage to its generator: built in, or a plugin's.

`auto` takes the first that can be had: built-in ones, then plugins in order of their names. `none`
switches a stage off.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from monkeycli.catalog import DEFAULT_MODEL, find_checkpoint
from monkeycli.describing.providers import (
    STAGES,
    Make,
    Provider,
    ProviderOptions,
    Providers,
    Stage,
    group_of,
)
from monkeycli.errors import ModelError, UsageError
from monkeycli.plugins import PluginError, load_plugin, plugin_names

AUTO, NONE = "auto", "none"

BUILT_IN: Mapping[Stage, Mapping[str, tuple[str, str]]] = {
    "global": {"monkey": ("monkeycli.describing.captioner", "MonkeyCaptioner")},
    "fuse": {"template": ("monkeycli.describing.fusing", "TemplateFuser")},
}
"""Modules, imported when they are chosen, and the names in them."""

_METHODS: Mapping[Stage, str] = {
    "global": "caption",
    "region": "find_regions",
    "segment": "find_masks",
    "text": "find_text",
    "match": "match",
    "fuse": "fuse",
}

_FIELDS: Mapping[Stage, str] = {
    "global": "captioner",
    "region": "region_finder",
    "segment": "segmenter",
    "text": "text_finder",
    "match": "matcher",
    "fuse": "fuser",
}

_PACKAGES: Mapping[tuple[Stage, str], str] = {
    ("global", "blip2"): "describe-hf",
    ("region", "florence2"): "describe-hf",
    ("segment", "sam"): "describe-hf",
    ("segment", "sam2"): "describe-hf",
    ("text", "ocr"): "ocr",
    ("match", "blip2"): "describe-hf",
    ("fuse", "openai"): "summarize",
    ("fuse", "local"): "summarize",
}
"""Folders of our own packages under `plugins`, by what they bring."""


@dataclass(frozen=True)
class Choice:
    """Who was chosen."""

    providers: Providers
    remarks: tuple[str, ...] = ()
    """What a person should know: which generators are installed and cannot be had."""


def provider_names(stage: Stage) -> list[str]:
    """Give the names that a stage's option takes, built-in ones first; imports none."""
    built_in = BUILT_IN.get(stage, {})
    return [
        *built_in,
        *(name for name in plugin_names(group_of(stage)) if name not in built_in),
    ]


def choose_providers(wanted: Mapping[Stage, str], *, device: str = "auto") -> Choice:
    """Make the generators.

    Args:
        wanted: for each stage `auto`, `none`, NAME or NAME:WHERE.
        device: where those that compute are to run.

    Raises:
        UsageError: there is no such generator, it is broken, or its stage needs another one.
        ModelError: one that was named cannot be had.
    """
    chosen: dict[str, Any] = {}
    remarks: list[str] = []
    for stage in STAGES:
        if stage == "match" and wanted[stage] == AUTO and not _has_captions(chosen):
            continue  # nothing to match
        if stage == "segment" and "captioner" not in chosen:
            if wanted[stage] not in (AUTO, NONE):
                what = f"--segment {wanted[stage]} needs a captioner for what is cut out"
                raise UsageError(what, "name one with --global")
            continue
        provider = _choose(stage, wanted[stage], device, remarks.append)
        if provider is not None:
            chosen[_FIELDS[stage]] = provider
    return Choice(Providers(**chosen), tuple(remarks))


def _has_captions(chosen: Mapping[str, object]) -> bool:
    return "region_finder" in chosen or "segmenter" in chosen


def _choose(
    stage: Stage, wanted: str, device: str, remark: Callable[[str], None]
) -> Provider | None:
    if wanted == NONE:
        return None
    if wanted != AUTO:
        name, _, where = wanted.partition(":")
        return _make(stage, name, ProviderOptions(where=where or None, device=device))
    for name in provider_names(stage):
        if (stage, name) == ("global", "monkey") and not _reads_pixels():
            continue
        try:
            return _make(stage, name, ProviderOptions(device=device))
        except (ModelError, PluginError) as error:
            remark(f"--{stage} {name} is installed, but cannot be had: {error}")
    return None


def _make(stage: Stage, name: str, options: ProviderOptions) -> Provider:
    if name in BUILT_IN.get(stage, {}):
        module, attribute = BUILT_IN[stage][name]
        make = cast("Make", getattr(import_module(module), attribute))
    elif name in plugin_names(group_of(stage)):
        make = cast("Make", load_plugin(group_of(stage), name))
    else:
        known = [*provider_names(stage), *((AUTO,) if stage != "fuse" else ()), NONE]
        folder = _PACKAGES.get((stage, name))
        hint = f"pip install ./plugins/{folder} adds {name}" if folder else None
        raise UsageError(f"--{stage} {name!r} is not one of {', '.join(known)}", hint)
    provider = make(options)
    if not callable(getattr(provider, _METHODS[stage], None)):
        package = f"{group_of(stage)} {name!r}"
        raise PluginError(f"{package} has no method {_METHODS[stage]}", "update its package")
    return provider


def _reads_pixels() -> bool:
    """Whether the default model is here and sees pictures, not just print; by its configuration."""
    try:
        config = json.loads((find_checkpoint(DEFAULT_MODEL) / "config.json").read_bytes())
    except (ModelError, UsageError, OSError, ValueError):
        return False
    prompts = config.get("prompts") or {}
    if (config.get("resampler_config") or {}).get("kind") == "reading":
        return False
    return bool(config.get("reads_pixels", True)) and prompts.get("caption") != ""
