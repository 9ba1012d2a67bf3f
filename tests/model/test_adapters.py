"""Each window has adapters of its own, fresh ones change nothing, the global view has none."""

import pytest
import torch

from monkeycli.errors import UsageError
from monkeycli.grid import GRIDS, WindowGrid
from monkeycli.model.adapters import NO_ADAPTER, NoAdapter, WindowAdapter, adapters_of_grid

# V views, N tokens, D and E widths

NUM_ADAPTERS = 3
ADAPTER_V = torch.tensor([0, 1, 2, 1, NO_ADAPTER])


def _adapter(*, dropout=0.0, num_adapters=NUM_ADAPTERS):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return WindowAdapter(4, 6, rank=2, num_adapters=num_adapters, dropout=dropout)


def _drawn(**options):
    adapter = _adapter(**options)
    with torch.no_grad():
        for weight in adapter.parameters():
            weight.normal_(generator=torch.Generator().manual_seed(weight.numel()))
    return adapter.eval()


def _views(num_views=5):
    return torch.randn(num_views, 5, 4, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_windows_use_adapters_by_number_and_the_global_view_none(grid):
    assert adapters_of_grid(grid, 6) == [*range(grid.num_windows), NO_ADAPTER]
    assert adapters_of_grid(grid, 0) == [NO_ADAPTER] * (grid.num_windows + 1)


@pytest.mark.parametrize("grid, num_windows", [("2x3", 6), ("3x2", 6)])
def test_grid_larger_than_the_adapters_is_an_error_that_names_both(grid, num_windows):
    rows, cols = map(int, grid.split("x"))

    with pytest.raises(UsageError, match=f"{grid} grid has {num_windows} windows.* for 4;"):
        adapters_of_grid(WindowGrid(rows, cols), 4)


def test_fresh_adapters_change_nothing():
    assert not _adapter()(_views(), ADAPTER_V).any()
    assert _adapter().lora_a.any(), "with A and B both zero nothing could ever be learnt"


def test_each_view_gets_its_own_low_rank_product():
    adapter, x_VND = _drawn(), _views()
    added_VNE = adapter(x_VND, ADAPTER_V)

    for view, number in enumerate(ADAPTER_V[:-1].tolist()):
        matrix_ED = adapter.scale[number] * adapter.lora_b[number] @ adapter.lora_a[number]
        torch.testing.assert_close(added_VNE[view], x_VND[view] @ matrix_ED.T)
    assert not added_VNE[-1].any()


@pytest.mark.parametrize("part", ["lora_a", "lora_b", "scale"])
@pytest.mark.parametrize("number", range(NUM_ADAPTERS))
def test_adapter_touches_only_its_own_windows(part, number):
    adapter, x_VND = _drawn(), _views()
    before_VNE = adapter(x_VND, ADAPTER_V)
    with torch.no_grad():
        getattr(adapter, part)[number] += 1
    changed_V = (adapter(x_VND, ADAPTER_V) != before_VNE).flatten(1).any(1)

    assert torch.equal(changed_V, number == ADAPTER_V)


def test_views_together_are_views_one_by_one():
    adapter, x_VND = _drawn(), _views()
    together_VNE = adapter(x_VND, ADAPTER_V)

    for view in range(len(x_VND)):
        alone_1NE = adapter(x_VND[view : view + 1], ADAPTER_V[view : view + 1])
        torch.testing.assert_close(alone_1NE[0], together_VNE[view])


def test_only_adapters_in_use_learn():
    adapter = _drawn()
    adapter(_views(2), torch.tensor([1, NO_ADAPTER])).square().sum().backward()

    for weight in adapter.parameters():
        assert [bool(part.any()) for part in weight.grad] == [False, True, False]


def test_dropout_is_for_training_only():
    adapter, x_VND = _drawn(dropout=0.5), _views()
    resting = adapter(x_VND, ADAPTER_V)

    assert torch.equal(adapter(x_VND, ADAPTER_V), resting)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        assert not torch.equal(adapter.train()(x_VND, ADAPTER_V), resting)


def test_without_adapters_nothing_is_added():
    output_VNE = _views()

    assert torch.equal(output_VNE + NoAdapter()(_views(), torch.full((5,), NO_ADAPTER)), output_VNE)
    assert not list(NoAdapter().parameters())
