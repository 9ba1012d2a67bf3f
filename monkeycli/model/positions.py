"""Learnt position tables, stretched to another grid."""

# Q entries of a table, N positions asked for, D width

import torch
import torch.nn.functional as F

Grid = tuple[int, int]


def stretch_positions(table_QD: torch.Tensor, grid: Grid, to: Grid) -> torch.Tensor:
    """Interpolate a table of positions to another grid, bicubic, in float32.

    Args:
        table_QD: one row for each position of `grid`, row by row.
        grid: rows and columns of the table.
        to: rows and columns wanted.

    Returns:
        Shape ND in the table's dtype; the table itself if the grids are equal.
    """
    if tuple(grid) == tuple(to):
        return table_QD
    map_1DHW = table_QD.float().view(1, *grid, -1).permute(0, 3, 1, 2)
    stretched = F.interpolate(map_1DHW, size=tuple(to), mode="bicubic", align_corners=False)
    return stretched[0].flatten(1).T.to(table_QD.dtype)
