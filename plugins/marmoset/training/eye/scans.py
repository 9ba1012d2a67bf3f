"""What copying, printing and scanning do to print: slant, lost detail, faint ink, dirt, grain.

    sheet --slant--> leaning sheet, characters moved along --wear--> as a scanner gives it

Each is drawn from a `random.Random`, so a window stays what its number says.
"""

import io
import math
import random

import numpy as np
from PIL import Image, ImageFilter

MOST_SLANT = 2.0
"""Degrees."""

MOST_SHEAR = 0.02
"""Pixels to the side for every pixel down."""

LEAST = 10.0
"""Print that a scanner sees in fewer pixels is lost, and nothing is learnt from it."""


def slant(
    draw: random.Random, pixels: np.ndarray, xs: list[float], ys: list[float]
) -> tuple[np.ndarray, list[float], list[float]]:
    """Turns a sheet about its middle by a small angle, and shears it.

    Args:
        draw: chooses the angle.
        pixels: (height, width, 3) uint8.
        xs: of characters, in pixels.
        ys: likewise.

    Returns:
        The same of the turned sheet. What was beyond its border has the sheet's usual colour;
        characters may have left it.
    """
    angle = math.radians(draw.gauss(0, MOST_SLANT / 2.5))
    angle = max(-math.radians(MOST_SLANT), min(math.radians(MOST_SLANT), angle))
    shear = draw.uniform(-MOST_SHEAR, MOST_SHEAR)
    cos, sin = math.cos(angle), math.sin(angle)
    # A place of the turned sheet, from its middle, to one of the sheet before.
    back = np.array([[cos, sin - shear], [-sin, cos]])
    forth = np.linalg.inv(back)
    height, width, _ = pixels.shape
    middle = np.array([width / 2, height / 2])
    shift = middle - back @ middle
    image = Image.fromarray(pixels).transform(
        (width, height),
        Image.Transform.AFFINE,
        (*back[0], shift[0], *back[1], shift[1]),
        Image.Resampling.BICUBIC,
        fillcolor=tuple(int(value) for value in np.median(pixels[::16, ::16], axis=(0, 1))),
    )
    moved = (np.array([xs, ys]).T - middle) @ forth.T + middle
    return np.asarray(image), moved[:, 0].tolist(), moved[:, 1].tolist()


def needles(draw: random.Random, pixels: np.ndarray, size: float) -> np.ndarray:
    """Prints a sheet once more with needles: a row of dots for every stroke.

    Args:
        draw: chooses how fine and how thick the dots are.
        pixels: (height, width, 3) uint8, dark on light.
        size: of the print, in pixels; a line of it has nine to fourteen rows of dots.

    Returns:
        Pixels of the same shape.
    """
    height, width, _ = pixels.shape
    down = size / draw.uniform(9, 14)
    across = down * draw.choice((0.5, 0.75, 1.0, 1.0))
    grid = round(width / across), round(height / down)
    image = Image.fromarray(pixels)
    gray = np.asarray(image.convert("L"), np.float32)
    paper = float(np.percentile(gray[::8, ::8], 90))
    ink = np.asarray(Image.fromarray(gray).resize(grid, Image.Resampling.BOX))
    is_hit = ink < paper - draw.uniform(0.25, 0.45) * (paper - gray.min())
    radius = down * draw.uniform(0.42, 0.75)
    rows, cols = (np.arange(length) + 0.5 for length in (height, width))
    from_row = (rows - (np.floor(rows / down) + 0.5) * down) ** 2
    from_col = (cols - (np.floor(cols / across) + 0.5) * across) ** 2
    distance = np.sqrt(from_row[:, None] + from_col)
    strength = is_hit[
        np.minimum(rows / down, grid[1] - 1).astype(int)[:, None],
        np.minimum(cols / across, grid[0] - 1).astype(int),
    ]
    dots = strength * (radius + 0.5 - distance).clip(0, 1)
    shade = draw.uniform(0, 0.45) * paper
    return np.repeat((paper + dots * (shade - paper))[..., None], 3, -1).astype(np.uint8)


def wear(draw: random.Random, pixels: np.ndarray, size: float) -> np.ndarray:
    """Makes a clean sheet look printed on a till or copied, and scanned.

    Args:
        draw: chooses what happens; several things may, mostly few do.
        pixels: (height, width, 3) uint8.
        size: of the print, in pixels; the smaller, the less is taken from it.

    Returns:
        Pixels of the same shape, now and then grey.
    """
    image = Image.fromarray(pixels)
    if draw.random() < 0.3:
        image = image.convert("L").convert("RGB")
    image = _ink(draw, image)
    image = _scanner(draw, image, size)
    values = np.asarray(image, np.float32)
    values = _light(draw, values)
    values = _dirt(draw, values)
    if draw.random() < 0.55:
        values += _grain(draw, values.shape)
    values = np.clip(values, 0, 255).astype(np.uint8)
    if draw.random() < 0.12:
        level = draw.uniform(0.45, 0.75) * float(values.max())
        values = np.where(values.mean(-1, keepdims=True) > level, 255, 0).astype(np.uint8)
        values = np.broadcast_to(values, (*values.shape[:2], 3))
    return _compress(draw, values) if draw.random() < 0.5 else values


