"""Names and shapes go to the published layout and back without loss."""

import pytest
import torch
from safetensors.torch import load_file

from monkeycli.errors import ModelError
from monkeycli.model.keys import count_adapters, from_published, to_published
from tests.model.drawing import draw_model
from tests.published_checkpoint import draw_published

BLOCK = "transformer.visual.transformer.resblocks.0"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = draw_published(tmp_path_factory.mktemp("published") / "drawn", is_pickle=False)
    return load_file(folder / "model.safetensors")


def test_there_and_back_is_the_same(published):
    back = to_published(from_published(published))

    assert back.keys() == published.keys()
    for name, tensor in published.items():
        assert back[name].shape == tensor.shape, name
        assert torch.equal(back[name], tensor), name


def test_back_and_there_is_the_same(published):
    ours = from_published(published)
    again = from_published(to_published(ours))

    assert again.keys() == ours.keys()
    assert all(torch.equal(again[name], tensor) for name, tensor in ours.items())


def test_order_of_the_weights_does_not_matter(published):
    turned = from_published(dict(reversed(published.items())))

    assert all(torch.equal(turned[name], part) for name, part in from_published(published).items())


def test_queries_keys_and_values_are_thirds(published):
    ours, stacked = from_published(published), published["transformer.h.0.attn.c_attn.weight"]
    layer = "model.language_model.layers.0.self_attn"

    for third, part in zip(stacked.chunk(3), "qkv", strict=True):
        assert torch.equal(ours[f"{layer}.{part}_proj.weight"], third)


def test_adapters_are_stacked_over_windows(published):
    ours = from_published(published)

    for window in range(4):
        down = published[f"{BLOCK}.attn.in_proj_lora.{window}.lora_a.weight"]
        scale = published[f"{BLOCK}.mlp_lora.{window}.lora_scale"]
        assert torch.equal(ours["model.vision.blocks.0.attention.in_adapter.lora_a"][window], down)
        assert torch.equal(ours["model.vision.blocks.0.mlp_adapter.scale"][window], scale[0])


def test_matrix_that_multiplies_from_the_right_is_turned(published):
    proj = from_published(published)["model.resampler.proj.weight"]

    assert torch.equal(proj, published["transformer.visual.proj"].T)


def test_gated_mlp_is_not_mixed_up(published):
    ours = from_published(published)

    w2 = published["transformer.h.0.mlp.w2.weight"]
    assert torch.equal(ours["model.language_model.layers.0.mlp.gate_proj.weight"], w2)


def test_weights_that_older_code_saved_for_nothing_are_left_out(published):
    extra = {"transformer.h.0.attn.masked_bias": torch.zeros(1)}
    extra |= {"transformer.rotary_emb.inv_freq": torch.zeros(1)}

    assert from_published(published | extra).keys() == from_published(published).keys()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "transformer.wte.bias",
        "transformer.h.x.ln_1.weight",
        "transformer.h.0.attn.c_attn.other",
        "transformer.visual.window_attention.0.proj",  # TextMonkey's
        f"{BLOCK}.attn.up_proj_lora.0.lora_a.weight",
        "xtransformer.wte.weight",
        "transformer.wte.weightx",
        "transformerxwte.weight",
    ],
)
def test_unknown_name_is_named(published, name):
    with pytest.raises(ModelError, match=f"weight '{name}' is not one of a published Monkey's"):
        from_published({**published, name: torch.zeros(3)})


def test_missing_window_is_named(published):
    name = f"{BLOCK}.mlp_lora.1.lora_a.weight"
    rest = {key: part for key, part in published.items() if key != name}

    with pytest.raises(ModelError, match=r"blocks\.0\.mlp_adapter\.lora_a' lack window 1"):
        from_published(rest)


def test_adapters_of_unequal_shape_are_named(published):
    name = f"{BLOCK}.mlp_lora.1.lora_a.weight"

    with pytest.raises(ModelError, match=r"blocks\.0\.mlp_adapter\.lora_a' differ in shape"):
        from_published({**published, name: torch.zeros(1, 1)})


@pytest.mark.parametrize("shape", [(), (4,), (4, 3)])
def test_stack_that_is_no_three_parts_is_named(published, shape):
    name = "transformer.h.0.attn.c_attn.bias"

    with pytest.raises(ModelError, match=f"'{name}' of shape .* no three equal parts"):
        from_published({**published, name: torch.zeros(shape)})


def test_small_model_has_no_name_in_the_published_layout():
    with pytest.raises(ModelError, match=r"model\.vision\.stem\.0\.weight' is not known"):
        to_published(draw_model().state_dict())


@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_windows_with_adapters_are_counted_by_name(count):
    names = [f"{BLOCK}.mlp_lora.{window}.lora_scale" for window in range(count)]

    assert count_adapters(["lm_head.weight", *names]) == count
