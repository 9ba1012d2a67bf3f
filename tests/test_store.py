"""Models are pulled once, checked to the last byte, and exported as plain folders."""

import json

import pytest
import torch

from monkeycli.catalog import PUBLISHED, read_source, store_folder
from monkeycli.errors import ModelError, OutputError, UsageError
from monkeycli.hub import hash_file
from monkeycli.model.checkpoint import load_checkpoint
from monkeycli.store import check_model, export_model, pull_from, pull_model
from tests.loopback_hub import COMMIT
from tests.published_checkpoint import draw_published


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MONKEY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return draw_published(tmp_path_factory.mktemp("published") / "model")


@pytest.fixture
def hub(make_hub, published):
    return make_hub(
        PUBLISHED["monkey"].repo, {path.name: path.read_bytes() for path in published.iterdir()}
    )


def _weights(folder):
    model, _ = load_checkpoint(folder, dtype=torch.float32, device=torch.device("cpu"))
    return model.state_dict()


def _are_equal(first, second):
    return first.keys() == second.keys() and all(
        torch.equal(tensor, second[name]) for name, tensor in first.items()
    )


def _ignore(_line):
    pass


def test_pulled_model_has_the_published_weights(hub, published):
    folder = pull_model("monkey", report=_ignore)

    assert folder == store_folder("monkey")
    assert _are_equal(_weights(folder), _weights(published))


def test_pull_records_where_everything_comes_from(hub, published):
    folder = pull_model("monkey", report=_ignore)

    source = read_source(folder)
    assert (source.origin, source.commit) == (PUBLISHED["monkey"].repo, COMMIT)
    assert source.licence == PUBLISHED["monkey"].licence
    assert source.source_sha256 == {path.name: hash_file(path) for path in published.iterdir()}
    assert source.sha256 == {
        path.name: hash_file(path) for path in folder.iterdir() if path.name != "source.json"
    }


def test_pulled_model_is_named_with_its_commit(hub):
    folder = pull_model("monkey", report=_ignore)

    fields = json.loads((folder / "config.json").read_text())
    assert fields["checkpoint_name"] == f"monkey@{COMMIT[:7]}"


def test_pull_leaves_no_download_behind(hub, home):
    pull_model("monkey", report=_ignore)

    assert [path.name for path in (home / "models").iterdir()] == ["monkey"]
    assert not (home / "downloads" / "monkey").exists()


def test_second_pull_asks_nobody(hub):
    pull_model("monkey", report=_ignore)
    hub.is_down = True
    lines = []

    assert pull_model("monkey", report=lines.append) == store_folder("monkey")
    assert pull_model("monkey", is_offline=True, report=_ignore) == store_folder("monkey")
    assert "here already" in lines[0]


def test_pull_goes_on_where_an_earlier_one_broke_off(hub, published):
    size = (published / "pytorch_model.bin").stat().st_size
    hub.breaks_after["pytorch_model.bin"] = size // 2
    with pytest.raises(ModelError, match="broke off"):
        pull_model("monkey", report=_ignore)
    assert not store_folder("monkey").exists()

    hub.is_down = False
    folder = pull_model("monkey", report=_ignore)

    sent = [(start, count) for name, start, count in hub.sent if name == "pytorch_model.bin"]
    assert sent[1][0] > 0
    assert sum(sent[1]) == size
    assert _are_equal(_weights(folder), _weights(published))


def test_offline_pull_of_a_model_that_is_not_here_is_an_error(hub):
    with pytest.raises(ModelError, match="pull it without --offline"):
        pull_model("monkey", is_offline=True, report=_ignore)
    assert not hub.sent


def test_failed_conversion_leaves_the_store_as_it_was(published, tmp_path):
    pull_from("monkey", published, report=_ignore)
    before = read_source(store_folder("monkey"))
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in published.iterdir():
        (broken / path.name).write_bytes(path.read_bytes())
    (broken / "pytorch_model.bin").write_bytes(b"\x80\x04no pickle")

    with pytest.raises(ModelError):
        pull_from("monkey", broken, report=_ignore)

    assert read_source(store_folder("monkey")) == before
    assert [path.name for path in store_folder("monkey").parent.iterdir()] == ["monkey"]


def test_model_from_a_folder_replaces_the_one_before(published, tmp_path):
    pull_from("monkey", published, report=_ignore)
    other = draw_published(tmp_path / "other", seed=1, is_pickle=False)

    folder = pull_from("monkey", other, report=_ignore)

    assert _are_equal(_weights(folder), _weights(other))
    assert read_source(folder).commit is None


@pytest.mark.parametrize("name", ["marmoset", "gorilla"])
def test_only_published_models_can_be_pulled(name, published):
    with pytest.raises(UsageError, match="choose monkey or monkey-chat"):
        pull_model(name, report=_ignore)
    with pytest.raises(UsageError, match="choose monkey or monkey-chat"):
        pull_from(name, published, report=_ignore)


def test_folder_without_a_model_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="not a checkpoint"):
        pull_from("monkey", tmp_path, report=_ignore)


def test_store_that_cannot_be_written_is_an_output_error(published, home):
    home.write_text("")

    with pytest.raises(OutputError, match="cannot be written"):
        pull_from("monkey", published, report=_ignore)


def test_check_counts_tensors_and_parameters(published):
    folder = pull_from("monkey", published, report=_ignore)

    contents = check_model("monkey")

    weights = _weights(folder)
    assert contents.num_tensors == len(weights)
    assert contents.num_parameters == sum(tensor.numel() for tensor in weights.values())


def test_check_sees_a_single_changed_byte(published):
    path = pull_from("monkey", published, report=_ignore) / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)

    with pytest.raises(ModelError, match=r"model\.safetensors was changed"):
        check_model("monkey")


def test_check_sees_a_missing_file(published):
    (pull_from("monkey", published, report=_ignore) / "tokenizer.json").unlink()

    with pytest.raises(ModelError, match=r"tokenizer\.json is missing"):
        check_model("monkey")


def test_exported_folder_loads_in_transformers_and_is_the_same_model(published, tmp_path):
    from transformers import AutoModelForImageTextToText

    folder = pull_from("monkey", published, report=_ignore)

    export_model("monkey", tmp_path / "out")

    model = AutoModelForImageTextToText.from_pretrained(tmp_path / "out", dtype=torch.float32)
    assert _are_equal(model.state_dict(), _weights(folder))
    assert not (tmp_path / "out" / "source.json").exists()


def test_published_folder_is_exported_as_it_is(published, tmp_path):
    export_model(str(published), tmp_path / "out")

    assert _are_equal(_weights(tmp_path / "out"), _weights(published))


def test_export_overwrites_nothing(published, tmp_path):
    with pytest.raises(UsageError, match="exists"):
        export_model(str(published), tmp_path)
