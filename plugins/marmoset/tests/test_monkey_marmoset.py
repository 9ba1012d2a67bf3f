"""The package says where its weights lie, and its metadata agrees with its code."""

import importlib.metadata
import tomllib
from pathlib import Path

import monkey_marmoset
import pytest

PROJECT = Path(__file__).parents[1]


def test_version_is_the_one_of_the_metadata():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]

    assert project["version"] == monkey_marmoset.__version__


def test_entry_point_leads_to_the_weights():
    found = importlib.metadata.entry_points(group="monkeycli.models", name="marmoset")
    if not found:
        pytest.skip("monkey-marmoset is not installed: pip install ./plugins/marmoset")
    (entry,) = found

    assert entry.load()() == monkey_marmoset.weights_path()


def test_weights_are_safetensors_and_never_a_pickle():
    suffixes = {path.suffix for path in monkey_marmoset.weights_path().iterdir()}

    assert not suffixes & {".bin", ".pt", ".pth", ".pkl", ".gguf"}
