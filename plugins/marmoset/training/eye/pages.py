"""A made-up page on paper: as a program prints it on A4, or a till, and somebody scans it."""

import random
from pathlib import Path

import numpy as np
import pymupdf

from training.eye.fonts import font_files, has_glyph, open_font
from training.eye.scans import slant, wear
from training.eye.spelling import plain_text
from training.synthesis.draft import GAP, Draft, Page
from training.synthesis.words import Words

A4 = (595.0, 842.0)
MARGIN = 50.0

FIELDS = {
    "invoice_number": lambda words: words.code(
        "INV-####", "####/##", "######", "?###-####", "####"
    ),
    "invoice_date": Words.date,
    "due_date": Words.date,
    "order_number": lambda words: words.code("PO-#####", "#######", "S#####"),
    "customer": Words.person,
    "contact": Words.person,
    "total": lambda words: words.money(words.amount(10, 9_000_000)),
    "subtotal": lambda words: words.money(words.amount(10, 90_000)),
    "tax": lambda words: words.money(words.amount(1, 9_000)),
    "phone": Words.phone,
    "policy_number": lambda words: words.code("PN-######", "########"),
    "department": lambda words: words.pick(("Sales", "Research", "Finance", "Logistics", "Legal")),
    "employer": Words.company,
    "reference": lambda words: words.code("REF-####", "???/###", "##-##-####"),
    "patient": Words.person,
    "salary": lambda words: words.money(words.amount(1_000, 90_000)),
}
"""Labelled values that fit on a line of large print."""


def short_page(split: str, number: int, longest: int) -> Page:
    """A page of labelled values, in English, with lines of at most so many characters."""
    for attempt in range(1000):
        words = Words(f"print/{split}/{number}/{attempt}", split)
        if words.language != "en":
            continue
        draft = Draft(words)
        draft.add(*words.random.sample([words.company(), words.heading()], words.between(0, 2)))
        keys = words.some(list(FIELDS), 4, 8)
        draft.facts({key: FIELDS[key](words) for key in keys})
        draft.miss(*(key for key in FIELDS if key not in keys))
        page = draft.page("labelled values")
        text = plain_text(page.text)
        if text == page.text and max(map(len, text.split("\n"))) <= longest:
            return page
    raise ValueError(f"no page with lines of {longest} characters came up")


def print_page(page: Page, path: Path, *, size: float, seed: str, held_out: bool) -> str:
    """Prints the lines of a page on A4; returns the font's name.

    Args:
        page: its lines must fit.
        path: of the PDF.
        size: of the print, in points.
        seed: of what is chosen: font, leading, where the columns stand.
        held_out: whether the font is one that is not trained on.
    """
    draw = random.Random(seed)
    lines = [line.split(GAP) for line in page.text.split("\n")]
    fonts = [name for name in font_files(held_out=held_out) if _can_print(name, page.text)]
    font, column = draw.choice(fonts), draw.uniform(8, 14) * size
    leading, top = draw.uniform(1.25, 1.9) * size, MARGIN + size + draw.uniform(0, 150)
    placed = [_place(cells, font, size, column) for cells in lines]
    while max(right for _, right in placed) > A4[0] - MARGIN / 2:
        # Too wide: closer columns, another font.
        font, column = draw.choice(fonts), 0.8 * column
        placed = [_place(cells, font, size, column) for cells in lines]
    with pymupdf.open() as document:
        sheet = document.new_page(width=A4[0], height=A4[1])
        writer = pymupdf.TextWriter(sheet.rect)
        for number, (cells, (lefts, _)) in enumerate(zip(lines, placed, strict=True)):
            for cell, left in zip(cells, lefts, strict=True):
                place = (left, top + number * leading)
                writer.append(place, cell, font=open_font(font), fontsize=size)
        writer.write_text(sheet)
        document.save(path, deflate=True)
    return Path(font).stem


def scan_slip(page: Page, *, seed: str, held_out: bool) -> np.ndarray:
    """Prints a page on a slip as wide as its longest line, and scans it.

    Args:
        page: of few columns, as a till's receipt is.
        seed: of what is chosen: font, size, leading, slant, wear.
        held_out: whether the font is one that is not trained on.

    Returns:
        The scan, (height, width, 3) uint8; its print is 18 to 40 pixels high.
    """
    draw = random.Random(seed)
    lines = [line.split(GAP) for line in page.text.split("\n")]
    fonts = [name for name in font_files(held_out=held_out) if _can_print(name, page.text)]
    font, size = draw.choice(fonts), draw.uniform(18, 40)
    leading, margin = draw.uniform(1.1, 1.6) * size, draw.uniform(0.5, 3) * size
    lengths = [[open_font(font).text_length(cell, size) for cell in cells] for cells in lines]
    room = max(sum(row) + size * (len(row) - 1) for row in lengths)
    width, height = round(room + 2 * margin), round(leading * (len(lines) + 1) + 2 * margin)
    with pymupdf.open() as document:
        sheet = document.new_page(width=width, height=height)
        writer = pymupdf.TextWriter(sheet.rect)
        for number, (cells, row) in enumerate(zip(lines, lengths, strict=True)):
            baseline, left = margin + leading * (number + 1), margin
            gap = (room - sum(row)) / max(len(row) - 1, 1)
            for cell, length in zip(cells, row, strict=True):
                writer.append((left, baseline), cell, font=open_font(font), fontsize=size)
                left += length + gap
        writer.write_text(sheet)
        pixels = sheet.get_pixmap()
        flat = np.frombuffer(pixels.samples, np.uint8)
    leaning, _, _ = slant(draw, flat.reshape(pixels.height, pixels.width, 3), [], [])
    return wear(draw, leaning, size)


def _place(cells: list[str], font: str, size: float, column: float) -> tuple[list[float], float]:
    """Where the cells of a line begin, in points, and where the last one ends."""
    lefts, left, right = [], MARGIN, MARGIN
    for cell in cells:
        lefts.append(left)
        right = left + open_font(font).text_length(cell, size)
        left = max(left + column, right + 1.2 * size)
    return lefts, right


def _can_print(font: str, text: str) -> bool:
    return all(has_glyph(font, letter) for letter in set(text) - {"\n"})
