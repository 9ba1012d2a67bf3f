"""Names lead to folders, or to a sentence that says what to do."""

import json

import pytest

from monkeycli import catalog
from monkeycli.catalog import (
    PUBLISHED,
    Source,
    choose_model,
    find_adapter,
    find_checkpoint,
    home_folder,
    list_models,
    model_names,
    read_source,
    store_folder,
    write_source,
)
from monkeycli.errors import ModelError, UsageError

SOURCE = Source("monkey", "echo840/Monkey", "0123abc", "none", {"a.bin": "aa"}, {"b": "bb"})


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MONKEY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """One installed model, `tamarin`, in a folder of its own."""
    folder = tmp_path / "tamarin"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"licence": "CC0-1.0"}))
    monkeypatch.setattr(catalog, "plugin_names", lambda _group: ["tamarin"])
    monkeypatch.setattr(catalog, "load_plugin", lambda _group, _name: lambda: folder)
    return folder


@pytest.mark.parametrize(
    "platform, environ, expected",
    [
        ("linux", {"HOME": "/h"}, "/h/.local/share/monkey"),
        ("linux", {"HOME": "/h", "XDG_DATA_HOME": "/data"}, "/data/monkey"),
        ("linux", {"HOME": "/h", "XDG_DATA_HOME": "relative"}, "/h/.local/share/monkey"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/monkey"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/monkey"),
        ("linux", {"HOME": "/h", "MONKEY_HOME": "/m"}, "/m"),
    ],
)
def test_home_folder(platform, environ, expected):
    assert home_folder(environ, platform).as_posix() == expected


def test_name_of_a_plugin_leads_to_its_folder(plugin):
    assert find_checkpoint("tamarin") == plugin


def test_name_comes_before_a_folder_of_that_name(plugin, tmp_path, monkeypatch):
    (tmp_path / "cwd" / "tamarin").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "cwd")

    assert find_checkpoint("tamarin") == plugin
    assert find_checkpoint("./tamarin").resolve() == tmp_path / "cwd" / "tamarin"


def test_pulled_model_is_found_in_the_store():
    store_folder("monkey").mkdir(parents=True)

    assert find_checkpoint("monkey") == store_folder("monkey")


def test_model_that_was_not_pulled_says_how_to():
    with pytest.raises(ModelError, match="monkey model pull monkey-chat"):
        find_checkpoint("monkey-chat")


def test_default_model_that_is_not_installed_says_how_to(monkeypatch):
    monkeypatch.setattr(catalog, "plugin_names", lambda _group: [])

    with pytest.raises(ModelError, match="pip install"):
        find_checkpoint("marmoset")


@pytest.mark.parametrize("name, guess", [("monky", "did you mean 'monkey'"), ("xyz", "model list")])
def test_unknown_name_is_a_usage_error(name, guess):
    with pytest.raises(UsageError, match=guess):
        find_checkpoint(name)


def test_plugin_without_a_folder_is_an_error(plugin, monkeypatch):
    monkeypatch.setattr(catalog, "load_plugin", lambda _group, _name: "weights")

    with pytest.raises(ModelError, match="tamarin"):
        find_checkpoint("tamarin")


def test_names_are_listed_once_each(plugin):
    names = model_names()

    assert names == ["marmoset", "tamarin", "monkey", "monkey-chat"]


def test_list_says_where_each_model_lies_and_what_it_may_be_used_for(plugin):
    write_source(_made(store_folder("monkey")), SOURCE)

    found = {model.name: model for model in list_models()}

    assert (found["tamarin"].folder, found["tamarin"].licence) == (plugin, "CC0-1.0")
    assert found["monkey"].commit == "0123abc"
    assert found["monkey-chat"].folder is None
    assert found["monkey-chat"].licence == PUBLISHED["monkey-chat"].licence


def test_source_is_read_as_it_was_written(tmp_path):
    write_source(tmp_path, SOURCE)

    assert read_source(tmp_path) == SOURCE


def test_folder_that_was_not_pulled_has_no_source(tmp_path):
    assert read_source(tmp_path) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1, "surplus": 2}'])
def test_broken_source_is_an_error(tmp_path, text):
    (tmp_path / "source.json").write_text(text)

    with pytest.raises(ModelError, match="broken"):
        read_source(tmp_path)


def _made(folder):
    folder.mkdir(parents=True)
    return folder


# What a run of monkey train left


@pytest.fixture
def run(tmp_path):
    """Make the folder of a run that holds an adapter."""
    (tmp_path / "invoices" / "adapter").mkdir(parents=True)
    text = json.dumps({"base": {"model": "tamarin"}})
    (tmp_path / "invoices" / "adapter" / "adapter.json").write_text(text)
    return tmp_path / "invoices"


def test_run_with_a_model_is_a_checkpoint(run):
    (run / "model").mkdir()
    (run / "model" / "config.json").write_text("{}")

    assert find_checkpoint(str(run)) == run / "model"
    assert find_checkpoint(str(run / "model")) == run / "model"


@pytest.mark.parametrize("part", ["", "adapter"])
def test_run_without_a_model_says_how_it_is_used(run, part):
    with pytest.raises(ModelError) as error:
        find_checkpoint(str(run / part))

    assert "holds an adapter, no whole model" in error.value.message
    assert f"--adapter {run / part}" in error.value.hint
    assert "monkey model export" in error.value.hint


def test_adapter_is_found_in_its_folder_and_in_the_run_s(run):
    assert find_adapter(str(run)) == find_adapter(str(run / "adapter")) == run / "adapter"


def test_what_holds_no_adapter_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="holds no adapter"):
        find_adapter(str(tmp_path))
    with pytest.raises(UsageError, match="is no folder"):
        find_adapter(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    "model, has_adapter, expected",
    [
        (None, False, "marmoset"),
        (None, True, "tamarin"),
        ("gorilla", True, "gorilla"),
        ("gorilla", False, "gorilla"),
    ],
)
def test_model_is_the_one_named_else_the_adapter_s_base_else_the_default(
    run, model, has_adapter, expected
):
    assert choose_model(model, str(run) if has_adapter else None) == expected


def test_adapter_that_names_no_base_is_an_error_that_names_the_file(run):
    (run / "adapter" / "adapter.json").write_text("{}")

    with pytest.raises(ModelError, match=r"adapter\.json is broken"):
        choose_model(None, str(run))
