"""A model with an adapter merged gives what the model gave that learnt it."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from monkeycli.errors import ModelError
from monkeycli.model.adapter_files import Base
from monkeycli.model.adapter_merge import load_adapter
from monkeycli.model.checkpoint import load_checkpoint
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.adapter_files import save_adapter
from tests.drawn_adapter import draw_run
from tests.model.drawing import draw_page
from tests.small_checkpoint import draw_small

METHODS = ("full", "lora", "ia3", "prompt", "prefix")
CLOSE = {"atol": 1e-4, "rtol": 1e-4}


@pytest.fixture(scope="module")
def checkpoint(kind, tmp_path_factory):
    """Write a checkpoint of either kind; its biases are drawn too, where it has any."""
    return draw_small(tmp_path_factory.mktemp("base") / "model", **kind)


def load(checkpoint, dtype=torch.float32):
    return load_checkpoint(checkpoint, dtype=dtype, device=torch.device("cpu"))[0]


def logits(model, processor, text=" total? 42"):
    inputs = processor(images=draw_page(448, 896), text=text)
    with torch.inference_mode():
        return model(**inputs).logits


@pytest.mark.parametrize("vision", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_merged_logits_are_those_of_the_model_that_learnt(
    method, vision, checkpoint, processor, tmp_path
):
    tuned = draw_run(tmp_path, checkpoint, method, vision=vision)
    model = load(checkpoint)
    before = logits(model, processor)

    load_adapter(model, tmp_path / "adapter", Base.of(str(checkpoint)))

    learnt = logits(tuned.model, processor)
    assert (learnt - before).abs().max() > 0.1
    torch.testing.assert_close(logits(model, processor), learnt, **CLOSE)


def test_scaled_outputs_scale_their_bias(checkpoint, processor, tmp_path):
    tuned = draw_run(tmp_path, checkpoint, "ia3", window_adapters=False, resampler=False)
    model = load(checkpoint)
    for network in (tuned.model, model):
        for name, part in network.named_parameters():
            if name.endswith(("_proj.bias", "base_layer.bias")):
                torch.nn.init.constant_(part, 0.5)

    load_adapter(model, tmp_path / "adapter", Base.of(str(checkpoint)))

    torch.testing.assert_close(logits(model, processor), logits(tuned.model, processor), **CLOSE)


def test_model_keeps_its_dtype(checkpoint, tmp_path):
    draw_run(tmp_path, checkpoint, "lora")
    model = load(checkpoint, torch.bfloat16)

    load_adapter(model, tmp_path / "adapter", Base.of(str(checkpoint)))

    assert {part.dtype for part in model.parameters()} == {torch.bfloat16}


def test_words_that_a_run_learnt_by_are_those_it_is_asked_with(checkpoint, tmp_path):
    tuned = draw_run(tmp_path, checkpoint, "lora")
    tuned.model.config.prompts = {**tuned.model.config.prompts, "ask": "\nQ: {question}\n"}
    base = Base.of(str(checkpoint))
    save_adapter(tuned, tmp_path / "adapter", base)
    model, processor = load_checkpoint(checkpoint, dtype=torch.float32, device=torch.device("cpu"))

    load_adapter(model, tmp_path / "adapter", base)

    assert MonkeyProcessor(processor.tokenizer, model.config).prompts.ask == "\nQ: {question}\n"


# Whatever does not fit is named


@pytest.fixture
def lora(small_folder, tmp_path):
    """Write an adapter that may be broken; give its folder and its base."""
    draw_run(tmp_path / "run", small_folder, "lora")
    return tmp_path / "run" / "adapter", Base.of(str(small_folder))


def rewrite(path, change):
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def refuse(small_folder, lora, *words):
    folder, base = lora
    with pytest.raises(ModelError) as error:
        load_adapter(load(small_folder), folder, base)
    for word in words:
        assert word in str(error.value)


FIRST = "base_model.model.layers.0.self_attn.q_proj"


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda t: t.update({f"{FIRST}.lora_A.weight": torch.ones(2, 7)}),
         ["layers.0.self_attn.q_proj.lora_A.weight has shape (2, 7), not (2, 32)"]),
        (lambda t: t.update({f"{FIRST}.lora_B.weight": torch.ones(32, 3)}),
         ["layers.0.self_attn.q_proj.lora_B.weight has shape (32, 3), not (32, 2)"]),
        (lambda t: t.pop(f"{FIRST}.lora_B.weight"), ["layers.0.self_attn.q_proj has .lora_A"]),
        (lambda t: t.update({"base_model.model.head.lora_A.weight": torch.ones(2, 7)}),
         ["head is no matrix of the language model"]),
        (lambda t: t.update({f"{FIRST}.lora_magnitude_vector": torch.ones(2)}),
         ["lora_magnitude_vector is nothing that monkey train writes"]),
    ],
    ids=["A", "B", "half", "place", "kind"],
)  # fmt: skip
def test_language_part_that_does_not_fit_names_the_tensor(small_folder, lora, change, words):
    rewrite(lora[0] / "adapter_model.safetensors", change)

    refuse(small_folder, lora, "adapter_model.safetensors", *words)


@pytest.mark.parametrize(
    "key, tensor, words",
    [
        ("model.resampler.queries", torch.ones(3, 32), "has shape (3, 32), not (4, 32)"),
        ("model.resampler.extra", torch.ones(1), "has no place in the model"),
    ],
)
def test_own_weight_that_does_not_fit_is_named(small_folder, lora, key, tensor, words):
    rewrite(lora[0] / "resampler.safetensors", lambda tensors: tensors.update({key: tensor}))

    refuse(small_folder, lora, "resampler.safetensors", key, words)


@pytest.mark.parametrize(
    "fields", [{"use_dora": True}, {"bias": "all"}, {"peft_type": "IA3"}], ids=str
)
def test_settings_that_compute_something_else_are_refused(small_folder, lora, fields):
    path = lora[0] / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))

    refuse(small_folder, lora, "adapter_config.json", "'lora'")


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_broken_settings_are_named(small_folder, lora, text):
    (lora[0] / "adapter_config.json").write_text(text)

    refuse(small_folder, lora, "adapter_config.json is missing or broken")


def test_adapter_of_another_checkpoint_is_refused(small_folder, lora, tmp_path):
    other = draw_small(tmp_path / "other", seed=1, checkpoint_name="other@2.0")

    refuse(small_folder, (lora[0], Base.of(str(other))), "small@1.0", "other@2.0")


def test_virtual_tokens_of_another_width_are_named(small_folder, tmp_path):
    draw_run(tmp_path, small_folder, "prompt")
    adapter = (tmp_path / "adapter", Base.of(str(small_folder)))
    path = adapter[0] / "adapter_model.safetensors"
    save_file({"prompt_embeddings": torch.ones(3, 9)}, path)
    refuse(small_folder, adapter, "prompt_embeddings has shape (3, 9), not (3, 32)")

    save_file({"more": torch.ones(1), "prompt_embeddings": torch.ones(3, 32)}, path)
    refuse(small_folder, adapter, "holds more, prompt_embeddings")


def test_second_virtual_tokens_are_refused(tmp_path):
    base = draw_small(tmp_path / "base", virtual_tokens=2)
    plain = draw_small(tmp_path / "plain")
    draw_run(tmp_path / "run", plain, "prompt")
    model = load(base)

    with pytest.raises(ModelError, match="virtual tokens already"):
        load_adapter(model, tmp_path / "run" / "adapter", Base.of(str(plain)))
