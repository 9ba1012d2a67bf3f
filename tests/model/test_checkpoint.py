"""A checkpoint loads as it was saved, and a broken one says what is broken."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText

from monkeycli.errors import ModelError
from monkeycli.model.checkpoint import (
    build_model,
    build_on_meta,
    compare_weights,
    convert_published,
    fingerprint,
    load_checkpoint,
    load_config,
    save_checkpoint,
)
from monkeycli.model.keys import to_published
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.packed import pack_8bit
from tests.model.drawing import draw_page
from tests.published_checkpoint import draw_published

CPU = torch.device("cpu")
NORM = "model.language_model.norm.weight"
MATRIX = "model.language_model.layers.0.mlp.up_proj.weight"


@pytest.fixture
def ours(model, processor, tmp_path):
    save_checkpoint(model, processor, tmp_path / "ours")
    return tmp_path / "ours"


@pytest.fixture
def published(tmp_path):
    return draw_published(tmp_path / "published", is_pickle=False)


def _load(folder, dtype=torch.float32):
    return load_checkpoint(folder, dtype=dtype, device=CPU)


def _rewrite(folder, change):
    (path,) = folder.glob("*.safetensors")
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})


def _set_field(folder, name, value, *, part=None):
    path = folder / "config.json"
    fields = json.loads(path.read_text())
    (fields[part] if part else fields)[name] = value
    path.write_text(json.dumps(fields))


def _inputs(processor):
    return processor(images=draw_page(450, 900), text=" total?")


@pytest.mark.parametrize(
    "load", [_load, MonkeyForConditionalGeneration, AutoModelForImageTextToText]
)
def test_saved_model_gives_the_same_logits(model, processor, ours, load):
    if load is _load:
        loaded, processor = load(ours)
    else:
        loaded = load.from_pretrained(ours, local_files_only=True).eval()
    inputs = _inputs(processor)

    with torch.inference_mode():
        torch.testing.assert_close(loaded(**inputs).logits, model(**inputs).logits)
    assert not loaded.training
    assert loaded.generation_config.eos_token_id == model.config.text_config.eos_token_id


def test_every_weight_comes_back(model, ours):
    loaded = _load(ours)[0].state_dict()

    assert loaded.keys() == model.state_dict().keys()
    assert all(torch.equal(loaded[name], part) for name, part in model.state_dict().items())


def test_weights_are_held_as_asked(ours):
    loaded, _ = _load(ours, torch.bfloat16)

    assert {part.dtype for part in loaded.parameters()} == {torch.bfloat16}


def test_loading_says_nothing_on_the_terminal(ours, capfd):
    _load(ours)

    assert capfd.readouterr() == ("", "")


def test_packed_weights_and_language_adapters_are_undone(model, ours):
    matrix, generator = model.state_dict()[MATRIX], torch.Generator().manual_seed(0)
    rows, columns = matrix.shape
    down, up = (torch.randn(s, generator=generator) for s in ((2, columns), (rows, 2)))

    def change(weights):
        if columns % 32 == 0:
            weights |= pack_8bit(MATRIX, weights.pop(MATRIX))
        weights |= {f"{MATRIX[:-7]}.lora_A.weight": down, f"{MATRIX[:-7]}.lora_B.weight": up}

    _rewrite(ours, change)
    loaded = _load(ours)[0].state_dict()[MATRIX]

    torch.testing.assert_close(loaded, matrix + up @ down, atol=0.05, rtol=0)


@pytest.mark.parametrize(
    "change, complaint",
    [
        (lambda weights: weights.pop(NORM), f"missing: {NORM}"),
        (lambda weights: weights.update(extra=torch.ones(1)), "left over: extra"),
        (
            lambda weights: weights.update({NORM: torch.ones(3)}),
            rf"another shape: {NORM} \(3,\) instead",
        ),
        (lambda weights: weights.update({f"{NORM}.q8": torch.ones(2, 2)}), f"{NORM}"),
        (lambda weights: weights.update({"x.lora_A.weight": torch.ones(1)}), "adapter x lacks"),
        (lambda weights: weights.clear(), "holds no safetensors"),
    ],
    ids=["missing", "left over", "shape", "half packed", "half adapter", "empty"],
)
def test_weights_that_do_not_fit_are_named(ours, change, complaint):
    _rewrite(ours, change)

    with pytest.raises(ModelError, match=complaint):
        _load(ours)


def test_only_three_of_many_names_are_told(model):
    with pytest.raises(ModelError, match=r"left over: 0, 1, 2 and 7 more; pull or export"):
        compare_weights(model, model.state_dict() | {str(n): torch.ones(1) for n in range(10)})


def test_configuration_of_another_size_takes_no_memory(ours):
    """A billion billion numbers would not fit; the weights are compared first."""
    _set_field(ours, "vocab_size", 10**14, part="text_config")

    with pytest.raises(ModelError, match="of another shape"):
        _load(ours)


@pytest.mark.parametrize(
    "field, value, part",
    [
        ("model_type", "llama", None),
        ("hidden_size", 24, "resampler_config"),
        ("hidden_size", "wide", "vision_config"),
        ("num_attention_heads", 3, "vision_config"),
        ("num_attention_heads", 0, "resampler_config"),
        ("stem", "other", "vision_config"),
        ("patch_size", 0, "vision_config"),
        ("model_type", "nothing", "text_config"),
        ("model_type", None, "text_config"),
        ("text_config", 3, None),
        ("prompts", {"unknown": "x"}, None),
        ("prompts", 3, None),
        ("vision_config", [], None),
    ],
)
@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_configuration_that_cannot_be_is_a_model_error(ours, field, value, part):
    _set_field(ours, field, value, part=part)

    with pytest.raises(ModelError, match="ours"):
        _load(ours)


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"{", b"\xff"])
def test_broken_tokenizer_is_a_model_error_or_no_matter(ours, name, content):
    (ours / name).write_bytes(content)

    try:
        outcome = _load(ours)[1].encode("abc")
    except ModelError as error:
        outcome = str(error)

    assert "tokenizer is broken" in outcome or len(outcome) == 3


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_missing_file_is_a_model_error(ours, name):
    (ours / name).unlink()

    with pytest.raises(ModelError, match="ours"):
        _load(ours)


@pytest.mark.parametrize("name", ["config.json", "qwen.tiktoken", "model.safetensors"])
def test_missing_file_of_the_published_layout_is_a_model_error(published, name):
    (published / name).unlink()

    with pytest.raises(ModelError, match="published"):
        _load(published)


@pytest.mark.parametrize(
    "change, complaint",
    [
        (lambda weights: weights.pop("transformer.ln_f.weight"), r"missing: .*norm\.weight"),
        (lambda weights: weights.update(extra=torch.ones(1)), "'extra' is not one of"),
        (lambda weights: weights.clear(), "holds no safetensors"),
    ],
    ids=["missing", "left over", "empty"],
)
def test_published_weights_that_do_not_fit_are_named(published, change, complaint):
    _rewrite(published, change)

    with pytest.raises(ModelError, match=complaint):
        _load(published)


@pytest.mark.parametrize("is_pickle", [True, False])
def test_published_checkpoint_converts_to_what_it_loads_as(tmp_path, is_pickle):
    source = draw_published(tmp_path / "source", is_pickle=is_pickle)
    convert_published(source, tmp_path / "target", name="Monkey-Chat@1")
    converted, in_memory = (_load(tmp_path / name) for name in ("target", "source"))

    weights = converted[0].state_dict()
    assert all(torch.equal(weights[name], part) for name, part in in_memory[0].state_dict().items())
    assert converted[1].encode("a <img> b") == in_memory[1].encode("a <img> b")
    assert converted[1].prompts.caption.endswith("Answer: ")
    assert {path.suffix for path in (tmp_path / "target").iterdir()} == {".json", ".safetensors"}


def test_converted_weights_keep_their_dtype(tmp_path, published):
    def halve(weights):
        weights |= {name: part.bfloat16() for name, part in weights.items()}

    _rewrite(published, halve)
    convert_published(published, tmp_path / "target", name="x")
    stored = load_file(tmp_path / "target" / "model.safetensors")

    assert {part.dtype for part in stored.values()} == {torch.bfloat16}
    assert to_published(stored).keys() == load_file(published / "model.safetensors").keys()


def test_only_the_published_layout_is_converted(ours, tmp_path):
    with pytest.raises(ModelError, match="not in the published layout"):
        convert_published(ours, tmp_path / "target", name="x")


def test_nothing_is_converted_over_something(published, ours):
    with pytest.raises(ModelError, match="ours is there already"):
        convert_published(published, ours, name="x")


def test_configuration_is_read_without_weights(model, ours, published):
    for path in ours.glob("*.safetensors"):
        path.unlink()

    assert load_config(ours).vision_config.stem == model.config.vision_config.stem
    assert load_config(published).vision_config.num_adapters == 4
    assert load_config(published).checkpoint_name == "published"


@pytest.mark.parametrize("field, value", [("text_config", 3), ("model_type", "llama")])
def test_broken_configuration_is_a_model_error(ours, field, value):
    _set_field(ours, field, value)

    with pytest.raises(ModelError, match="ours"):
        load_config(ours)


def test_records_name_a_checkpoint_by_its_own_name_or_by_its_content(ours):
    config = load_config(ours)
    assert fingerprint(ours, config) == "small@1.0"

    config.checkpoint_name = None
    by_content = fingerprint(ours, config)
    assert by_content.startswith("ours@")
    _rewrite(ours, lambda weights: weights[NORM].add_(1))
    assert fingerprint(ours, config) != by_content


def test_built_model_is_on_the_device_and_ready(model):
    built = build_model(model.config, model.state_dict(), dtype=torch.float32, device=CPU)

    assert {part.device for part in built.parameters()} == {CPU}
    assert not any(module.training for module in built.modules())


def test_model_on_meta_has_every_weight(model):
    on_meta = build_on_meta(model.config)

    compare_weights(on_meta, model.state_dict())
    assert {part.device.type for part in on_meta.parameters()} == {"meta"}
