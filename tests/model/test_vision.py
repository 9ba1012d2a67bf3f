"""Views go through the ViT together, and each comes out as if it had been alone."""

import pytest
import torch
import torch.nn.functional as F

from monkeycli.model.adapters import NO_ADAPTER
from monkeycli.model.positions import stretch_positions
from monkeycli.model.vision import MonkeyVision, VisionBlock
from tests.model.drawing import draw_, vision_config

# V views, N patches, D width

ADAPTER_V = torch.tensor([0, 1, 2, 3, NO_ADAPTER])


@pytest.fixture(scope="module")
def vision():
    return draw_(MonkeyVision(vision_config()))


@pytest.fixture(scope="module")
def pixels():
    return torch.rand(5, 3, 448, 448, generator=torch.Generator().manual_seed(0))


def test_there_are_as_many_patches_as_the_grid_says_and_no_class_token(vision, pixels):
    assert vision(pixels, ADAPTER_V).shape == (5, 64, 16)


def test_views_in_one_pass_are_views_one_by_one(vision, pixels):
    together = vision(pixels, ADAPTER_V)

    for view in range(5):
        alone = vision(pixels[view : view + 1], ADAPTER_V[view : view + 1])
        torch.testing.assert_close(alone[0], together[view], atol=1e-5, rtol=1e-5)


def test_a_cpu_takes_as_many_views_at_once_as_its_memory_is_quick_for(vision, monkeypatch):
    view = 64 * 48 * 4  # patches, three times the width for queries, keys and values, float32

    assert vision.views_at_once(10) == 10
    monkeypatch.setattr("monkeycli.model.vision.CPU_BYTES", 3 * view)
    assert vision.views_at_once(10) == 3
    monkeypatch.setattr("monkeycli.model.vision.CPU_BYTES", 1)
    assert vision.views_at_once(10) == 1
    with torch.device("meta"):
        assert MonkeyVision(vision_config()).views_at_once(10) == 10


@pytest.mark.parametrize("place", ["attention.in_adapter", "attention.out_adapter", "mlp_adapter"])
@pytest.mark.parametrize("number", range(4))
def test_adapter_changes_its_window_and_never_the_global_view(pixels, place, number):
    vision = draw_(MonkeyVision(vision_config()))
    before = vision(pixels, ADAPTER_V)
    with torch.no_grad():
        vision.blocks[0].get_submodule(place).scale[number] += 1
    changed = (vision(pixels, ADAPTER_V) != before).flatten(1).any(1)

    assert changed.nonzero()[:, 0].tolist() == [number]


def test_fresh_adapters_leave_all_windows_alike(pixels):
    vision = draw_(MonkeyVision(vision_config()))
    for block in vision.blocks:
        for adapter in (block.attention.in_adapter, block.attention.out_adapter, block.mlp_adapter):
            adapter.reset_parameters()
    same = pixels[:1].expand(5, -1, -1, -1)
    patches = vision(same, ADAPTER_V)

    torch.testing.assert_close(patches, patches[-1:].expand_as(patches))


def test_adapter_beside_the_mlp_reads_what_comes_before_the_norm():
    """And q, k and v are interleaved by head in the rows of `in_proj`."""
    config = vision_config()
    block = draw_(VisionBlock(config))
    x_VND = torch.randn(1, 6, 16, generator=torch.Generator().manual_seed(0))

    attention = block.attention
    y = F.layer_norm(x_VND, (16,), block.norm1.weight, block.norm1.bias, config.layer_norm_eps)
    qkv = attention.in_proj(y) + attention.in_adapter(y, torch.tensor([2]))
    heads = []
    for head in range(2):
        q, k, v = qkv[0, :, head * 24 : (head + 1) * 24].split(8, dim=-1)
        heads.append(F.softmax(q @ k.T / 8**0.5, dim=-1) @ v)
    mixed = torch.cat(heads, dim=-1)[None]
    x = x_VND + attention.out_proj(mixed) + attention.out_adapter(mixed, torch.tensor([2]))
    z = F.layer_norm(x, (16,), block.norm2.weight, block.norm2.bias, config.layer_norm_eps)
    expected = x + block.fc2(F.gelu(block.fc1(z))) + block.mlp_adapter(x, torch.tensor([2]))

    torch.testing.assert_close(block(x_VND, torch.tensor([2])), expected)


def test_positions_are_added_to_patches_before_the_norm(pixels):
    vision = draw_(MonkeyVision(vision_config(num_hidden_layers=0)))
    patches = vision.stem(pixels).flatten(2).mT
    positions = stretch_positions(vision.positions, (4, 4), (8, 8))

    torch.testing.assert_close(vision(pixels, ADAPTER_V), vision.norm(patches + positions))


def test_eager_attention_is_sdpa(vision, pixels):
    eager = draw_(MonkeyVision(vision_config(attn_implementation="eager")))

    assert eager.config._attn_implementation == "eager"
    torch.testing.assert_close(
        eager(pixels, ADAPTER_V), vision(pixels, ADAPTER_V), atol=1e-5, rtol=1e-5
    )
