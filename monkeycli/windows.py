"""Cut a page into windows and a global view: from an image to the pixels the ViT sees."""

# N windows, H and W pixels

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from monkeycli.grid import WINDOW_SIDE, WindowGrid


@dataclass(frozen=True)
class PagePixels:
    """The views of one page, float32, normalised."""

    windows_N3HW: torch.Tensor
    """Row by row; none for a 1x1 grid."""
    global_3HW: torch.Tensor
    """The whole page at the size of one window."""
    grid: WindowGrid

    @property
    def views_V3HW(self) -> torch.Tensor:
        """Windows in order, then the global view."""
        return torch.cat([self.windows_N3HW, self.global_3HW[None]])


def fit_to_canvas(image: Image.Image, grid: WindowGrid) -> Image.Image:
    """Squeeze an image to the canvas of a grid, RGB, bicubic; its aspect ratio is not kept.

    An image that has that size already is not touched.
    """
    height, width = grid.canvas
    image = image.convert("RGB")
    if image.size == (width, height):
        return image
    return image.resize((width, height), Image.Resampling.BICUBIC)


def crop_windows(image: Image.Image, grid: WindowGrid) -> list[Image.Image]:
    """Give the windows as pictures, in order; for people to look at."""
    canvas = fit_to_canvas(image, grid)
    return [canvas.crop(box) for box in grid.boxes]


def cut_windows(
    image: Image.Image, grid: WindowGrid, *, mean: Sequence[float], std: Sequence[float]
) -> PagePixels:
    """Turn an image into the pixels of its windows and of its global view.

    The global view is interpolated from the normalised canvas, bicubic and without antialiasing,
    as the published model does it (`visual.py`, `F.interpolate`).

    Args:
        image: any size and mode.
        grid: how to cut it.
        mean: of each channel, for pixels in [0, 1].
        std: of each channel.

    Returns:
        Normalised views.
    """
    pixels_HW3 = np.array(fit_to_canvas(image, grid))
    canvas_3HW = torch.from_numpy(pixels_HW3).permute(2, 0, 1).contiguous().float().div(255)
    canvas_3HW = canvas_3HW.sub(_channels(mean)).div(_channels(std))
    size = (WINDOW_SIDE, WINDOW_SIDE)
    global_3HW = F.interpolate(canvas_3HW[None], size=size, mode="bicubic", align_corners=False)[0]
    windows = [canvas_3HW[:, top:bottom, left:right] for left, top, right, bottom in grid.boxes]
    windows_N3HW = torch.stack(windows) if windows else canvas_3HW.new_empty(0, 3, *size)
    return PagePixels(windows_N3HW, global_3HW, grid)


def _channels(values: Sequence[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32).view(3, 1, 1)
