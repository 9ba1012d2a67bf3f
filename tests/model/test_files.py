"""Whatever is wrong with a checkpoint's files is an error that names the file; nothing is run."""

import json
import os
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from monkeycli.errors import ModelError
from monkeycli.model.files import (
    digest_content,
    existing_file,
    is_published,
    read_config,
    read_names,
    read_weights,
    weight_files,
)

WEIGHTS = {"a.weight": torch.arange(6.0).view(2, 3), "b": torch.ones(4, dtype=torch.bfloat16)}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "monkey", "visual": {}}))
    save_file(WEIGHTS, tmp_path / "model.safetensors")
    return tmp_path


@pytest.fixture
def pickled(folder):
    """Give a folder whose weights are a pickle, as the published ones."""
    (folder / "model.safetensors").unlink()
    torch.save(WEIGHTS, folder / "pytorch_model.bin")
    return folder


class Evil:
    """Runs a command where a pickle is trusted."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def _same(weights):
    assert weights.keys() == WEIGHTS.keys()
    return all(torch.equal(weights[name], part) for name, part in WEIGHTS.items())


def test_weights_are_read_as_they_are(folder):
    assert _same(read_weights(folder))
    assert sorted(read_names(folder)) == sorted(WEIGHTS)


def test_weights_may_lie_in_several_files(folder):
    (folder / "model.safetensors").unlink()
    for number, (name, part) in enumerate(WEIGHTS.items()):
        save_file({name: part}, folder / f"model-{number}.safetensors")

    assert _same(read_weights(folder))
    assert sorted(read_names(folder)) == sorted(WEIGHTS)


def test_adapters_of_peft_are_not_weights(folder):
    save_file({"x": torch.ones(1)}, folder / "adapter_model.safetensors")

    assert weight_files(folder) == [folder / "model.safetensors"]
    assert _same(read_weights(folder))


def test_pickle_of_weights_is_read(pickled):
    assert _same(read_weights(pickled))
    assert sorted(read_names(pickled)) == sorted(WEIGHTS)


def test_safetensors_come_before_a_pickle(folder):
    (folder / "pytorch_model.bin").write_bytes(b"not to be opened")

    assert _same(read_weights(folder))


@pytest.mark.parametrize("read", [read_weights, read_names])
def test_pickle_that_would_run_something_does_not(pickled, read):
    torch.save({**WEIGHTS, "c": Evil(pickled / "was-run")}, pickled / "pytorch_model.bin")

    with pytest.raises(ModelError, match=r"pytorch_model\.bin cannot be read as weights"):
        read(pickled)
    assert not (pickled / "was-run").exists()


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_bare_pickle_that_would_run_something_does_not(pickled, protocol):
    evil = pickle.dumps(Evil(pickled / "was-run"), protocol=protocol)
    (pickled / "pytorch_model.bin").write_bytes(evil)

    with pytest.raises(ModelError, match=r"pytorch_model\.bin cannot be read"):
        read_weights(pickled)
    assert not (pickled / "was-run").exists()


@pytest.mark.parametrize(
    "content",
    [[1, 2], torch.ones(2), {"epoch": 3}, {"state_dict": WEIGHTS}, None],
    ids=["list", "tensor", "number", "nested", "nothing"],
)
def test_pickle_of_something_else_is_refused(pickled, content):
    torch.save(content, pickled / "pytorch_model.bin")

    with pytest.raises(ModelError, match=r"pytorch_model\.bin holds no weights by name"):
        read_weights(pickled)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_truncated_file_is_named(folder, name, share):
    torch.save(WEIGHTS, folder / "pytorch_model.bin")
    path = folder / name
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    if path.suffix == ".bin":
        (folder / "model.safetensors").unlink()

    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        read_weights(folder)


@pytest.mark.parametrize("place", range(0, 64, 5))
def test_broken_head_is_an_error_or_no_matter(folder, place):
    """A byte changed in the head of a file: never anything but a ModelError."""
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)

    try:
        outcome = str(path) if _same(read_weights(folder)) else "other weights"
    except ModelError as error:
        outcome = str(error)

    assert str(path) in outcome


def test_no_weights_are_an_error(folder):
    (folder / "model.safetensors").unlink()

    with pytest.raises(ModelError, match="holds no safetensors"):
        read_weights(folder)


@pytest.mark.parametrize(
    "content, complaint",
    [
        (None, r"is not a checkpoint: it has no config\.json"),
        (b"", r"config\.json is not JSON"),
        (b"{", r"config\.json is not JSON"),
        (b"\xff\xfe", r"config\.json is not JSON"),
        (b"[" * 100_000, r"config\.json is not JSON"),
        (b"[]", "does not describe a Monkey: model_type is 'list'"),
        (b"null", "does not describe a Monkey: model_type is 'NoneType'"),
        (b"{}", "does not describe a Monkey: model_type is None"),
        (b'{"model_type": "llama"}', "does not describe a Monkey: model_type is 'llama'"),
    ],
)
def test_configuration_that_is_none_is_refused(folder, content, complaint):
    path = folder / "config.json"
    path.unlink() if content is None else path.write_bytes(content)

    with pytest.raises(ModelError, match=complaint):
        read_config(folder)


@pytest.mark.parametrize("fields, answer", [({"visual": {}}, True), ({"vision_config": {}}, False)])
def test_layout_is_told_by_the_configuration(folder, fields, answer):
    (folder / "config.json").write_text(json.dumps({"model_type": "monkey"} | fields))

    assert is_published(folder) == answer


def test_folder_that_is_not_there_is_no_checkpoint(tmp_path):
    with pytest.raises(ModelError, match=r"nowhere is not a checkpoint: it has no config\.json"):
        read_config(tmp_path / "nowhere")


def test_folder_in_place_of_a_file_is_not_the_file(tmp_path):
    (tmp_path / "config.json").mkdir()

    with pytest.raises(ModelError, match=r"it has no config\.json"):
        existing_file(tmp_path, "config.json")


def test_digest_hangs_on_content_and_not_on_the_place(folder, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())

    assert digest_content(copy) == digest_content(folder)
    assert len(digest_content(folder)) == 8


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_digest_changes_with_every_file(folder, name):
    before = digest_content(folder)
    if name == "config.json":
        (folder / name).write_text('{"model_type": "monkey"}')
    else:
        weights = load_file(folder / name)
        weights["a.weight"][1, 2] += 1
        save_file(weights, folder / name)

    assert digest_content(folder) != before


def test_digest_of_a_pickle_is_of_its_content(pickled):
    before = digest_content(pickled)
    (pickled / "pytorch_model.bin").write_bytes(b"another")

    assert digest_content(pickled) != before
