"""Draw the three documents of this folder: an invoice (PDF), a receipt (PNG) and a letter (PDF).

    python examples/question-file/make_documents.py

All people, firms and addresses are invented; the bytes are the same every time.
"""

from collections.abc import Callable
from pathlib import Path

import pymupdf

FOLDER = Path(__file__).parent / "documents"

INK = (0.12, 0.13, 0.16)
PALE = (0.45, 0.48, 0.52)
BRICK = (0.62, 0.22, 0.16)
MIST = (0.96, 0.94, 0.92)
PAPER = (0.985, 0.98, 0.965)

REGULAR, BOLD, MONO, MONO_BOLD = "helv", "hebo", "cour", "cobo"
SERIF, SERIF_BOLD, SERIF_ITALIC = "tiro", "tibo", "tiit"
"""Fonts that every PDF reader has; none is embedded."""

INVOICE_FACTS = (
    ("Invoice number", "RB-20418"),
    ("Invoice date", "3 June 2024"),
    ("Due date", "3 July 2024"),
    ("Customer", "Alder Street Library"),
)
INVOICE_ITEMS = (
    ("Item", "Quantity", "Amount"),
    ("Oak reading table", "4", "$1,960.00"),
    ("Reading lamp, brass", "12", "$1,044.00"),
    ("Delivery", "1", "$85.00"),
    ("Sales tax", "", "$247.12"),
)
INVOICE_TOTAL = ("Total due", "$3,336.12")

RECEIPT_LINES = (
    ("Oat flat white", "4.20"),
    ("Pot of tea", "3.10"),
    ("Seed cake", "3.80"),
    ("Cheese scone x2", "5.60"),
)
RECEIPT_SUMS = (("TOTAL", "$16.70"), ("Cash", "$20.00"), ("Change", "$3.30"))

LETTER_BODY = (
    "Dear Ms Okafor,",
    (
        "Thank you for your application. We are pleased to offer you the position of Senior "
        "Surveyor at our Marsh Lane office. Your annual salary will be $71,500 and your first "
        "day of work is 2 September 2024."
    ),
    "Please sign and return the enclosed copy by 19 July 2024.",
    "Yours sincerely,",
)


def draw_invoice() -> bytes:
    """Draw an invoice of one page.

    Returns:
        A PDF without dates or random ids in it.
    """
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    page.draw_rect((0, 0, 14, 842), color=None, fill=BRICK)
    _write(page, 56, 78, "Rowan & Birch", SERIF_BOLD, 28)
    _write(page, 56, 102, "Furniture makers, 12 Quay Road, Dunmere", REGULAR, 14, PALE)
    _write(page, 539, 78, "INVOICE", BOLD, 22, BRICK, align="right")
    for number, (name, value) in enumerate(INVOICE_FACTS):
        y = 168 + 30 * number
        _write(page, 56, y, f"{name}:", REGULAR, 15, PALE)
        _write(page, 210, y, value, BOLD, 15)
    for number, (item, quantity, amount) in enumerate(INVOICE_ITEMS):
        y = 330 + 40 * number
        font = BOLD if number == 0 else REGULAR
        if number == 0:
            page.draw_rect((56, y - 26, 539, y + 12), color=None, fill=MIST)
        _write(page, 68, y, item, font, 15)
        _write(page, 380, y, quantity, font, 15, align="right")
        _write(page, 527, y, amount, font, 15, align="right")
    page.draw_line((56, 512), (539, 512), color=BRICK, width=1.4)
    _write(page, 68, 544, INVOICE_TOTAL[0], BOLD, 18)
    _write(page, 527, 544, INVOICE_TOTAL[1], BOLD, 18, align="right")
    _write(page, 56, 772, "Pay by bank transfer within 30 days. Thank you!", SERIF_ITALIC, 15, PALE)
    return _pdf_bytes(document, "Invoice RB-20418")


