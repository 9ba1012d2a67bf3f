"""Draw documents and pages for tests; no two of them look alike."""

from pathlib import Path

import numpy as np
from PIL import Image

from monkeycli.document import Page
from monkeycli.grid import WindowGrid


def draw_pdf(path: Path, *texts: str, password: str | None = None) -> Path:
    """Write a PDF with a page for each text.

    Args:
        path: of the file.
        texts: of the pages; an empty one leaves its page blank, so that it has no text layer.
        password: that opens it; None for none.

    Returns:
        `path`.
    """
    import pymupdf

    with pymupdf.open() as document:
        for number, text in enumerate(texts):
            page = document.new_page(width=595, height=842)
            page.draw_rect((50, 200 + 6 * number, 300, 500), fill=(number / 50, 0.5, 0.2))
            if text:
                page.insert_text((72, 100), text, fontsize=20)
        locked = {
            "encryption": pymupdf.PDF_ENCRYPT_AES_256,
            "user_pw": password,
            "owner_pw": f"{password}!",
        }
        document.save(str(path), **(locked if password else {}))
    return path


def draw_image(path: Path, *, seed: int = 0, size: tuple[int, int] = (300, 300)) -> Path:
    """Write an image of coloured blocks; `size` is (height, width), the path's suffix its kind."""
    _blocks(seed, size).save(path)
    return path


def draw_page(number: int, grid: str = "1x1", text: str | None = None) -> Page:
    """Give a rasterized page with a picture of its own."""
    rows, cols = map(int, grid.split("x"))
    window_grid = WindowGrid(rows, cols)
    return Page(number, None, _blocks(number, window_grid.canvas), window_grid, text)


def _blocks(seed: int, size: tuple[int, int]) -> Image.Image:
    height, width = size
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.NEAREST)
