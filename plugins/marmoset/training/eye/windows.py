"""Windows of print, drawn by the code that draws PDF pages, with the place of every character.

    Window --> 448x448 pixels and, for each character, its class and the middle of its box

Everything follows from a window's number. Print runs over the window's borders, as it does where
a page is cut.
"""

import random
from dataclasses import dataclass, field

import numpy as np
import pymupdf
from PIL import Image, ImageFilter
from pymupdf import mupdf

from training.eye.alphabet import CLASSES, SPACE
from training.eye.fonts import advance, font_files, has_glyph, open_font, till_fonts
from training.eye.phrases import words_of
from training.eye.scans import needles, slant, wear

Color = tuple[float, ...]
"""Red, green and blue from 0 to 1."""

SIDE = 448
SIZES = (11.0, 48.0)
"""Smallest and largest print, in pixels."""

SCANNED = 0.6
"""Share of windows that look scanned."""

TILL = 0.45
"""Share of scanned windows in letters as tills and old printers have them."""

NEEDLES = 0.12
"""Share of scanned windows that needles printed."""

MIDDLE = 0.31
"""Height of a line's middle above its baseline, in parts of the font size."""

STRETCH = (0.6, 2.0)
"""Narrowest and widest print: a till receipt of 1 to 2.2 becomes one and a half times as wide."""

WORD_END = 0.125
"""Where the mark behind a word stands, in parts of the font size after its last character."""


@dataclass
class Print:
    """A sheet being printed."""

    paper: np.ndarray
    """What it is printed on, (height, width, 3) uint8."""
    squeeze: float = 1.0
    """Width of the characters: pages are not quite as wide as their windows."""
    classes: list[int] = field(default_factory=list)
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)
    """Classes and middles of the characters, in pixels."""

    def __post_init__(self) -> None:
        self.height, self.width, _ = self.paper.shape
        self._pixels = pymupdf.Pixmap(
            pymupdf.csRGB, self.width, self.height, self.paper.tobytes(), 0
        )
        self._device = mupdf.fz_new_draw_device(mupdf.FzMatrix(), self._pixels.this)
        self._rect = pymupdf.Rect(0, 0, self.width / self.squeeze, self.height)

    def line(  # noqa: PLR0917
        self, x: float, y: float, text: str, font: str, size: float, color: Color = (0.0, 0.0, 0.0)
    ) -> float:
        """Prints text with its baseline at y from x on; returns where it ends."""
        words = pymupdf.TextWriter(self._rect)
        for word in text.split():
            known = "".join(letter for letter in word if has_glyph(font, letter))
            if not known:
                continue
            words.append((x / self.squeeze, y), known, font=open_font(font), fontsize=size)
            for letter in known:
                width = advance(font, letter) * size * self.squeeze
                self._mark(CLASSES[letter], x + width / 2, y - MIDDLE * size)
                x += width
            self._mark(SPACE, x + WORD_END * size * self.squeeze, y - MIDDLE * size)
            x += advance(font, " ") * size * self.squeeze
        matrix = mupdf.FzMatrix(self.squeeze, 0, 0, -1, 0, self.height)
        mupdf.fz_fill_text(
            self._device,
            words.this,
            matrix,
            mupdf.fz_device_rgb(),
            color,
            1.0,
            mupdf.FzColorParams(),
        )
        return x

    def pixels(self) -> np.ndarray:
        """The sheet, (height, width, 3) uint8."""
        mupdf.fz_close_device(self._device)
        flat = np.frombuffer(self._pixels.samples, np.uint8)
        return flat.reshape(self.height, self.width, 3).copy()

    def _mark(self, number: int, x: float, y: float) -> None:
        if 0 <= x < self.width and 0 <= y < self.height:
            self.classes.append(number)
            self.xs.append(x)
            self.ys.append(y)


