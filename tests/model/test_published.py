"""The published configuration gives the published model, to the last tensor."""

import copy

import pytest
import torch

from monkeycli.errors import ModelError
from monkeycli.grid import GridRule, WindowGrid
from monkeycli.model.checkpoint import build_on_meta
from monkeycli.model.keys import to_published
from monkeycli.model.published import config_from_published

FIELDS = {
    "model_type": "monkey",
    "vocab_size": 151936,
    "hidden_size": 4096,
    "intermediate_size": 22016,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "max_position_embeddings": 8192,
    "seq_length": 2048,
    "layer_norm_epsilon": 1e-6,
    "rotary_emb_base": 10000,
    "visual": {
        "width": 1664,
        "layers": 48,
        "heads": 16,
        "mlp_ratio": 4.9231,
        "output_dim": 4096,
        "patch_size": 14,
        "image_size": 896,
        "image_start_id": 151857,
    },
}
"""Of the published checkpoints, as far as sizes hang on it."""

NAMES = [f"transformer.visual.transformer.resblocks.0.mlp_lora.{n}.lora_scale" for n in range(4)]
POOL = "transformer.visual.attn_pool."
SHAPES = {
    "lm_head.weight": (151936, 4096),
    "transformer.wte.weight": (151936, 4096),
    "transformer.ln_f.weight": (4096,),
    "transformer.h.31.attn.c_attn.weight": (12288, 4096),
    "transformer.h.31.attn.c_attn.bias": (12288,),
    "transformer.h.31.attn.c_proj.weight": (4096, 4096),
    "transformer.h.31.mlp.w1.weight": (11008, 4096),
    "transformer.h.31.mlp.c_proj.weight": (4096, 11008),
    "transformer.visual.conv1.weight": (1664, 3, 14, 14),
    "transformer.visual.positional_embedding": (256, 1664),
    "transformer.visual.transformer.resblocks.47.attn.in_proj.weight": (4992, 1664),
    "transformer.visual.transformer.resblocks.47.attn.in_proj_lora.3.lora_b.weight": (4992, 16),
    "transformer.visual.transformer.resblocks.47.mlp.c_fc.weight": (8192, 1664),
    "transformer.visual.transformer.resblocks.47.mlp_lora.3.lora_a.weight": (32, 1664),
    "transformer.visual.transformer.resblocks.47.mlp_lora.3.lora_scale": (1,),
    f"{POOL}query": (256, 4096),
    f"{POOL}kv_proj.weight": (4096, 1664),
    f"{POOL}attn.in_proj_weight": (12288, 4096),
    f"{POOL}attn.in_proj_bias": (12288,),
    "transformer.visual.proj": (4096, 4096),
}


@pytest.fixture(scope="module")
def config():
    return config_from_published(FIELDS, NAMES, name="Monkey")


@pytest.fixture(scope="module")
def published(config):
    """Build the whole model without memory, and rename its weights."""
    return to_published(build_on_meta(config).state_dict())


def _count(weights, part=""):
    return sum(tensor.numel() for name, tensor in weights.items() if part in name)


def test_full_model_has_the_published_parameters(published):
    assert len(published) == 2_581
    assert _count(published) == 9_708_053_824
    assert _count(published, ".visual.") == 1_986_729_280
    assert _count(published) - _count(published, ".visual.") == 7_721_324_544
    assert _count(published, "_lora.") == 51_118_656
    assert _count(published, ".attn_pool.") == 76_054_528


def test_full_model_has_the_published_shapes(published):
    assert {name: tuple(published[name].shape) for name in SHAPES} == SHAPES


def test_building_without_memory_takes_none(config):
    assert {part.device for part in build_on_meta(config).parameters()} == {torch.device("meta")}


def test_configuration_is_translated(config):
    assert config.num_features(WindowGrid(2, 2)) == 1280
    assert config.grid_rule == GridRule((WindowGrid(2, 2),))
    assert (config.image_start_id, config.image_end_id, config.image_token_id) == (
        *(151857, 151858),
        151859,
    )
    assert config.text_config.eos_token_id == config.text_config.pad_token_id == 151643
    assert (config.train_length, config.no_answer, config.max_evidence_tokens) == (2048, None, 0)
    assert config.resampler_config.num_attention_heads == 32
    assert "non-commercial" in config.licence


@pytest.mark.parametrize(
    "name, caption",
    [
        ("Monkey", " Generate the detailed caption in English: "),
        ("Monkey-Chat", " Generate the detailed caption in English: Answer: "),
        ("monkey-chat@1234567", " Generate the detailed caption in English: Answer: "),
    ],
)
def test_prompts_are_those_of_the_checkpoint(name, caption):
    prompts = config_from_published(FIELDS, NAMES, name=name).prompts

    assert prompts["caption"] == caption
    assert prompts["ask"] == " {question} Answer: "


@pytest.mark.parametrize("count", [0, 4, 6])
def test_adapters_are_counted_in_the_weights(count):
    """A public copy says `lora_repeat_num: 0` and has four."""
    names = [NAMES[0].replace("lora.0", f"lora.{window}") for window in range(count)]
    fields = {**FIELDS, "visual": {**FIELDS["visual"], "lora_repeat_num": 0}}

    config = config_from_published(fields, names, name="Monkey")
    assert config.vision_config.num_adapters == count


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "model_type"])
def test_missing_field_is_named(field):
    fields = {name: value for name, value in FIELDS.items() if name != field}

    with pytest.raises(ModelError, match=f"lacks '{field}'"):
        config_from_published(fields, NAMES, name="Monkey")


@pytest.mark.parametrize("field", [name for name in FIELDS["visual"] if name != "image_size"])
def test_missing_field_of_the_vit_is_named(field):
    fields = copy.deepcopy(FIELDS)
    del fields["visual"][field]

    with pytest.raises(ModelError, match=f"lacks '{field}'"):
        config_from_published(fields, NAMES, name="Monkey")


@pytest.mark.parametrize(
    "changed",
    [
        {"visual": 3},
        {"visual": None},
        {"hidden_size": "many"},
        {"intermediate_size": None},
        {"rotary_emb_base": "large"},
        {"visual": {**FIELDS["visual"], "width": "wide"}},
        {"visual": {**FIELDS["visual"], "image_start_id": None}},
    ],
    ids=str,
)
def test_field_that_cannot_be_is_a_model_error(changed):
    with pytest.raises(ModelError, match=r"config\.json of the published layout"):
        config_from_published({**FIELDS, **changed}, NAMES, name="Monkey")


@pytest.mark.parametrize(
    "changed",
    [
        {"hidden_size": 4095},
        {"hidden_size": 2048},  # the resampler gives 4096
        {"num_attention_heads": 0},
        {"hidden_size": -4096},
        {"vocab_size": 0},
        {"visual": {**FIELDS["visual"], "heads": 7}},
        {"visual": {**FIELDS["visual"], "heads": 0}},
        {"visual": {**FIELDS["visual"], "patch_size": 0}},
        {"visual": {**FIELDS["visual"], "patch_size": 13}},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_sizes_that_do_not_go_together_are_a_model_error(changed):
    with pytest.raises(ModelError):
        build_on_meta(config_from_published({**FIELDS, **changed}, NAMES, name="Monkey"))
