"""Where checkpoints lie, and that nothing but a checkpoint of the right kind is taken."""

import json

import pytest
from monkey_describe_hf.published import (
    CAPTIONER,
    KINDS,
    MATCHER,
    SAM,
    find_weights,
    is_repo,
    store_folder,
)

from monkeycli.errors import ModelError

pytestmark = pytest.mark.usefixtures("no_network")


def make(folder, model_type="sam", weights="model.safetensors"):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    (folder / weights).write_bytes(b"")
    return folder


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.repo)
def test_what_is_not_here_is_an_error_that_names_the_command(kind):
    with pytest.raises(ModelError, match=f"not on this machine; monkey generator pull {kind.repo}"):
        find_weights(None, kind)


def test_what_was_pulled_is_found_by_its_name_or_none():
    folder = make(store_folder(SAM.repo))
    other = make(store_folder("somebody/sam"))

    assert find_weights(None, SAM) == find_weights(SAM.repo, SAM) == folder
    assert find_weights("somebody/sam", SAM) == other


def test_a_folder_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "models" / "mine")

    assert find_weights("models/mine", SAM).samefile(tmp_path / "models" / "mine")
    assert find_weights(str(tmp_path / "models" / "mine"), SAM).is_absolute()


@pytest.mark.parametrize(
    "name", ["../elsewhere", "/nowhere", "nothing", "a/b/c", "./a", "a b/c", "/x"]
)
def test_what_is_neither_a_folder_nor_a_repository_is_an_error(name):
    assert not is_repo(name)
    with pytest.raises(ModelError, match="there is no folder"):
        find_weights(name, SAM)


def test_another_kind_of_checkpoint_is_refused(tmp_path):
    folder = make(tmp_path / "model", "llama")

    with pytest.raises(ModelError, match=r"holds no checkpoint for --match blip2.*'llama'"):
        find_weights(str(folder), MATCHER)


def test_pickles_are_not_read(tmp_path):
    folder = make(tmp_path / "model", "blip-2", "pytorch_model.bin")

    with pytest.raises(ModelError, match="holds no safetensors; convert its weights"):
        find_weights(str(folder), CAPTIONER)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, "\xff"])
def test_a_broken_configuration_is_named(tmp_path, text):
    folder = make(tmp_path / "model")
    (folder / "config.json").write_text(text, encoding="latin-1")

    with pytest.raises(ModelError, match=r"config\.json is broken"):
        find_weights(str(folder), SAM)


def test_a_folder_without_a_configuration_is_no_checkpoint(tmp_path):
    with pytest.raises(ModelError, match=r"is no checkpoint: it has no config\.json"):
        find_weights(str(tmp_path), SAM)
