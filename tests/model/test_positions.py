"""A stretched table is the same picture at another size."""

import pytest
import torch

from monkeycli.model.positions import stretch_positions


def _table(rows, cols, width=3):
    return torch.randn(rows * cols, width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("as_type", [list, tuple])
def test_same_grid_gives_the_table_itself(as_type):
    table = _table(3, 5)

    assert stretch_positions(table, as_type((3, 5)), as_type((3, 5))) is table


@pytest.mark.parametrize("grid, to", [((4, 4), (8, 8)), ((16, 16), (32, 32)), ((28, 9), (28, 28))])
def test_constant_table_stays_constant(grid, to):
    table = torch.tensor([1.0, -2.0]).repeat(grid[0] * grid[1], 1)
    stretched = stretch_positions(table, grid, to)

    torch.testing.assert_close(stretched, table[:1].expand(to[0] * to[1], 2))


def test_slope_stays_a_slope_away_from_the_edges():
    """Twice as many rows: half the step, and the centres of pixels, not corners, are aligned."""
    table = torch.arange(16.0).repeat_interleave(4)[:, None]  # the row's number, in 16 rows of 4
    rows = stretch_positions(table, (16, 4), (32, 4)).view(32, 4)[:, 0]

    torch.testing.assert_close(rows[4:-4], torch.arange(1.75, 13.5, 0.5), atol=0.05, rtol=0)


def test_rows_and_columns_are_not_mixed_up():
    table = torch.arange(2.0).repeat_interleave(8)[:, None]  # two rows of eight
    stretched = stretch_positions(table, (2, 8), (2, 4)).view(2, 4)

    torch.testing.assert_close(stretched, torch.tensor([[0.0] * 4, [1.0] * 4]))


def test_half_precision_is_stretched_in_single():
    table = _table(4, 4).bfloat16()
    stretched = stretch_positions(table, (4, 4), (8, 8))

    assert stretched.dtype == torch.bfloat16
    assert torch.equal(stretched, stretch_positions(table.float(), (4, 4), (8, 8)).bfloat16())
