"""Windows pasted back give the canvas, whatever image they were cut from."""

import numpy as np
import pytest
import torch
from PIL import Image

from monkeycli.grid import GRIDS, WINDOW_SIDE, WindowGrid
from monkeycli.windows import crop_windows, cut_windows, fit_to_canvas

MEAN, STD = (0.5, 0.25, 0.125), (0.5, 2.0, 4.0)


def _draw(height, width, mode="RGB"):
    """Draw a page whose every pixel can be told from its neighbours."""
    random = np.random.default_rng(height * width)
    page = Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))
    return page.convert(mode)


def _paste(page):
    """Put windows back where they were cut from."""
    rows = page.windows_N3HW.split(page.grid.cols)
    return torch.cat([torch.cat([*row], dim=2) for row in rows], dim=1)


@pytest.mark.parametrize("grid", GRIDS[1:], ids=str)
def test_windows_pasted_back_give_the_canvas(grid):
    image = _draw(300, 200)
    page = cut_windows(image, grid, mean=(0, 0, 0), std=(1, 1, 1))
    canvas = np.array(fit_to_canvas(image, grid))

    assert _paste(page).shape == (3, *grid.canvas)
    pixels = _paste(page).mul(255).round().byte().permute(1, 2, 0).numpy()
    assert np.array_equal(pixels, canvas)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_views_are_windows_in_order_and_then_the_global_view(grid):
    page = cut_windows(_draw(100, 100), grid, mean=MEAN, std=STD)

    assert page.views_V3HW.shape == (grid.num_windows + 1, 3, WINDOW_SIDE, WINDOW_SIDE)
    assert torch.equal(page.views_V3HW[:-1], page.windows_N3HW)
    assert torch.equal(page.views_V3HW[-1], page.global_3HW)
    assert page.views_V3HW.dtype == torch.float32


def test_one_window_is_the_global_view_and_nothing_else():
    page = cut_windows(_draw(448, 448), WindowGrid(1, 1), mean=(0, 0, 0), std=(1, 1, 1))
    pixels = page.global_3HW.mul(255).round().byte().permute(1, 2, 0).numpy()

    assert len(page.windows_N3HW) == 0
    assert np.array_equal(pixels, np.array(_draw(448, 448)))


def test_each_channel_is_normalised_by_its_own_mean_and_deviation():
    image = Image.new("RGB", (10, 10), (255, 51, 0))
    views = cut_windows(image, WindowGrid(2, 1), mean=MEAN, std=STD).views_V3HW

    expected = [(1 - 0.5) / 0.5, (0.2 - 0.25) / 2, (0 - 0.125) / 4]
    for channel, value in enumerate(expected):
        assert views[:, channel].sub(value).abs().max().item() < 1e-5


def test_pictures_of_windows_are_what_the_model_sees():
    grid, image = WindowGrid(2, 3), _draw(50, 70)
    pictures = crop_windows(image, grid)
    windows = cut_windows(image, grid, mean=(0, 0, 0), std=(1, 1, 1)).windows_N3HW

    assert len(pictures) == 6
    for picture, window in zip(pictures, windows, strict=True):
        seen = window.mul(255).round().byte().permute(1, 2, 0).numpy()
        assert np.array_equal(np.array(picture), seen)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F"])
def test_images_of_any_mode_become_rgb(mode):
    canvas = fit_to_canvas(_draw(20, 30, "L" if mode in "IF" else "RGB").convert(mode), GRIDS[0])

    assert (canvas.mode, canvas.size) == ("RGB", (448, 448))


def test_image_of_the_right_size_is_not_touched():
    image = _draw(896, 448)

    assert np.array_equal(np.array(fit_to_canvas(image, WindowGrid(2, 1))), np.array(image))


def test_image_given_is_not_changed():
    image = _draw(33, 44, "P")
    before = image.tobytes()
    cut_windows(image, WindowGrid(2, 2), mean=MEAN, std=STD)

    assert (image.mode, image.size, image.tobytes()) == ("P", (44, 33), before)


@pytest.mark.parametrize("size", [(100, 80), (2000, 1500)])
def test_canvas_is_squeezed_bicubic(size):
    image = _draw(*size)
    squeezed = image.resize((896, 448), Image.Resampling.BICUBIC)

    assert np.array_equal(np.array(fit_to_canvas(image, WindowGrid(1, 2))), np.array(squeezed))


def test_global_view_is_bicubic_and_not_antialiased():
    """Half way between four pixels a, b, c, d stands 0.59375 (b + c) - 0.09375 (a + d)."""
    lines = np.zeros((896, 896, 3), np.uint8)
    lines[:, ::4] = 255
    page = cut_windows(Image.fromarray(lines), WindowGrid(2, 2), mean=(0, 0, 0), std=(1, 1, 1))

    seen = page.global_3HW[0, 0, 10:14].tolist()
    assert seen == pytest.approx([0.59375, -0.09375, 0.59375, -0.09375])
