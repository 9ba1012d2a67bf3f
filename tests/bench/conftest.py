import pytest
from PIL import Image

from monkeycli.document import Page
from monkeycli.grid import WindowGrid


@pytest.fixture
def small_page() -> Page:
    grid = WindowGrid(1, 2)
    image = Image.radial_gradient("L").resize(grid.canvas[::-1]).convert("RGB")
    return Page(number=1, label=None, image=image, grid=grid, text=None)
