"""Draw the three pictures of this folder: a poster, a bar chart and a road sign.

    python examples/captions/make_images.py

The bytes are the same every time.
"""

from collections.abc import Callable
from pathlib import Path

import pymupdf

FOLDER = Path(__file__).parent / "images"

NIGHT = (0.09, 0.12, 0.25)
MOON = (0.99, 0.93, 0.75)
HILL = (0.16, 0.28, 0.33)
INK = (0.14, 0.15, 0.18)
WHITE = (1.0, 1.0, 1.0)
BLUE = (0.20, 0.42, 0.68)
GREEN = (0.05, 0.38, 0.26)

VISITORS = (("April", 420), ("May", 610), ("June", 880), ("July", 1040), ("August", 960))
"""Visitors a month, as the bar chart shows them."""


def draw_poster() -> bytes:
    """Draw a poster for a concert, upright.

    Returns:
        A PNG of 640x900 pixels (width x height).
    """
    page = _new_page(320, 450, NIGHT)
    page.draw_circle((236, 92), 40, color=None, fill=MOON)
    for x, y in ((40, 50), (92, 120), (150, 40), (290, 170), (60, 190), (180, 150)):
        page.draw_circle((x, y), 1.6, color=None, fill=WHITE)
    hill = page.new_shape()
    hill.draw_bezier((0, 330), (90, 250), (170, 300), (320, 220))
    hill.draw_line((320, 220), (320, 450))
    hill.draw_line((320, 450), (0, 450))
    hill.finish(color=None, fill=HILL, closePath=True)
    hill.commit()
    _center(page, 236, "MOONLIGHT", "tibo", 40, MOON)
    _center(page, 270, "CONCERT", "tibo", 32, MOON)
    _center(page, 336, "Saturday 8 June, 9 pm", "hebo", 18, WHITE)
    _center(page, 366, "Castle Hill, Dunmere", "helv", 17, WHITE)
    _center(page, 412, "Admission free", "tiit", 20, MOON)
    return _png_bytes(page)


def draw_chart() -> bytes:
    """Draw a bar chart, lying.

    Returns:
        A PNG of 960x640 pixels (width x height).
    """
    page = _new_page(480, 320, WHITE)
    _center(page, 36, "Museum visitors in 2024", "hebo", 20, INK)
    page.draw_line((48, 270), (440, 270), color=INK, width=1.2)
    for number, (month, count) in enumerate(VISITORS):
        left = 62 + 76 * number
        top = 270 - 190 * count / 1100
        page.draw_rect((left, top, left + 52, 270), color=None, fill=BLUE)
        _center(page, 290, month, "helv", 14, INK, x=left + 26)
        _center(page, top - 7, str(count), "hebo", 14, INK, x=left + 26)
    return _png_bytes(page)


def draw_sign() -> bytes:
    """Draw a road sign, lying.

    Returns:
        A PNG of 900x600 pixels (width x height).
    """
    page = _new_page(450, 300, (0.74, 0.85, 0.94))
    page.draw_rect((0, 250, 450, 300), color=None, fill=(0.47, 0.62, 0.36))
    for x in (120, 320):
        page.draw_rect((x, 190, x + 10, 268), color=None, fill=(0.5, 0.5, 0.52))
    page.draw_rect((50, 40, 400, 200), color=WHITE, fill=GREEN, width=5, radius=0.06)
    for number, (town, miles) in enumerate((("Dunmere", "4"), ("Port Ellery", "17"))):
        y = 104 + 56 * number
        page.insert_text((78, y), town, fontname="hebo", fontsize=34, color=WHITE)
        width = pymupdf.get_text_length(miles, fontname="hebo", fontsize=34)
        page.insert_text((372 - width, y), miles, fontname="hebo", fontsize=34, color=WHITE)
    return _png_bytes(page)


DRAWINGS: dict[str, Callable[[], bytes]] = {
    "chart.png": draw_chart,
    "poster.png": draw_poster,
    "sign.png": draw_sign,
}
"""What each file is drawn by."""


def _new_page(width: float, height: float, color: tuple[float, float, float]) -> pymupdf.Page:
    page = pymupdf.open().new_page(width=width, height=height)
    page.draw_rect(page.rect, color=None, fill=color)
    return page


def _center(
    page: pymupdf.Page,
    y: float,
    text: str,
    font: str,
    size: float,
    color: tuple[float, float, float],
    *,
    x: float | None = None,
) -> None:
    """Write a line whose middle stands at `x`, or in the middle of the page, on base line `y`."""
    width = pymupdf.get_text_length(text, fontname=font, fontsize=size)
    middle = page.rect.width / 2 if x is None else x
    page.insert_text((middle - width / 2, y), text, fontname=font, fontsize=size, color=color)


def _png_bytes(page: pymupdf.Page) -> bytes:
    data: bytes = page.get_pixmap(matrix=pymupdf.Matrix(2, 2)).tobytes("png")
    page.parent.close()
    return data


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, draw in DRAWINGS.items():
        (FOLDER / name).write_bytes(draw())