def draw_receipt() -> bytes:
    """Draw a till receipt as a picture, 560x900 pixels (width x height).

    Returns:
        A PNG.
    """
    document = pymupdf.open()
    page = document.new_page(width=280, height=450)
    page.draw_rect(page.rect, color=None, fill=PAPER)
    _write(page, 140, 44, "THE TIN KETTLE", MONO_BOLD, 19, align="center")
    _write(page, 140, 68, "8 Mill Lane, Dunmere", MONO, 14, align="center")
    _write(page, 140, 90, "Date: 11/05/2024", MONO, 14, align="center")
    for number, (name, price) in enumerate(RECEIPT_LINES):
        y = 134 + 28 * number
        _write(page, 22, y, name, MONO, 14)
        _write(page, 258, y, price, MONO, 14, align="right")
    page.draw_line((22, 244), (258, 244), color=INK, width=1, dashes="[3 3]")
    for number, (name, price) in enumerate(RECEIPT_SUMS):
        y = 276 + 30 * number
        _write(page, 22, y, name, MONO_BOLD, 17)
        _write(page, 258, y, price, MONO_BOLD, 17, align="right")
    page.draw_line((22, 356), (258, 356), color=INK, width=1, dashes="[3 3]")
    _write(page, 140, 390, "Served by: Tom", MONO, 14, align="center")
    _write(page, 140, 416, "Thank you", MONO_BOLD, 15, align="center")
    data: bytes = page.get_pixmap(matrix=pymupdf.Matrix(2, 2)).tobytes("png")
    document.close()
    return data


def draw_letter() -> bytes:
    """Draw a letter of one page.

    Returns:
        A PDF without dates or random ids in it.
    """
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    _write(page, 297.5, 80, "Fenwick Land Surveys", SERIF_BOLD, 26, align="center")
    _write(page, 297.5, 104, "27 Marsh Lane, Dunmere", SERIF, 15, PALE, align="center")
    page.draw_line((72, 124), (523, 124), color=PALE, width=0.8)
    _write(page, 523, 168, "28 June 2024", SERIF, 15, align="right")
    _write(page, 72, 168, "Reference: FLS-0731", SERIF, 15)
    top = 212.0
    for paragraph in LETTER_BODY:
        box = pymupdf.Rect(72, top, 523, top + 160)
        left_over = page.insert_textbox(
            box, paragraph, fontname=SERIF, fontsize=15.5, lineheight=1.5, color=INK
        )
        top += 160 - left_over + 14
    page.draw_bezier((72, 508), (110, 440), (100, 560), (150, 490), color=INK, width=1.5)
    page.draw_bezier((150, 490), (170, 470), (165, 540), (240, 486), color=INK, width=1.5)
    _write(page, 72, 548, "Daniel Fenwick", SERIF_BOLD, 16)
    _write(page, 72, 570, "Managing Director", SERIF, 15)
    return _pdf_bytes(document, "Letter FLS-0731")


DRAWINGS: dict[str, Callable[[], bytes]] = {
    "invoice.pdf": draw_invoice,
    "letter.pdf": draw_letter,
    "receipt.png": draw_receipt,
}
"""What each file is drawn by."""


def _write(
    page: pymupdf.Page,
    x: float,
    y: float,
    text: str,
    font: str,
    size: float,
    color: tuple[float, float, float] = INK,
    *,
    align: str = "left",
) -> None:
    """Write a line whose left end, middle or right end stands at `x`, on the base line `y`."""
    width = pymupdf.get_text_length(text, fontname=font, fontsize=size)
    start = x - width * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    page.insert_text((start, y), text, fontname=font, fontsize=size, color=color)


def _pdf_bytes(document: pymupdf.Document, title: str) -> bytes:
    document.set_metadata({"title": title})
    data: bytes = document.tobytes(garbage=4, no_new_id=True)
    document.close()
    return data


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, draw in DRAWINGS.items():
        (FOLDER / name).write_bytes(draw())
