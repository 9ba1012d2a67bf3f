"""The ViT: every view of every page through the same weights, in one pass."""

# V views, N patches of a view, D width, H heads, K width of a head

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn
from transformers.modeling_layers import GradientCheckpointingLayer

from monkeycli.grid import WindowGrid
from monkeycli.model.adapters import NoAdapter, WindowAdapter
from monkeycli.model.attention import attend, check_heads
from monkeycli.model.config import MonkeyVisionConfig
from monkeycli.model.positions import stretch_positions
from monkeycli.model.stem import build_stem

CPU_BYTES = 16 * 2**20
"""Bytes of the widest activation of one pass on a CPU. Beyond twice that, the C library asks the
system for fresh pages in every layer, which takes a third as long as the arithmetic itself."""


class VisionAttention(nn.Module):
    """Self-attention over the patches of a view; adapters stand around both projections.

    The rows of `in_proj` are interleaved by head (q, k, v of head 0, then of head 1 ...), as in
    the published weights.
    """

    is_causal = False

    def __init__(self, config: MonkeyVisionConfig) -> None:
        super().__init__()
        self.config = config
        width = config.hidden_size
        check_heads(width, config.num_attention_heads)
        self.in_proj = nn.Linear(width, 3 * width)
        self.out_proj = nn.Linear(width, width)
        self.in_adapter = _adapter(config, width, 3 * width, config.adapter_rank_attention)
        self.out_adapter = _adapter(config, width, width, config.adapter_rank_attention)

    def forward(self, x_VND: torch.Tensor, adapter_V: torch.Tensor) -> torch.Tensor:
        """Keep the shape VND; `adapter_V` numbers each view's adapter."""
        qkv = self.in_proj(x_VND) + self.in_adapter(x_VND, adapter_V)
        heads = self.config.num_attention_heads
        q, k, v = qkv.unflatten(-1, (heads, -1)).transpose(1, 2).chunk(3, dim=-1)  # VHNK each
        mixed_VND = attend(self, self.config, q, k, v)
        return self.out_proj(mixed_VND) + self.out_adapter(mixed_VND, adapter_V)


class VisionBlock(GradientCheckpointingLayer):
    """One pre-norm transformer block.

    The MLP's adapter is a path of its own beside it, fed with the residual before the norm.
    """

    def __init__(self, config: MonkeyVisionConfig) -> None:
        super().__init__()
        width, eps = config.hidden_size, config.layer_norm_eps
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.attention = VisionAttention(config)
        self.norm2 = nn.LayerNorm(width, eps=eps)
        self.fc1 = nn.Linear(width, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, width)
        self.mlp_adapter = _adapter(config, width, width, config.adapter_rank_mlp)

    def forward(self, x_VND: torch.Tensor, adapter_V: torch.Tensor) -> torch.Tensor:
        """Keep the shape VND; `adapter_V` numbers each view's adapter."""
        x_VND = x_VND + self.attention(self.norm1(x_VND), adapter_V)
        mlp_VND = self.fc2(F.gelu(self.fc1(self.norm2(x_VND))))
        return x_VND + mlp_VND + self.mlp_adapter(x_VND, adapter_V)


class MonkeyVision(nn.Module):
    """Stem, positions and blocks. There is no class token and no final norm."""

    def __init__(self, config: MonkeyVisionConfig) -> None:
        super().__init__()
        self.config = config
        self.stem = build_stem(config)
        rows, cols = config.position_grid
        self.positions = nn.Parameter(torch.empty(rows * cols, config.hidden_size))
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.blocks = nn.ModuleList(VisionBlock(config) for _ in range(config.num_hidden_layers))

    def forward(
        self,
        pixels_V3HW: torch.Tensor,
        adapter_V: torch.Tensor,
        grids: Sequence[WindowGrid] | None = None,
    ) -> torch.Tensor:
        """Encode views.

        Args:
            pixels_V3HW: normalised pixels, in the dtype of the weights.
            adapter_V: number of each view's adapter, or `NO_ADAPTER`; int64.
            grids: of pages whose windows these are, if the stem is to see each window's
                neighbours; None if it sees every view alone.

        Returns:
            Shape VND, patches row by row.
        """
        rows, cols = self.config.position_grid
        positions_ND = stretch_positions(self.positions, (rows, cols), self.config.patch_grid)
        patches_VDHW = self._across(pixels_V3HW, grids) if grids else self.stem(pixels_V3HW)
        x_VND = patches_VDHW.flatten(2).transpose(1, 2)
        x_VND = self.norm(x_VND + positions_ND)
        for block in self.blocks:
            x_VND = block(x_VND, adapter_V)
        return x_VND

    def views_at_once(self, num_views: int) -> int:
        """Say how many views a pass takes: on a CPU no more than its memory is quick for."""
        if self.positions.device.type != "cpu":
            return num_views
        width = max(3 * self.config.hidden_size, self.config.intermediate_size)
        view = math.prod(self.config.patch_grid) * width * self.positions.dtype.itemsize
        return max(1, min(num_views, CPU_BYTES // view))

    def _across(self, pixels_V3HW: torch.Tensor, grids: Sequence[WindowGrid]) -> torch.Tensor:
        """Let the stem see whole pages, and cut what it makes of them into windows again."""
        pages = pixels_V3HW.split([grid.rows * grid.cols for grid in grids])
        windows = []
        for page_V3HW, grid in zip(pages, grids, strict=True):
            (map_DHW,) = self.stem(_stitch(page_V3HW, grid)[None])
            for row in map_DHW.chunk(grid.rows, dim=-2):
                windows += row.chunk(grid.cols, dim=-1)
        return torch.stack(windows)


def _stitch(views_VDHW: torch.Tensor, grid: WindowGrid) -> torch.Tensor:
    """Lay a page's windows side by side; shape DHW."""
    rows = [torch.cat(list(row), dim=-1) for row in views_VDHW.split(grid.cols)]
    return torch.cat(rows, dim=-2)


def _adapter(
    config: MonkeyVisionConfig, width: int, out: int, rank: int
) -> WindowAdapter | NoAdapter:
    if not config.num_adapters:
        return NoAdapter()
    return WindowAdapter(
        width, out, rank=rank, num_adapters=config.num_adapters, dropout=config.adapter_dropout
    )
