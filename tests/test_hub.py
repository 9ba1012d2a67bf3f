"""What is fetched is complete and undamaged, and nothing is fetched twice."""

import os
import random
import subprocess
import sys
import time

import pytest

from monkeycli import hub as hub_module
from monkeycli.errors import ModelError, OutputError
from monkeycli.hub import Selection, choose_files, fetch_checkpoint
from tests.loopback_hub import COMMIT

REPO = "somebody/Monkey"
FILES = {
    "config.json": b'{"model_type": "monkey"}',
    "qwen.tiktoken": b"IQ== 0\n",
    "pytorch_model.bin": random.Random(0).randbytes(100_000),
    "modeling_monkey.py": b"raise SystemExit",
    "__pycache__/config.json": b"{}",
}


@pytest.fixture
def hub(make_hub):
    return make_hub(REPO, dict(FILES))


def _fetch(downloads, **options):
    lines = []
    return fetch_checkpoint(REPO, None, downloads, report=lines.append, **options), lines


def test_only_what_a_conversion_needs_is_fetched(hub, tmp_path):
    fetched, _ = _fetch(tmp_path)

    wanted = ["config.json", "pytorch_model.bin", "qwen.tiktoken"]
    assert fetched.commit == COMMIT
    assert fetched.folder == tmp_path / COMMIT
    assert sorted(path.name for path in fetched.folder.iterdir()) == wanted
    assert all((fetched.folder / name).read_bytes() == FILES[name] for name in wanted)
    assert sorted(name for name, _, _ in hub.sent) == wanted


def test_pickle_is_left_where_there_are_safetensors():
    assert choose_files(["pytorch_model.bin", "model.safetensors"]) == ["model.safetensors"]


def test_another_selection_takes_other_files_and_never_a_pickle(hub, tmp_path):
    hub.files |= {"model.safetensors": b"weights", "tokenizer.json": b"{}"}
    wanted = Selection("generator", ("*.json", "*.safetensors"), ("config.json",))
    fetched, _ = _fetch(tmp_path, selection=wanted)

    names = {"config.json", "model.safetensors", "tokenizer.json"}
    assert {path.name for path in fetched.folder.iterdir()} == names

    del hub.files["model.safetensors"]
    with pytest.raises(ModelError, match="no generator: it has no weights as safetensors"):
        _fetch(tmp_path, selection=wanted)


@pytest.mark.parametrize("name", ["../config.json", "a\\config.json", "/config.json"])
def test_names_that_lead_elsewhere_are_not_chosen(name):
    assert choose_files([name]) == []


def test_broken_download_goes_on_where_it_stopped(hub, tmp_path):
    hub.breaks_after["pytorch_model.bin"] = 60_000
    with pytest.raises(ModelError, match=r"broke off.*run the same command again"):
        _fetch(tmp_path)
    kept = (tmp_path / COMMIT / "pytorch_model.bin.partial").stat().st_size
    assert 0 < kept <= 60_000

    hub.is_down = False
    hub.sent.clear()
    fetched, lines = _fetch(tmp_path)

    assert (fetched.folder / "pytorch_model.bin").read_bytes() == FILES["pytorch_model.bin"]
    assert ("pytorch_model.bin", kept, 100_000 - kept) in hub.sent
    assert "config.json" not in {name for name, _, _ in hub.sent}
    assert any("here already" in line for line in lines)


def test_killed_download_goes_on_where_it_stopped(make_hub, tmp_path):
    data = random.Random(1).randbytes(24_000_000)
    hub = make_hub(REPO, FILES | {"pytorch_model.bin": data})
    hub.stalls_after["pytorch_model.bin"] = 15_000_000
    program = (
        "import sys, pathlib; from monkeycli.hub import fetch_checkpoint\n"
        f"fetch_checkpoint({REPO!r}, None, pathlib.Path(sys.argv[1]), report=print)"
    )
    partial = tmp_path / COMMIT / "pytorch_model.bin.partial"
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "HF_HUB_OFFLINE": "0"}
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], env=environ) as process:
        deadline = time.monotonic() + 60
        while not (partial.exists() and partial.stat().st_size >= 5_000_000):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
    kept = partial.stat().st_size

    fetched, _ = _fetch(tmp_path)

    assert (fetched.folder / "pytorch_model.bin").read_bytes() == data
    assert ("pytorch_model.bin", kept, len(data) - kept) in hub.sent


@pytest.mark.parametrize("name", ["pytorch_model.bin", "qwen.tiktoken"])
def test_damaged_file_is_refused_and_removed(hub, tmp_path, name):
    hub.damaged.add(name)
    with pytest.raises(ModelError, match="came damaged"):
        _fetch(tmp_path)
    assert not list((tmp_path / COMMIT).glob(f"{name}*"))

    hub.damaged.clear()
    fetched, _ = _fetch(tmp_path)

    assert (fetched.folder / name).read_bytes() == FILES[name]


def test_partial_file_that_is_too_long_is_begun_again(hub, tmp_path):
    (tmp_path / COMMIT).mkdir()
    (tmp_path / COMMIT / "config.json.partial").write_bytes(bytes(1000))

    fetched, _ = _fetch(tmp_path)

    assert (fetched.folder / "config.json").read_bytes() == FILES["config.json"]


def test_missing_repository_is_named(make_hub, tmp_path):
    make_hub("somebody/else", {})

    with pytest.raises(ModelError, match=f"no repository {REPO}"):
        _fetch(tmp_path)


def test_missing_revision_is_named(hub, tmp_path):
    with pytest.raises(ModelError, match="no revision 'v9'"):
        fetch_checkpoint(REPO, "v9", tmp_path, report=print)


@pytest.mark.parametrize("lacking", ["config.json", "qwen.tiktoken", "pytorch_model.bin"])
def test_repository_of_something_else_is_refused_before_anything_is_fetched(
    make_hub, tmp_path, lacking
):
    hub = make_hub(REPO, {name: data for name, data in FILES.items() if name != lacking})

    with pytest.raises(ModelError, match="no published Monkey"):
        _fetch(tmp_path)
    assert not hub.sent


def test_hub_that_is_down_is_an_error(hub, tmp_path):
    hub.is_down = True

    with pytest.raises(ModelError, match="cannot be fetched"):
        _fetch(tmp_path)


def test_offline_is_an_error_that_says_so(hub, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(ModelError, match="offline"):
        _fetch(tmp_path)


def test_small_disk_is_noticed_before_anything_is_fetched(hub, tmp_path, monkeypatch):
    usage = hub_module.shutil.disk_usage(tmp_path)._replace(free=150_000)
    monkeypatch.setattr(hub_module.shutil, "disk_usage", lambda _path: usage)

    with pytest.raises(OutputError, match=r"150\.0 kB free; 200\.1 kB are needed"):
        _fetch(tmp_path)
    assert not hub.sent


def test_folder_that_cannot_be_made_is_an_output_error(hub, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="cannot be written"):
        _fetch(tmp_path / "file")
