"""Folding batch normalization into a convolution changes no output."""

import torch
from torch import nn
from training.export import fold


def test_folded_convolution_gives_what_the_two_layers_gave():
    torch.manual_seed(0)
    conv = nn.Conv2d(3, 5, 3, padding=1, bias=False)
    norm = nn.BatchNorm2d(5).eval()
    for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
        tensor.data.uniform_(0.5, 2.0)
    x = torch.randn(2, 3, 8, 8)

    weight, bias = fold(conv.weight, norm.state_dict())

    torch.testing.assert_close(
        nn.functional.conv2d(x, weight, bias, padding=1), norm(conv(x)), rtol=1e-4, atol=1e-5
    )