def _ink(draw: random.Random, image: Image.Image) -> Image.Image:
    """Strokes that ran, or were not printed fully: needles, worn heads, faint ribbons."""
    chance = draw.random()
    if chance < 0.08:
        thick = image.filter(ImageFilter.MinFilter(3))
        return Image.blend(image, thick, draw.uniform(0.2, 0.8))
    if chance < 0.14:
        thin = image.filter(ImageFilter.MaxFilter(3))
        return Image.blend(image, thin, draw.uniform(0.1, 0.5))
    if chance < 0.24:
        values = np.asarray(image, np.float32)
        height, width, _ = values.shape
        generator = np.random.default_rng(draw.getrandbits(32))
        lost = np.zeros((height, width), np.float32)
        if draw.random() < 0.5:
            lost[:: draw.randint(2, 4)] = draw.uniform(0.2, 0.7)
        if draw.random() < 0.7:
            spots = generator.random((height, width)) < draw.uniform(0.02, 0.15)
            lost = np.maximum(lost, spots * draw.uniform(0.3, 0.9))
        paper = np.percentile(values[::8, ::8], 90, axis=(0, 1))
        values += lost[..., None] * (paper - values).clip(0)
        return Image.fromarray(values.clip(0, 255).astype(np.uint8))
    return image


def _scanner(draw: random.Random, image: Image.Image, size: float) -> Image.Image:
    """Too few dots to the inch, or out of focus."""
    width, height = image.size
    if draw.random() < 0.45:
        share = draw.uniform(min(0.9, max(0.5, LEAST / size)), 0.98)
        down = draw.choice((Image.Resampling.BILINEAR, Image.Resampling.BOX))
        small = image.resize((round(width * share), round(height * share)), down)
        up = draw.choice((Image.Resampling.BILINEAR, Image.Resampling.BICUBIC))
        image = small.resize((width, height), up)
    if draw.random() < 0.4:
        image = image.filter(ImageFilter.GaussianBlur(draw.uniform(0.2, min(1.2, size / 16))))
    if draw.random() < 0.15:
        image = image.filter(ImageFilter.UnsharpMask(draw.uniform(1, 2), draw.randint(50, 200), 0))
    return image


def _light(draw: random.Random, values: np.ndarray) -> np.ndarray:
    """Less contrast, a shadow across the page."""
    if draw.random() < 0.5:
        black, white = draw.uniform(0, 110), draw.uniform(190, 255)
        values = black + values * (white - black) / 255
    if draw.random() < 0.25:
        height, width, _ = values.shape
        angle, depth = draw.uniform(0, 2 * math.pi), draw.uniform(0.1, 0.45)
        rows, cols = np.linspace(-0.7, 0.7, height), np.linspace(-0.7, 0.7, width)
        ramp = np.add.outer(rows * math.sin(angle), cols * math.cos(angle)).astype(np.float32)
        if draw.random() < 0.4:
            ramp = np.abs(ramp)  # a fold
        values = values * (1 - depth * ramp.clip(0, 1))[..., None]
    return values


def _dirt(draw: random.Random, values: np.ndarray) -> np.ndarray:
    """Specks, and the lines that a dirty scanner or a worn head draws from top to bottom."""
    generator = np.random.default_rng(draw.getrandbits(32))
    height, width, _ = values.shape
    if draw.random() < 0.15:
        count = draw.randint(20, 800)
        spots = generator.integers(0, height, count), generator.integers(0, width, count)
        values[spots] = generator.choice((0.0, 255.0), (count, 1))
    if draw.random() < 0.08:
        for _ in range(draw.randint(1, 3)):
            left = draw.randint(0, width - 2)
            shade, strength = draw.choice((0, 255)), draw.uniform(0.2, 0.7)
            strip = values[:, left : left + draw.choice((1, 1, 2))]
            strip += strength * (shade - strip)
    return values


def _grain(draw: random.Random, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of the sensor or of the paper; that of paper is coarser."""
    generator = np.random.default_rng(draw.getrandbits(32))
    height, width, _ = shape
    strength = draw.uniform(1, 18)
    if draw.random() < 0.5:
        return generator.normal(0, strength, (height, width, 1)).astype(np.float32)
    coarse = generator.normal(128, min(60.0, 2 * strength), (height // 2, width // 2))
    image = Image.fromarray(coarse.clip(0, 255).astype(np.uint8))
    fine = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(fine, np.float32)[..., None] - 128


def _compress(draw: random.Random, values: np.ndarray) -> np.ndarray:
    """As a JPEG of little quality."""
    packed = io.BytesIO()
    Image.fromarray(values).save(packed, "JPEG", quality=draw.randint(20, 85))
    return np.asarray(Image.open(packed).convert("RGB"))
