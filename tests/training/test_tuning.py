"""Exactly what a run tunes learns, by name and by number; everything else stays as it was."""

import pytest
import torch

from monkeycli.errors import ModelError, UsageError
from monkeycli.model.checkpoint import build_on_meta
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.keys import to_published
from monkeycli.model.virtual import add_virtual_tokens
from monkeycli.training.mixture import Tuning
from monkeycli.training.presets import PRESETS
from monkeycli.training.tuning import IA3_TARGETS, LORA_TARGETS, prepare
from tests.model.drawing import CONV_LLAMA, PATCH_QWEN2, draw_model, draw_page, draw_processor

KINDS = {"conv-llama": CONV_LLAMA, "patch-qwen2": PATCH_QWEN2}
METHODS = ("full", "lora", "prompt", "prefix", "ia3")
PARTS = ("window_adapters", "resampler", "vision")
LAYERS = 2
ADAPTERS = 51_118_656
ATTENTION_OF_RESAMPLER = 76_054_528
LANGUAGE_MODEL = 7_721_324_544


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


def tune(kind, **settings):
    return prepare(draw_model(**kind), Tuning(**{"rank": 2, "virtual_tokens": 3, **settings}))


def learn(model):
    """Take one step's gradients, without dropout; give the names of the weights that have any."""
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    inputs = draw_processor(model)(images=draw_page(896, 1344), text=" total? 42")
    labels = inputs["input_ids"].clone()
    labels[:, :-3] = -100
    model(**inputs, labels=labels).loss.backward()
    return {name for name, part in model.named_parameters() if part.grad is not None}


def expected_names(model, method, *, window_adapters, resampler, vision):
    """Write down, part by part, what should learn."""
    own = {name for name, _ in draw_names(model)}
    is_adapter = {name for name in own if "_adapter." in name}
    is_vision = {name for name in own if name.startswith("model.vision.")} - is_adapter
    is_resampler = {name for name in own if name.startswith("model.resampler.")}
    is_end = {name for name in is_resampler if ".norm_out." in name or ".proj." in name}
    names = set()
    if window_adapters:
        names |= is_adapter
    if resampler:
        names |= is_resampler - is_end
    if vision:
        names |= is_vision | is_end
    layers = [f"model.language_model.layers.{n}" for n in range(LAYERS)]
    if method == "full":
        names |= own - is_adapter - is_vision - is_resampler
    elif method == "lora":
        matrices = [f"self_attn.{m}_proj" for m in "qkvo"] + ["mlp.gate_proj", "mlp.up_proj"]
        names |= {
            f"{layer}.{matrix}.lora_{half}.default.weight"
            for layer in layers
            for matrix in matrices
            for half in "AB"
        }
    elif method == "ia3":
        matrices = ("self_attn.k_proj", "self_attn.v_proj", "mlp.down_proj")
        names |= {f"{layer}.{matrix}.ia3_l.default" for layer in layers for matrix in matrices}
    else:
        names.add("model.virtual_tokens.embeddings")
    return names


def draw_names(model):
    config = type(model.config)(**{**model.config.to_dict(), "virtual_tokens": 0})
    return build_on_meta(config).named_parameters()


@pytest.mark.parametrize("chosen", [(), *((part,) for part in PARTS), PARTS], ids=str)
@pytest.mark.parametrize("method", METHODS)
def test_exactly_what_is_meant_learns(kind, method, chosen):
    parts = {part: part in chosen for part in PARTS}
    tuned = tune(kind, method=method, **parts)

    names = expected_names(tuned.model, method, **parts)
    assert tuned.trainable().keys() == names


@pytest.mark.parametrize("method, vision", [*((it, False) for it in METHODS), ("lora", True)])
def test_all_that_learns_gets_gradients_and_nothing_else_does(kind, method, vision):
    tuned = tune(kind, method=method, vision=vision)

    assert learn(tuned.model) == tuned.trainable().keys()
    at_rest = {name for name, part in tuned.trainable().items() if not part.grad.any()}
    fresh = {name for name in at_rest if ".lora_A." in name}  # while B is zero
    assert at_rest == fresh
    assert (method == "lora") == bool(fresh)


@pytest.mark.parametrize("preset", ["paper", "released"])
def test_published_presets_train_what_was_published(kind, preset):
    _, tuning = PRESETS[preset]
    names = set(prepare(draw_model(**kind), tuning).trainable())

    assert names == expected_names(
        draw_model(**kind), "full", window_adapters=True, resampler=True, vision=False
    )


@pytest.fixture(scope="module")
def full_size():
    """Give the published model without its weights."""
    text = {
        "model_type": "qwen2",
        "vocab_size": 151936,
        "hidden_size": 4096,
        "intermediate_size": 11008,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
        "tie_word_embeddings": False,
    }
    return lambda: build_on_meta(MonkeyConfig(text_config=text))


def count(weights):
    return sum(part.numel() for part in weights.values())


@pytest.mark.parametrize("preset", ["paper", "released"])
def test_published_presets_train_as_many_numbers_as_were_published(full_size, preset):
    trainable = prepare(full_size(), PRESETS[preset][1]).trainable()
    parts = {
        "adapters": {name: part for name, part in trainable.items() if "_adapter." in name},
        "resampler": {name: part for name, part in trainable.items() if ".resampler." in name},
    }

    assert count(parts["adapters"]) == ADAPTERS
    assert count(parts["resampler"]) == ATTENTION_OF_RESAMPLER
    assert count(trainable) == LANGUAGE_MODEL + ADAPTERS + ATTENTION_OF_RESAMPLER