def draw_window(
    number: int,
    *,
    held_out: bool = False,
    sizes: tuple[float, float] = SIZES,
    scanned: float = SCANNED,
) -> tuple[np.ndarray, Print]:
    """Draws window `number`; returns pixels (448, 448, 3) uint8 and what is printed.

    Args:
        number: all that is drawn follows from it.
        held_out: whether fonts and texts are of those that are not trained on.
        sizes: smallest and largest print, in pixels.
        scanned: how likely the window looks like one of a scan.
    """
    draw = random.Random(f"sheet/{number}/{held_out}")
    split = "held-out" if held_out else "train"
    is_scanned = draw.random() < scanned
    is_till = is_scanned and not held_out and draw.random() < TILL
    fonts = till_fonts() if is_till else font_files(held_out=held_out)
    dark = draw.random() < 0.05
    ink, paper = _colors(draw)
    if dark:
        ink, paper = paper, ink
    sheet = Print(_paper(draw, ink, paper), _squeeze(draw))
    base = sizes[0] * (sizes[1] / sizes[0]) ** draw.random()
    main_font = draw.choice(fonts)
    leading = draw.uniform(1.08, 1.5)
    y = draw.uniform(-0.2, 1.0) * base
    while y < SIDE + base:
        size = base if draw.random() < 0.85 else min(sizes[1], base * draw.uniform(0.75, 1.8))
        y += max(size, base) * (leading if draw.random() < 0.85 else draw.uniform(1.2, 2.2))
        font = main_font if draw.random() < 0.7 else draw.choice(fonts)
        x = draw.choice((draw.uniform(-3, 0), draw.uniform(0, 2))) * base
        while x < SIDE:
            text = words_of(draw, split)[:80]
            shade = ink if draw.random() < 0.93 else tuple(draw.uniform(0, 0.6) for _ in range(3))
            x = sheet.line(x, y, text, font, size, ink if dark else shade)
            x += size * draw.choice((0, 0, 0.5, draw.uniform(0.5, 5)))
            if draw.random() < 0.25:
                font = draw.choice(fonts)
    pixels = sheet.pixels()
    if not is_scanned:
        return _degrade(draw, pixels), sheet
    if not dark and draw.random() < NEEDLES:
        pixels = needles(draw, pixels, base)
    if draw.random() < 0.7:
        pixels, sheet.xs, sheet.ys = slant(draw, pixels, sheet.xs, sheet.ys)
    return wear(draw, pixels, base), sheet


def _squeeze(draw: random.Random) -> float:
    """As a page is that nearly has its grid's shape, or as one that is much longer or wider."""
    if draw.random() < 0.5:
        return draw.uniform(0.84, 1.1)
    return STRETCH[0] * (STRETCH[1] / STRETCH[0]) ** draw.random()


def _colors(draw: random.Random) -> tuple[Color, Color]:
    ink = (0.0,) * 3 if draw.random() < 0.6 else tuple(draw.uniform(0, 0.4) for _ in range(3))
    paper = (1.0,) * 3 if draw.random() < 0.65 else tuple(draw.uniform(0.82, 1) for _ in range(3))
    return ink, paper


def _paper(draw: random.Random, ink: Color, color: Color) -> np.ndarray:
    """Paper with lines of tables and boxes; print may cross them."""
    pixels = np.full((SIDE, SIDE, 3), np.multiply(color, 255).round(), np.uint8)
    for _ in range(draw.choice((0, 0, 0, 1, 2, 4))):
        left, top, width = draw.randint(0, 400), draw.randint(0, SIDE), draw.choice((1, 1, 2))
        if draw.random() < 0.7:
            box = slice(top, top + width), slice(left, left + draw.randint(50, 500))
        else:
            box = slice(top, top + draw.randint(30, 400)), slice(left, left + width)
        pixels[box] = np.multiply(ink, 255).round()
    return pixels


def _degrade(draw: random.Random, pixels: np.ndarray) -> np.ndarray:
    """Now and then blur, rescaling, noise, lower contrast."""
    image = Image.fromarray(pixels)
    chance = draw.random()
    if chance < 0.12:
        side = int(SIDE * draw.uniform(0.75, 0.95))
        image = image.resize((side, side), Image.Resampling.BILINEAR)
        image = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    elif chance < 0.25:
        image = image.filter(ImageFilter.GaussianBlur(draw.uniform(0.2, 0.8)))
    elif chance < 0.3:
        image = image.filter(ImageFilter.UnsharpMask(1, draw.randint(50, 150), 0))
    values = np.asarray(image)
    if draw.random() < 0.25:
        noise = np.random.default_rng(draw.getrandbits(32)).normal(
            draw.uniform(-15, 15), draw.uniform(1, 10), (*values.shape[:2], 1)
        )
        values = np.clip(values + noise, 0, 255).astype(np.uint8)
    return values
