"""From the many patches of a view to a fixed number of features the language model can read.

Learnt queries, spread over the view as a grid, attend to its patches. Positions are added to
queries and keys, not to values. Source: paper, section 3.1, and Qwen-VL's published weights.
"""

# V views, N patches, Q queries, D width of patches, E width of features, H heads, K width of a head

import torch
from torch import nn

from monkeycli.model.attention import attend, check_heads
from monkeycli.model.config import MonkeyResamplerConfig
from monkeycli.model.positions import stretch_positions


class MonkeyResampler(nn.Module):
    """One cross-attention, a norm and a projection into the language model's width.

    Args:
        config: sizes.
        patch_width: width of the patches that come in.
        patch_grid: rows and columns of patches in a view.
    """

    is_causal = False

    def __init__(
        self, config: MonkeyResamplerConfig, *, patch_width: int, patch_grid: tuple[int, int]
    ) -> None:
        super().__init__()
        self.config = config
        self.patch_grid = patch_grid
        width, eps = config.hidden_size, config.layer_norm_eps
        check_heads(width, config.num_attention_heads)
        self.queries = nn.Parameter(torch.empty(config.num_queries, width))
        self.positions = nn.Parameter(torch.empty(config.num_queries, width))
        self.kv_proj = (
            nn.Identity() if patch_width == width else nn.Linear(patch_width, width, bias=False)
        )
        self.norm_queries = nn.LayerNorm(width, eps=eps)
        self.norm_patches = nn.LayerNorm(width, eps=eps)
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)
        self.norm_out = nn.LayerNorm(width, eps=eps)
        self.proj = nn.Linear(width, width, bias=False)

    def pool(self, patches_VND: torch.Tensor) -> torch.Tensor:
        """Let the queries attend to the patches; shape VQE, before the last norm and projection."""
        rows, cols = self.config.query_grid
        patch_positions_NE = stretch_positions(self.positions, (rows, cols), self.patch_grid)
        patches_VNE = self.norm_patches(self.kv_proj(patches_VND.to(self.queries.dtype)))
        queries_QE = self.norm_queries(self.queries) + self.positions
        q_HQK = self._split(self.q_proj(queries_QE))
        k_VHNK = self._split(self.k_proj(patches_VNE + patch_positions_NE))
        v_VHNK = self._split(self.v_proj(patches_VNE))
        q_VHQK = q_HQK.expand(len(patches_VNE), *q_HQK.shape)
        return self.out_proj(attend(self, self.config, q_VHQK, k_VHNK, v_VHNK))

    def forward(self, patches_VND: torch.Tensor) -> torch.Tensor:
        """Give each view's features, shape VQE, queries row by row."""
        pooled_VQE = self.pool(patches_VND).to(self.proj.weight.dtype)
        return self.proj(self.norm_out(pooled_VQE))

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (self.config.num_attention_heads, -1)).transpose(-2, -3)
