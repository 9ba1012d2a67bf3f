"""The stem while it is trained: batch normalization still apart, and a head of characters."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.eye.alphabet import NUM_CLASSES
from training.eye.cells import CELLS_PER_PATCH

WIDTHS = (32, 64, 144)
DEPTHS = (0, 1, 4)
MEAN, STD = 0.5, 0.25
EPSILON = 1e-5


def _conv(before: int, after: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)


class Residual(nn.Module):
    """Two convolutions around which the input is carried."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.a, self.n = _conv(width, width, 1), nn.BatchNorm2d(width)
        self.b, self.m = _conv(width, width, 1), nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """Keeps the shape."""
        return F.relu(x + self.m(self.b(F.relu(self.n(self.a(x))))))


class CharacterStem(nn.Module):
    """Pixels to patches of 8x8, and patches to the classes of their cells."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, width, depth in zip((3, *WIDTHS), WIDTHS, DEPTHS, strict=False):
            layers.append(nn.Sequential(_conv(before, width, 2), nn.BatchNorm2d(width), nn.ReLU()))
            layers += [Residual(width) for _ in range(depth)]
        self.stem8 = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(WIDTHS[-1], eps=1e-6)
        self.head = nn.Linear(WIDTHS[-1], CELLS_PER_PATCH * NUM_CLASSES)

    def forward(self, pixels: Tensor) -> Tensor:
        """Uint8 (views, height, width, 3) to logits (views, rows, cols of cells, classes)."""
        x = (pixels.permute(0, 3, 1, 2).float() / 255 - MEAN) / STD
        patches = self.stem8(x.contiguous(memory_format=torch.channels_last))
        logits = self.head(self.norm(patches.permute(0, 2, 3, 1)))
        return logits.unflatten(-1, (CELLS_PER_PATCH, -1)).flatten(2, 3)


def fold(stem: CharacterStem) -> dict[str, Tensor]:
    """Weights and biases of the layers of a Monkey's ConvStem, normalization folded in."""
    folded: dict[str, Tensor] = {}
    place = 0
    for layer in stem.stem8:
        if isinstance(layer, Residual):
            folded |= _folded(f"{place}.conv1", layer.a, layer.n)
            folded |= _folded(f"{place}.conv2", layer.b, layer.m)
            place += 1
        else:
            assert isinstance(layer, nn.Sequential)
            folded |= _folded(str(place), layer[0], layer[1])
            place += 2  # the ReLU counts
    return folded


def _folded(name: str, conv: nn.Module, norm: nn.Module) -> dict[str, Tensor]:
    weight, mean, variance, scale, shift = (
        tensor.detach()
        for tensor in (conv.weight, norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    factor = scale / (variance + EPSILON).sqrt()
    return {
        f"{name}.weight": weight * factor[:, None, None, None],
        f"{name}.bias": shift - mean * factor,
    }
