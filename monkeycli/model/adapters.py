"""Window adapters: a LoRA pair of its own for every window, around weights that all share.

                 +--> W x -------------------+
    view x ------|                           + --> y        window j: scale_j * B_j A_j x
                 +--> A_j --> B_j --> scale -+              global view: nothing

A view is one 448x448 picture in a batch: a window, or the global view. All views of all pages go
through the layer together; a batched product applies to each the adapter of its number.
Source: paper, section 3.1; the learnt scale and the places are the published model's.
"""

# V views, N tokens of a view, D width in, E width out, R rank, J adapters

import torch
from torch import nn
from transformers import initialization as init

from monkeycli.errors import UsageError
from monkeycli.grid import WindowGrid

NO_ADAPTER = -1
"""In place of an adapter's number: the global view uses none."""


def adapters_of_grid(grid: WindowGrid, num_adapters: int) -> list[int]:
    """Say which adapter each view of a page uses: windows by their number, then the global view.

    Args:
        grid: of the page.
        num_adapters: that the checkpoint has. With none at all, every view goes without.

    Returns:
        An adapter number, or `NO_ADAPTER`, for each view.

    Raises:
        UsageError: the grid has more windows than the checkpoint has adapters.

    >>> adapters_of_grid(WindowGrid(2, 2), 4)
    [0, 1, 2, 3, -1]
    >>> adapters_of_grid(WindowGrid(1, 1), 4)  # the global view alone
    [-1]
    """
    if grid.num_windows > num_adapters > 0:
        raise UsageError(
            f"a {grid} grid has {grid.num_windows} windows, the checkpoint has adapters"
            f" for {num_adapters}",
            "choose a smaller --grid, or another model",
        )
    windows = range(grid.num_windows) if num_adapters else [NO_ADAPTER] * grid.num_windows
    return [*windows, NO_ADAPTER]


def adapters_of_grids(image_grids: torch.Tensor, num_views: int, num_adapters: int) -> torch.Tensor:
    """Say which adapter each view of some pages uses.

    Args:
        image_grids: shape (pages, 2), rows and columns of each page's grid.
        num_views: how many views there are.
        num_adapters: that the checkpoint has.

    Returns:
        Shape V, int64.

    Raises:
        ValueError: the grids have more or fewer views.
        UsageError: a grid has more windows than the checkpoint has adapters.
    """
    grids = [WindowGrid(rows, cols) for rows, cols in image_grids.tolist()]
    adapters = [number for grid in grids for number in adapters_of_grid(grid, num_adapters)]
    if len(adapters) != num_views:
        raise ValueError(
            f"the grids {', '.join(map(str, grids))} have {len(adapters)} views,"
            f" pixel_values holds {num_views}"
        )
    return torch.tensor(adapters)


class WindowAdapter(nn.Module):
    """The adapters of one linear map, one for each window number.

    Fresh adapters change nothing: A is Kaiming-uniform, B zero, scale one.

    Args:
        in_features: width of the input.
        out_features: width of the output.
        rank: of each adapter.
        num_adapters: how many windows have one.
        dropout: of the input, while training.
    """

    def __init__(
        self, in_features: int, out_features: int, *, rank: int, num_adapters: int, dropout: float
    ) -> None:
        super().__init__()
        self.lora_a = nn.Parameter(torch.empty(num_adapters, rank, in_features))
        self.lora_b = nn.Parameter(torch.empty(num_adapters, out_features, rank))
        self.scale = nn.Parameter(torch.empty(num_adapters))
        self.dropout = nn.Dropout(dropout)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start over: no adapter changes anything."""
        bound = self.lora_a.shape[-1] ** -0.5  # Kaiming's for a = sqrt(5)
        init.uniform_(self.lora_a, -bound, bound)
        init.zeros_(self.lora_b)
        init.ones_(self.scale)

    def forward(self, x_VND: torch.Tensor, adapter_V: torch.Tensor) -> torch.Tensor:
        """Give what the adapters add to the output of the map they stand beside.

        Args:
            x_VND: tokens of every view.
            adapter_V: number of each view's adapter, or `NO_ADAPTER`; int64.

        Returns:
            Shape VNE in the dtype of `x_VND`, whichever the adapters have; zero for views without
            an adapter.
        """
        index_V = adapter_V.clamp(min=0)
        low_VNR = self.dropout(x_VND.to(self.lora_a.dtype)) @ self.lora_a[index_V].mT
        scale_V = torch.where(adapter_V == NO_ADAPTER, 0, self.scale[index_V])
        return ((low_VNR @ self.lora_b[index_V].mT) * scale_V[:, None, None]).to(x_VND.dtype)


class NoAdapter(nn.Module):
    """In place of adapters, for a checkpoint that has none; holds no weights."""

    def forward(self, x_VND: torch.Tensor, adapter_V: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        """Add nothing: a zero of no dimensions."""
        return x_VND.new_zeros(())
