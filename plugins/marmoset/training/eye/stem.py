"""The stem while it is trained: batch normalization still apart, and a head of characters."""

from collections.abc import Iterator, Mapping

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


def part_of(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors of one part of a checkpoint, named as the part names them."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def fold(stem: CharacterStem) -> dict[str, Tensor]:
    """Weights and biases of the layers of a Monkey's ConvStem, normalization folded in."""
    folded: dict[str, Tensor] = {}
    for name, conv, norm in _layers(stem):
        factor = norm.weight / (norm.running_var + EPSILON).sqrt()
        folded[f"{name}.weight"] = (conv.weight * factor[:, None, None, None]).detach()
        folded[f"{name}.bias"] = (norm.bias - norm.running_mean * factor).detach()
    return folded


@torch.inference_mode()
def unfold(folded: Mapping[str, Tensor], stem: CharacterStem, pixels: Tensor) -> None:
    """Gives a stem the weights of a folded one, to go on training it.

    Args:
        folded: as `fold` gives them.
        stem: to be changed; at `eval` it computes what the folded one does.
        pixels: uint8 (views, height, width, 3), of which each layer's mean and variance are taken.
    """

    def normalize(norm: nn.BatchNorm2d, bias: Tensor, output: Tensor) -> None:
        mean, variance = output.mean((0, 2, 3)), output.var((0, 2, 3), correction=0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + EPSILON).sqrt())
        norm.bias.copy_(bias + mean)

    hooks = []
    for name, conv, norm in _layers(stem):
        conv.weight.copy_(folded[f"{name}.weight"])
        bias = folded[f"{name}.bias"].float()
        hooks.append(
            conv.register_forward_hook(
                lambda _conv, _input, output, norm=norm, bias=bias: normalize(norm, bias, output)
            )
        )
    stem.eval()(pixels)
    for hook in hooks:
        hook.remove()


def _layers(stem: CharacterStem) -> Iterator[tuple[str, nn.Conv2d, nn.BatchNorm2d]]:
    """Convolutions and what follows them, with the names that a Monkey's ConvStem gives them."""
    place = 0
    for layer in stem.stem8:
        if isinstance(layer, Residual):
            yield f"{place}.conv1", layer.a, layer.n
            yield f"{place}.conv2", layer.b, layer.m
            place += 1
        else:
            assert isinstance(layer, nn.Sequential)
            yield str(place), layer[0], layer[1]
            place += 2  # the ReLU counts
