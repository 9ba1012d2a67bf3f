"""From the pixels of a view to its patches: one convolution, or stages of small ones."""

# V views, H and W pixels or patches, D width of a patch

import torch
import torch.nn.functional as F
from torch import nn

from monkeycli.model.config import MonkeyVisionConfig


class PatchStem(nn.Conv2d):
    """One convolution that does not overlap, as in CLIP and the published Monkey."""

    def __init__(self, config: MonkeyVisionConfig) -> None:
        size = config.patch_size
        super().__init__(3, config.hidden_size, kernel_size=size, stride=size, bias=False)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around which the input is carried.

    Batch normalization is folded into the convolutions: a checkpoint holds weight and bias only.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x_VDHW: torch.Tensor) -> torch.Tensor:
        """Keep the shape VDHW."""
        return F.relu(x_VDHW + self.conv2(F.relu(self.conv1(x_VDHW))))


class ConvStem(nn.Sequential):
    """Stages that each halve the picture and refine it; reads small print better than one stride.

    With four stages a patch is 16 pixels and a window 28x28 patches.
    """

    def __init__(self, config: MonkeyVisionConfig) -> None:
        widths, depths = config.stem_widths, config.stem_depths
        if not widths or not depths or len(widths) != len(depths):
            raise ValueError(f"stem_widths {widths} and stem_depths {depths} must be equally long")
        if 2 ** len(widths) != config.patch_size or widths[-1] != config.hidden_size:
            raise ValueError(
                f"{len(widths)} stages to width {widths[-1]} make patches of {2 ** len(widths)}"
                f" pixels, not {config.patch_size}, and width {config.hidden_size} is needed"
            )
        layers: list[nn.Module] = []
        for before, width, depth in zip([3, *widths], widths, depths, strict=False):
            layers += [nn.Conv2d(before, width, 3, stride=2, padding=1), nn.ReLU()]
            layers += [ResidualBlock(width) for _ in range(depth)]
        super().__init__(*layers)


def build_stem(config: MonkeyVisionConfig) -> nn.Module:
    """Build the stem that the configuration names; maps V3HW to VDHW.

    Raises:
        ValueError: there is no such stem, its stages do not fit the patch size, or patches do not
            fill a window.
    """
    if config.patch_size < 1 or config.window_size % config.patch_size:
        raise ValueError(
            f"patches of {config.patch_size} pixels do not fill a window of {config.window_size}"
        )
    stems: dict[str, type[PatchStem | ConvStem]] = {"patch": PatchStem, "conv": ConvStem}
    if config.stem not in stems:
        raise ValueError(f"stem {config.stem!r} is not one of {', '.join(stems)}")
    return stems[config.stem](config)
