"""Models are pulled once, checked to the last byte, and exported as plain folders."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from monkeycli.catalog import PUBLISHED, read_source, store_folder
from monkeycli.errors import ModelError, OutputError, UsageError
from monkeycli.hub import hash_file
from monkeycli.model.checkpoint import load_checkpoint
from monkeycli.store import (
    check_adapter,
    check_model,
    export_adapter,
    export_model,
    pull_from,
    pull_model,
)
from tests.drawn_adapter import draw_run
from tests.loopback_hub import COMMIT
from tests.model.drawing import draw_page
from tests.published_checkpoint import draw_published
from tests.small_checkpoint import draw_small
from tests.small_disk import small_disk


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


# What a run learnt, merged into its base

METHODS = ("full", "lora", "ia3", "prompt", "prefix")


def _logits(model, processor):
    inputs = processor(images=draw_page(448, 896), text=" total? 42")
    with torch.inference_mode():
        return model(**inputs).logits


@pytest.mark.parametrize("method", METHODS)
def test_merged_folder_loads_in_transformers_and_says_what_the_run_s_model_said(
    method, small_folder, tmp_path
):
    from transformers import AutoModelForImageTextToText, AutoProcessor

    tuned = draw_run(tmp_path / "invoices", small_folder, method)

    export_adapter(str(tmp_path / "invoices"), tmp_path / "out")

    model = AutoModelForImageTextToText.from_pretrained(tmp_path / "out").eval()
    processor = AutoProcessor.from_pretrained(tmp_path / "out")
    learnt = _logits(tuned.model, processor)
    torch.testing.assert_close(_logits(model, processor), learnt, atol=1e-4, rtol=1e-4)
    assert model.config.checkpoint_name == "invoices"
    assert model.config.licence == tuned.model.config.licence == "none needed"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_merged_model_keeps_the_dtype_its_base_is_stored_in(small_folder, tmp_path):
    model, processor = load_checkpoint(
        small_folder, dtype=torch.bfloat16, device=torch.device("cpu")
    )
    for part in (model, processor):
        part.save_pretrained(tmp_path / "base")
    model.save_pretrained(tmp_path / "base")
    draw_run(tmp_path / "run", tmp_path / "base", "lora")

    export_adapter(str(tmp_path / "run"), tmp_path / "out")

    weights = load_file(tmp_path / "out" / "model.safetensors")
    assert {part.dtype for part in weights.values()} == {torch.bfloat16}


def test_merge_overwrites_only_what_it_was_told_to(small_folder, tmp_path):
    draw_run(tmp_path / "run", small_folder, "ia3")
    export_adapter(str(tmp_path / "run"), tmp_path / "out")
    (tmp_path / "out" / "left").write_text("")

    with pytest.raises(UsageError, match="exists"):
        export_adapter(str(tmp_path / "run"), tmp_path / "out")
    assert (tmp_path / "out" / "left").exists()

    export_adapter(str(tmp_path / "run"), tmp_path / "out", is_replacing=True)
    assert not (tmp_path / "out" / "left").exists()


def test_merge_onto_a_full_disk_leaves_nothing_and_says_where(small_folder, tmp_path):
    draw_run(tmp_path / "run", small_folder, "lora")

    with small_disk(20_000), pytest.raises(OutputError, match=r"/out cannot be written: "):
        export_adapter(str(tmp_path / "run"), tmp_path / "out")

    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_merge_without_its_base_is_an_error(tmp_path):
    base = draw_small(tmp_path / "base")
    draw_run(tmp_path / "run", base, "lora")
    base.rename(tmp_path / "moved")

    with pytest.raises(UsageError, match="base' is neither"):
        export_adapter(str(tmp_path / "run"), tmp_path / "out")


def test_merge_into_a_base_that_was_changed_is_an_error_that_names_both(tmp_path):
    base = draw_small(tmp_path / "base")
    draw_run(tmp_path / "run", base, "lora")
    draw_small(base, seed=1)

    with pytest.raises(ModelError, match=r"belongs to small@1\.0 .*not to small@1\.0"):
        export_adapter(str(tmp_path / "run"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("method", METHODS)
def test_check_counts_what_an_adapter_holds(method, small_folder, tmp_path):
    tuned = draw_run(tmp_path, small_folder, method)

    contents, base = check_adapter(str(tmp_path))

    learnt = tuned.trainable().values()
    assert contents.num_tensors == len(learnt)
    assert contents.num_parameters == sum(part.numel() for part in learnt)
    assert base.name == "small@1.0"


def test_check_sees_an_adapter_that_does_not_fit(small_folder, tmp_path):
    draw_run(tmp_path, small_folder, "lora")
    path = tmp_path / "adapter" / "resampler.safetensors"
    save_file({"model.resampler.queries": torch.ones(3, 32)}, path)

    with pytest.raises(ModelError, match=r"model\.resampler\.queries has shape \(3, 32\)"):
        check_adapter(str(tmp_path))
