"""An adapter folder says what it is and whose; whatever is wrong with it is named."""

import json

import pytest

from monkeycli.errors import ModelError
from monkeycli.model.adapter_files import Base, name_adapter, read_info, read_tensors
from monkeycli.model.config import MonkeyConfig
from tests.drawn_adapter import draw_run
from tests.small_checkpoint import draw_small


@pytest.fixture(scope="module")
def written(small_folder, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "invoices"
    draw_run(run, small_folder, "lora")
    return run / "adapter"


@pytest.fixture
def adapter(written, tmp_path):
    """Give a copy that may be broken."""
    folder = tmp_path / "invoices" / "adapter"
    folder.mkdir(parents=True)
    for path in written.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_base_is_the_checkpoint_by_name_and_content(small_folder):
    base = Base.of(str(small_folder))

    assert (base.model, base.name) == (str(small_folder), "small@1.0")
    assert len(base.digest) == 8


def test_base_in_a_folder_is_found_from_anywhere(small_folder, monkeypatch):
    monkeypatch.chdir(small_folder.parent)

    assert Base.of(small_folder.name) == Base.of(str(small_folder))


def test_base_under_another_name_is_the_same(small_folder, tmp_path):
    (tmp_path / "copy").mkdir()
    for path in small_folder.iterdir():
        (tmp_path / "copy" / path.name).write_bytes(path.read_bytes())

    Base.of(str(tmp_path / "copy")).check(Base.of(str(small_folder)), tmp_path)


def test_another_base_is_an_error_that_names_both(written, tmp_path):
    other = Base.of(str(draw_small(tmp_path / "other", seed=1, checkpoint_name="other@2.0")))
    own = read_info(written).base

    with pytest.raises(ModelError) as error:
        other.check(own, written)

    for part in (str(written), "small@1.0", own.digest, "other@2.0", other.digest):
        assert part in error.value.message
    assert error.value.hint == f"use --model {own.model}"


def test_information_says_method_files_and_how_the_model_is_asked(written):
    info = read_info(written)

    assert info.method == "lora"
    assert set(info.files) == {path.name for path in written.glob("*.safetensors")}
    assert info.config["prompts"]["ask"].startswith("\n{question}")


def test_configuration_is_asked_as_the_run_learnt(written):
    config = MonkeyConfig()

    read_info(written).configure(config)

    assert config.no_answer == "not on this page"
    assert config.max_evidence_tokens == 200


def test_name_is_the_run_s_and_changes_with_a_byte(adapter, written):
    name = name_adapter(adapter)
    assert name == name_adapter(written)
    assert name.startswith("invoices@")

    path = adapter / "resampler.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)

    assert name_adapter(adapter) != name


def test_name_of_an_adapter_that_is_not_whole_is_an_error(adapter):
    (adapter / "adapter_config.json").unlink()

    with pytest.raises(ModelError, match=r"it has no adapter_config\.json"):
        name_adapter(adapter)


def test_folder_without_an_adapter_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="holds no adapter"):
        read_info(tmp_path)


@pytest.mark.parametrize(
    "fields",
    [{"base": None}, {"files": None}, {"more": 1}, {"base": {"name": "small"}}],
    ids=str,
)
def test_broken_information_is_an_error_that_names_the_file(adapter, fields):
    path = adapter / "adapter.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))

    with pytest.raises(ModelError, match=r"adapter\.json is broken"):
        read_info(adapter)


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", "{"])
def test_information_that_is_none_is_an_error(adapter, text):
    (adapter / "adapter.json").write_text(text)

    with pytest.raises(ModelError, match=r"adapter\.json is broken"):
        read_info(adapter)


def test_information_of_a_later_version_is_an_error(adapter):
    path = adapter / "adapter.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 2}))

    with pytest.raises(ModelError, match="version 2"):
        read_info(adapter)


def test_missing_and_cut_files_are_errors_that_name_them(adapter):
    path = adapter / "resampler.safetensors"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(ModelError, match=r"resampler\.safetensors is broken"):
        read_tensors(adapter, path.name)

    path.unlink()
    with pytest.raises(ModelError, match=r"it has no resampler\.safetensors"):
        read_tensors(adapter, path.name)
