"""Checkpoints are fetched from a hub on this machine: on request, once, whole, and no programs."""

import pytest
from monkey_describe_hf.published import SAM, find_weights, store_folder
from monkey_describe_hf.pulling import pull_generator

from monkeycli.catalog import home_folder, read_source
from monkeycli.errors import ModelError, UsageError
from tests.loopback_hub import COMMIT, LoopbackHub

REPO = "facebook/sam-vit-base"


@pytest.fixture
def hub(weights, monkeypatch):
    files = {path.name: path.read_bytes() for path in weights("sam").iterdir()}
    files |= {
        "pytorch_model.bin": b"pickle",
        "modeling_sam.py": b"raise SystemExit",
        "README.md": b"",
        "onnx/model.safetensors": b"",
    }
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 4096)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with LoopbackHub(REPO, files) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub


def pull(repo=REPO, **options):
    lines = []
    return pull_generator(repo, report=lines.append, **options), lines


def test_what_was_pulled_is_found_and_says_where_it_is_from(hub):
    folder, _ = pull()
    source = read_source(folder)

    assert folder == store_folder(REPO) == find_weights(None, SAM)
    wanted = {"config.json", "model.safetensors", "preprocessor_config.json"}
    assert {path.name for path in folder.iterdir()} == {*wanted, "source.json"}
    assert (source.origin, source.commit, source.licence) == (REPO, COMMIT, "Apache-2.0")
    assert set(source.sha256) == wanted
    assert not (home_folder() / "downloads" / REPO).exists()
    assert sorted(name for name, _, _ in hub.sent) == sorted(wanted), "each once"


def test_nothing_is_fetched_twice_nor_asked_for_offline(hub):
    pull()
    hub.is_down = True
    sent = len(hub.sent)
    folder, lines = pull()

    assert folder == store_folder(REPO)
    assert len(hub.sent) == sent
    assert f"is here already, at {COMMIT}" in lines[0]
    assert pull(revision=COMMIT)[0] == folder


def test_a_broken_download_goes_on_and_leaves_no_half_checkpoint(hub):
    hub.breaks_after["model.safetensors"] = 20_000
    with pytest.raises(ModelError, match="run the same command again"):
        pull()
    assert not store_folder(REPO).exists()
    hub.is_down = False
    hub.sent.clear()
    pull()

    assert all(start for name, start, _ in hub.sent if name == "model.safetensors")
    assert find_weights(None, SAM)


def test_another_model_is_refused_before_its_weights_are_fetched(hub):
    hub.files["config.json"] = b'{"model_type": "llama"}'

    with pytest.raises(ModelError, match=r"holds no generator.*'llama'"):
        pull()
    assert [name for name, _, _ in hub.sent] == ["config.json"]


def test_pickles_are_not_fetched(hub):
    del hub.files["model.safetensors"]

    with pytest.raises(ModelError, match="it has no weights as safetensors"):
        pull()
    assert "pytorch_model.bin" not in {name for name, _, _ in hub.sent}


@pytest.mark.parametrize("name", ["sam", "../x", "a/b/c", "https://hub/a/b"])
def test_what_is_no_repository_is_a_usage_error(name):
    with pytest.raises(UsageError, match="OWNER/NAME"):
        pull(name)
