"""Many patches become a fixed number of features, in the order of the queries."""

import pytest
import torch
from torch import nn

from monkeycli.model.config import MonkeyResamplerConfig
from monkeycli.model.resampler import MonkeyResampler
from tests.model.drawing import draw_

# V views, N patches, Q queries, D width of patches, E width of features


def _resampler(*, patch_width=6, query_grid=(2, 3), **changed):
    config = MonkeyResamplerConfig(
        hidden_size=8, query_grid=query_grid, num_attention_heads=2, **changed
    )
    return draw_(MonkeyResampler(config, patch_width=patch_width, patch_grid=(4, 5)))


def _patches(num_views=2, width=6):
    return torch.randn(num_views, 20, width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("query_grid", [(1, 1), (2, 3), (16, 16), (28, 9)])
def test_features_are_as_many_as_queries(query_grid):
    features = _resampler(query_grid=query_grid)(_patches())

    assert features.shape == (2, query_grid[0] * query_grid[1], 8)


def test_views_do_not_see_each_other():
    resampler, patches = _resampler(), _patches()
    together = resampler(patches)

    for view in range(2):
        torch.testing.assert_close(resampler(patches[view : view + 1])[0], together[view])


def test_every_query_has_features_of_its_own():
    assert len(_resampler()(_patches())[0].round(decimals=4).unique(dim=0)) == 6


def test_values_carry_no_position():
    """So where all patches are alike, it does not matter where a query looks."""
    pooled = _resampler().pool(_patches()[:, :1].expand(-1, 20, -1))

    torch.testing.assert_close(pooled, pooled[:, :1].expand_as(pooled))


def test_keys_carry_their_place():
    resampler, patches = _resampler(), _patches()

    assert not torch.allclose(resampler(patches.flip(1)), resampler(patches), atol=1e-3)


def test_features_are_the_pooled_patches_normalised_and_projected():
    resampler, patches = _resampler(), _patches()
    pooled = resampler.pool(patches)
    normal = nn.functional.layer_norm(
        pooled, (8,), resampler.norm_out.weight, resampler.norm_out.bias, eps=1e-6
    )

    torch.testing.assert_close(resampler(patches), normal @ resampler.proj.weight.T)


def test_attention_is_torch_multihead_attention():
    resampler, patches = _resampler(query_grid=(4, 5)), _patches()
    torch_attention = nn.MultiheadAttention(8, 2, batch_first=True)
    projections = (resampler.q_proj, resampler.k_proj, resampler.v_proj)
    with torch.no_grad():
        torch_attention.in_proj_weight.copy_(torch.cat([each.weight for each in projections]))
        torch_attention.in_proj_bias.copy_(torch.cat([each.bias for each in projections]))
        torch_attention.out_proj.weight.copy_(resampler.out_proj.weight)
        torch_attention.out_proj.bias.copy_(resampler.out_proj.bias)
    values = resampler.norm_patches(resampler.kv_proj(patches))
    queries = resampler.norm_queries(resampler.queries) + resampler.positions
    expected, _ = torch_attention(queries.expand(2, -1, -1), values + resampler.positions, values)

    torch.testing.assert_close(resampler.pool(patches), expected)


def test_patches_of_the_right_width_are_not_projected():
    resampler = _resampler(patch_width=8)

    assert not [name for name, _ in resampler.named_parameters() if name.startswith("kv_proj")]
    assert resampler(_patches(width=8)).shape == (2, 6, 8)


def test_eager_attention_is_sdpa():
    eager, sdpa = _resampler(attn_implementation="eager"), _resampler()

    assert eager.config._attn_implementation == "eager"
    torch.testing.assert_close(eager(_patches()), sdpa(_patches()))
