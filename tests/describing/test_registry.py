"""From what was typed to who does it."""

import json
import tomllib
from pathlib import Path

import pytest

from monkeycli.describing import registry
from monkeycli.describing.providers import STAGES, group_of
from monkeycli.describing.registry import choose_providers, provider_names
from monkeycli.errors import ModelError, UsageError
from monkeycli.plugins import PluginError
from tests.describing import fake_generators as fakes

NONE = dict.fromkeys(STAGES, "none")
AUTO = dict.fromkeys(STAGES, "auto")


@pytest.fixture(autouse=True)
def plugins(monkeypatch):
    """Give the plugins that are installed, by group and name; none to begin with."""
    installed = {}
    monkeypatch.setattr(registry, "plugin_names", lambda group: sorted(installed.get(group, {})))
    monkeypatch.setattr(registry, "load_plugin", lambda group, name: installed[group][name])
    monkeypatch.setattr(registry, "find_checkpoint", _no_checkpoint)
    return installed


def _no_checkpoint(_):
    raise ModelError("not here")


def install(plugins, *stages, name="fake"):
    for stage in stages:
        plugins.setdefault(group_of(stage), {})[name] = getattr(fakes, fakes.NAMES[stage])


def chosen(**wanted):
    choice = choose_providers({**NONE, **wanted})
    return {stage: who.by for stage, who in choice.providers.by_stage.items() if who}


def test_none_is_nobody():
    assert chosen() == {}


def test_without_plugins_there_is_the_template_alone():
    choice = choose_providers(AUTO)

    assert [who and who.by for who in choice.providers.by_stage.values()] == [None] * 5 + [
        "template"
    ]
    assert choice.remarks == ()


def test_what_is_installed_is_taken(plugins):
    install(plugins, "global", "region", "segment", "text", "match")

    assert list(chosen(**dict.fromkeys(STAGES[:5], "auto"))) == list(STAGES[:5])


def test_what_is_typed_behind_the_colon_goes_to_the_generator(plugins):
    install(plugins, "text")
    choice = choose_providers({**NONE, "text": "fake:/models/a:b"}, device="cuda:1")

    assert choice.providers.text_finder.options.where == "/models/a:b"
    assert choice.providers.text_finder.options.device == "cuda:1"


def test_a_name_that_nobody_has_lists_those_there_are(plugins):
    install(plugins, "text")

    with pytest.raises(UsageError, match="--text 'ocr' is not one of fake, auto, none; pip inst"):
        chosen(text="ocr")


@pytest.mark.parametrize("error", [ModelError("no weights"), PluginError("broken")])
def test_auto_passes_over_what_cannot_be_had_and_says_so(plugins, error):
    def fail(_):
        raise error

    install(plugins, "text", name="zebra")
    plugins[group_of("text")]["aardvark"] = fail
    choice = choose_providers({**NONE, "text": "auto"})

    assert choice.providers.text_finder.by == "fake-text@1"
    assert choice.remarks == (f"--text aardvark is installed, but cannot be had: {error}",)


def test_what_is_named_and_cannot_be_had_is_an_error(plugins):
    plugins[group_of("text")] = {"ocr": lambda _: _no_checkpoint(None)}

    with pytest.raises(ModelError):
        chosen(text="ocr")


def test_things_that_are_cut_out_need_a_captioner(plugins):
    install(plugins, "segment", "text")

    with pytest.raises(UsageError, match="--segment fake needs a captioner"):
        chosen(segment="fake")
    assert chosen(segment="auto", text="auto") == {"text": "fake-text@1"}


def test_nobody_matches_where_there_is_nothing_to_match(plugins):
    install(plugins, "text", "match")

    assert chosen(text="auto", match="auto") == {"text": "fake-text@1"}


def test_an_object_that_cannot_do_its_stage_is_refused(plugins):
    plugins[group_of("text")] = {"odd": lambda _: object()}

    with pytest.raises(PluginError, match="'odd' has no method find_text"):
        chosen(text="odd")


def test_built_in_names_come_first(plugins):
    install(plugins, "global", name="a")

    assert provider_names("global") == ["monkey", "a"]
    assert provider_names("fuse") == ["template"]


@pytest.mark.parametrize(
    "config, is_used",
    [
        ({}, True),
        ({"reads_pixels": True}, True),
        ({"reads_pixels": False}, False),
        ({"prompts": {"caption": ""}}, False),
    ],
)
def test_the_default_model_captions_where_it_has_eyes(monkeypatch, tmp_path, config, is_used):
    (tmp_path / "config.json").write_text(json.dumps(config))
    monkeypatch.setattr(registry, "find_checkpoint", lambda _: tmp_path)
    built_in = {"global": {"monkey": ("tests.describing.fake_generators", "Captioner")}}
    monkeypatch.setattr(registry, "BUILT_IN", built_in)

    assert bool(chosen(**{"global": "auto"})) == is_used


def test_our_own_packages_are_named_for_all_that_they_bring():
    brought = {}
    for path in (Path(__file__).parents[2] / "plugins").glob("*/pyproject.toml"):
        points = tomllib.loads(path.read_text())["project"].get("entry-points", {})
        for stage in STAGES:
            brought |= {(stage, n): path.parent.name for n in points.get(group_of(stage), {})}

    assert brought == registry._PACKAGES
    with pytest.raises(UsageError, match=r"pip install \./plugins/summarize adds openai"):
        chosen(fuse="openai:m")
