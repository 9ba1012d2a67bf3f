import pytest
import torch
from torch import nn

from monkeycli.model.head import MAX_ROWS, project


@pytest.mark.parametrize("shape", [(1,), (1, 1), (2, 3), (MAX_ROWS,), (MAX_ROWS + 1,), (0,)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_order_of_the_product_changes_nothing(shape, dtype):
    torch.manual_seed(0)
    head = nn.Linear(24, 1000, bias=False).to(dtype)
    states = torch.randn(*shape, 24).to(dtype)
    with torch.inference_mode():
        found, expected = project(head, states), head(states)
    assert found.shape == (*shape, 1000)
    torch.testing.assert_close(found, expected)


def test_gradients_flow_through_the_layer_itself():
    head = nn.Linear(4, 10, bias=False)
    project(head, torch.ones(2, 4)).sum().backward()
    assert head.weight.grad is not None


def test_a_wrapped_head_is_called():
    class Doubled(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    head = Doubled(4, 10, bias=False)
    with torch.inference_mode():
        states = torch.ones(2, 4)
        torch.testing.assert_close(project(head, states), head(states))