def test_published_names_of_what_is_trained_are_those_of_the_released_script(full_size):
    """With `fix_vit`: all of `attn_pool`, all adapters, nothing else of the visual part."""
    trainable = prepare(full_size(), PRESETS["released"][1]).trainable()
    names = set(to_published(dict(trainable)))

    visual = {name for name in names if ".visual." in name}
    assert all(".attn_pool." in name or "_lora." in name for name in visual)
    assert {"transformer.visual.attn_pool.pos_embed", "transformer.visual.attn_pool.query"} < visual
    assert {"transformer.wte.weight", "lm_head.weight", "transformer.ln_f.weight"} < names


def test_lora_of_the_published_model_has_the_size_that_arithmetic_gives(full_size):
    trainable = prepare(full_size(), Tuning(method="lora", rank=16)).trainable()
    layer = 16 * (4 * (4096 + 4096) + 2 * (4096 + 11008))

    assert count(trainable) == 32 * layer + ADAPTERS + ATTENTION_OF_RESAMPLER


@pytest.mark.parametrize("method", METHODS)
def test_fresh_tuning_says_what_the_model_said(kind, method):
    """LoRA and IA3 change nothing before they learn; a model in evaluation mode stays in it."""
    model = draw_model(**kind)
    inputs = draw_processor(model)(images=draw_page(448, 896), text=" total?")
    with torch.inference_mode():
        before = model(**inputs).logits

    tuned = prepare(model, Tuning(method=method))

    assert not any(module.training for module in tuned.model.modules())
    if method in ("full", "lora", "ia3"):
        with torch.inference_mode():
            torch.testing.assert_close(tuned.model(**inputs).logits, before, atol=1e-5, rtol=1e-5)


def test_what_learns_is_held_in_float32_and_the_rest_stays(kind):
    tuned = prepare(draw_model(**kind).to(torch.bfloat16), Tuning(rank=2))

    assert {part.dtype for part in tuned.trainable().values()} == {torch.float32}
    frozen = [part for part in tuned.model.parameters() if not part.requires_grad]
    assert {part.dtype for part in frozen} == {torch.bfloat16}


@pytest.mark.parametrize("method, autocast", [*((it, False) for it in METHODS), ("lora", True)])
def test_half_precision_models_learn(kind, method, autocast):
    tuned = prepare(draw_model(**kind).to(torch.bfloat16), Tuning(method=method, rank=2))

    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        names = learn(tuned.model)

    assert names == tuned.trainable().keys()


def test_long_prompts_scale_the_queries_of_adapters_too():
    """The rule is Qwen-1's: it is for what a projection gives, LoRA included."""
    model = draw_model(**PATCH_QWEN2, train_length=16)
    inputs = draw_processor(model)(images=draw_page(448, 896), text=" x" * 20)
    tuned = prepare(model, Tuning(rank=2))
    attention = model.model.language_model.layers[0].self_attn
    with torch.no_grad():
        attention.q_proj.lora_B["default"].weight.normal_(std=0.2)
        found = model(**inputs).logits
        matrix = attention.q_proj.get_base_layer().weight
        matrix += attention.q_proj.get_delta_weight("default")
        attention.q_proj.lora_B["default"].weight.zero_()

        torch.testing.assert_close(model(**inputs).logits, found, atol=1e-4, rtol=1e-4)
    assert tuned.peft_config is not None


def test_settings_reach_peft():
    config = tune(CONV_LLAMA, method="lora", rank=3, alpha=7, dropout=0.25).peft_config

    assert (config.r, config.lora_alpha, config.lora_dropout) == (3, 7, 0.25)
    assert set(config.target_modules) == set(LORA_TARGETS)
    assert set(tune(CONV_LLAMA, method="ia3").peft_config.target_modules) == set(IA3_TARGETS)


def test_virtual_tokens_stand_in_the_configuration():
    model = tune(CONV_LLAMA, method="prefix", virtual_tokens=5).model

    assert (model.config.virtual_kind, model.config.virtual_tokens) == ("prefix", 5)


def test_model_without_window_adapters_has_none_to_tune():
    vision = {**CONV_LLAMA.get("vision_config", {}), **PATCH_QWEN2["vision_config"]}
    kind = {**PATCH_QWEN2, "vision_config": {**vision, "num_adapters": 0}}

    with pytest.raises(UsageError, match=r"no window adapters.*tune\.window_adapters"):
        tune(kind, window_adapters=True)
    assert tune(kind).trainable().keys() == tune(kind, window_adapters=False).trainable().keys()


@pytest.mark.parametrize("method", ["prompt", "prefix"])
def test_second_virtual_tokens_are_refused(method):
    model = draw_model()
    add_virtual_tokens(model.model, "prompt", 2)

    with pytest.raises(UsageError, match="virtual tokens already"):
        prepare(model, Tuning(method=method))


def test_virtual_tokens_of_the_model_stay_as_they_are_by_another_method():
    model = draw_model()
    add_virtual_tokens(model.model, "prompt", 2)

    assert "model.virtual_tokens.embeddings" not in prepare(model, Tuning(rank=2)).trainable()


def test_decoder_with_other_names_is_a_model_error(monkeypatch):
    monkeypatch.setattr("monkeycli.training.tuning.LORA_TARGETS", ["c_attn"])

    with pytest.raises(ModelError, match=r"small@1\.0 cannot be tuned by lora: .*c_attn"):
        tune(CONV_LLAMA)
