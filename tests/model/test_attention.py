"""Every implementation of attention gives the same."""

import math

import pytest
import torch

from monkeycli.errors import UsageError
from monkeycli.model.attention import attend, fit_mask
from tests.model.drawing import vision_config


class Asker(torch.nn.Module):
    """Stands in for the layer that asks."""

    is_causal = False


def _attend(implementation, q, k, v):
    config = vision_config()
    config._attn_implementation = implementation
    return attend(Asker(), config, q, k, v)


def _draw():
    generator = torch.Generator().manual_seed(0)
    shapes = [(2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 4)]  # 2 views, 3 heads, 5 queries, 7 keys
    return [torch.randn(shape, generator=generator) for shape in shapes]


@pytest.mark.parametrize("implementation", [None, "sdpa", "eager"])
def test_attention_is_a_mean_of_values_weighted_by_softmax(implementation):
    q, k, v = _draw()
    weights = (q @ k.mT / math.sqrt(4)).exp()
    mixed = (weights / weights.sum(-1, keepdim=True)) @ v

    out = _attend(implementation, q, k, v)
    assert out.shape == (2, 5, 12)
    torch.testing.assert_close(out, mixed.transpose(1, 2).reshape(2, 5, 12))


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
def test_no_key_is_hidden(implementation):
    """Not even a later one: turning keys and values round changes nothing."""
    q, k, v = _draw()

    turned = _attend(implementation, q, k.flip(2), v.flip(2))
    torch.testing.assert_close(turned, _attend(implementation, q, k, v))


def _fit(mask, implementation):
    config = vision_config()
    config._attn_implementation_internal = implementation
    return fit_mask(mask, config, torch.float32)


@pytest.fixture
def mask():
    return torch.tensor([[True, False], [True, True]])[None, None]


def test_sdpa_takes_a_mask_as_it_is(mask):
    assert _fit(mask, "sdpa") is mask


def test_others_add_it_to_the_scores(mask):
    lowest = torch.finfo(torch.float32).min

    assert _fit(mask, "eager")[0, 0].tolist() == [[0, lowest], [0, 0]]


def test_flash_attention_takes_none_and_says_what_to_do(mask):
    with pytest.raises(UsageError, match=r"flash_attention_2 cannot .* ask for sdpa"):
        _fit(mask, "flash_attention_2")


@pytest.mark.parametrize("implementation", ["sdpa", "eager", "flash_attention_2"])
@pytest.mark.parametrize(
    "other", [None, torch.ones(1, 2), torch.ones(1, 2) > 0, torch.zeros(1, 1, 2, 2)]
)
def test_masks_of_padding_and_masks_made_ready_are_let_through(implementation, other):
    assert _fit(other, implementation) is other
