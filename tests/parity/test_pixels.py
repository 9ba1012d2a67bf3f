"""Pixels are those of the published code, to the last bit."""

import hashlib
import json

import numpy as np
import pytest
import torch
from PIL import Image

from monkeycli.grid import WindowGrid
from monkeycli.model.config import MonkeyConfig
from monkeycli.windows import PagePixels, cut_windows, fit_to_canvas

GRID = WindowGrid(2, 2)
NAMES = [
    *("portrait_text.png", "landscape_table.png", "square_photo.png"),
    *("edge_exif_rot90.jpg", "edge_gray.png", "edge_palette.png", "edge_rgba.png"),
]


def _sha256(pixels: torch.Tensor) -> str:
    return hashlib.sha256(pixels.contiguous().numpy().tobytes()).hexdigest()


def _cut(image: Image.Image) -> PagePixels:
    return cut_windows(image, GRID, mean=MonkeyConfig.image_mean, std=MonkeyConfig.image_std)


@pytest.fixture(scope="session")
def golden(parity):
    return json.loads((parity / "pixels.json").read_text())


def test_every_picture_is_checked(golden):
    assert golden.keys() == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_canvas_is_the_published_one(parity, golden, name):
    canvas = np.array(fit_to_canvas(Image.open(parity / "images" / name), GRID))
    resized = np.array(Image.open((parity / "resized" / name).with_suffix(".png")))

    assert np.array_equal(canvas, resized)
    assert hashlib.sha256(canvas.tobytes()).hexdigest() == golden[name]["u8_sha256"]


@pytest.mark.parametrize("name", NAMES)
def test_windows_and_global_view_are_the_published_ones(parity, golden, name):
    page = _cut(Image.open(parity / "images" / name))
    top, bottom = (torch.cat([*row], dim=2) for row in page.windows_N3HW.split(2))

    assert _sha256(torch.cat([top, bottom], dim=1)) == golden[name]["fp32_896_sha256"]
    assert _sha256(page.global_3HW) == golden[name]["fp32_448_sha256"]
