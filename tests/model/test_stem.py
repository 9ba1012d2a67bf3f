"""A stem turns a view into as many patches as the configuration says, each from its own place."""

import pytest
import torch

from monkeycli.model.stem import ConvStem, PatchStem, ResidualBlock, build_stem
from tests.model.drawing import draw_, vision_config

CONV = {"stem": "conv", "patch_size": 16, "stem_widths": [4, 4, 8, 16], "stem_depths": [1, 0, 2, 0]}


@pytest.mark.parametrize(
    "changed, side", [({"patch_size": 14}, 32), ({"patch_size": 56}, 8), (CONV, 28)]
)
def test_stem_gives_the_patches_of_the_configuration(changed, side):
    config = vision_config(**changed)

    patches = build_stem(config)(torch.zeros(2, 3, 448, 448))

    assert config.patch_grid == (side, side)
    assert patches.shape == (2, config.hidden_size, side, side)


def test_patch_stem_sees_each_patch_alone():
    stem = draw_(PatchStem(vision_config()))
    pixels = torch.zeros(1, 3, 448, 448)
    before = stem(pixels)
    pixels[..., 56:112, :56] = 1  # row 1, column 0
    changed = (stem(pixels) != before).any(1)[0]

    assert changed.nonzero().tolist() == [[1, 0]]


def test_patch_stem_has_no_bias():
    assert [name for name, _ in PatchStem(vision_config()).named_parameters()] == ["weight"]


def test_conv_stem_sees_around_a_patch_but_not_far():
    stem = draw_(ConvStem(vision_config(**CONV)))
    pixels = torch.zeros(1, 3, 448, 448)
    before = stem(pixels)
    pixels[..., 224:240, 224:240] = 1  # row 14, column 14
    rows, cols = (stem(pixels) != before).any(1)[0].nonzero().unbind(1)

    assert 14 in rows and 14 in cols
    assert all(10 <= value <= 18 for value in torch.cat([rows, cols]).tolist())


def test_conv_stem_is_not_flat_where_a_stage_is_refined():
    blocks = [type(layer) for layer in ConvStem(vision_config(**CONV))]

    assert blocks.count(ResidualBlock) == 3


def test_residual_block_carries_its_input():
    block = ResidualBlock(4)
    with torch.no_grad():
        block.conv2.weight.zero_()
        block.conv2.bias.zero_()
    x = torch.rand(1, 4, 5, 5)

    assert torch.equal(block(x), x)


@pytest.mark.parametrize(
    "changed, complaint",
    [
        ({"stem": "other"}, "'other' is not one of patch, conv"),
        ({**CONV, "stem_widths": None}, "stem_widths None"),
        ({**CONV, "stem_depths": [1]}, r"stem_depths \[1\] must be equally long"),
        ({**CONV, "patch_size": 14}, "4 stages to width 16 make patches of 16 pixels, not 14"),
        ({**CONV, "hidden_size": 32}, "width 32 is needed"),
        ({"patch_size": 13}, "patches of 13 pixels do not fill a window of 448"),
        ({"patch_size": 0}, "patches of 0 pixels"),
    ],
)
def test_stem_that_does_not_fit_is_refused(changed, complaint):
    with pytest.raises(ValueError, match=complaint):
        build_stem(vision_config(**changed))
