"""Draw an invoice as a PDF page with its text in it."""

import pymupdf
from invoice import COLUMNS, FIRM, LABELS, STREET, SUMS, Invoice

REGULAR, BOLD = "helv", "hebo"
"""Fonts that every PDF reader has; none is embedded."""

WIDTH, HEIGHT = 420, 595
"""Of the page, A5 upright, in points, like all lengths."""


def draw_pdf(invoice: Invoice) -> bytes:
    """Draw an invoice on a page of A5, upright.

    Returns:
        A PDF without dates or random ids in it.
    """
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    pen = _Pen(page, invoice)
    left, right = invoice.margin, WIDTH - invoice.margin
    page.draw_line((left, 58), (right, 58), color=invoice.ink, width=1.2)
    pen.write(left, 48, FIRM, font=BOLD, size=17)
    pen.write(right, 48, STREET, size=8, align="right")
    pen.write(left, 88, invoice.customer)
    pen.write(left, 88 + 1.4 * invoice.size, invoice.city)
    bottom = _draw_facts(pen, invoice, 140)
    bottom = _draw_table(pen, invoice, bottom + 26)
    _draw_sums(pen, invoice, bottom + 18)
    document.set_metadata({})
    data: bytes = document.tobytes(garbage=4, no_new_id=True)
    document.close()
    return data


class _Pen:
    """Writes on a page in an invoice's ink and size."""

    def __init__(self, page: pymupdf.Page, invoice: Invoice) -> None:
        self.page, self._invoice = page, invoice

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        font: str = REGULAR,
        size: float | None = None,
        align: str = "left",
    ) -> None:
        """Write a line whose left or right end stands at `x`, on the base line `y`."""
        size = size or self._invoice.size
        width = pymupdf.get_text_length(text, fontname=font, fontsize=size)
        start = x - width * (align == "right")
        self.page.insert_text(
            (start, y), text, fontname=font, fontsize=size, color=self._invoice.ink
        )


def _draw_facts(pen: _Pen, invoice: Invoice, top: float) -> float:
    """Draw the facts; give where they end."""
    per_row = {"list": 1, "pairs": 2, "box": 4}[invoice.arrangement]
    step = 1.7 * invoice.size
    width = (WIDTH - 2 * invoice.margin) / per_row
    for place, name in enumerate(invoice.facts):
        row, column = divmod(place, per_row)
        x, y = invoice.margin + column * width, top + row * step
        if invoice.arrangement == "box":
            y += row * step
            pen.write(x + 6, y, LABELS[name], size=7.5)
            pen.write(x + 6, y + 0.9 * step, invoice.values[name], font=BOLD, size=9)
        else:
            pen.write(x, y, LABELS[name])
            pen.write(x + 32, y, invoice.values[name], font=BOLD)
    rows = -(-len(invoice.facts) // per_row)
    bottom = top + (rows - 1) * step
    if invoice.arrangement == "box":
        bottom += rows * step
        frame = (invoice.margin, top - 14, WIDTH - invoice.margin, bottom + 6)
        pen.page.draw_rect(frame, color=invoice.ink, width=0.6)
    return bottom


def _draw_table(pen: _Pen, invoice: Invoice, top: float) -> float:
    """Draw the rows of goods; give where they end."""
    left, right = invoice.margin, WIDTH - invoice.margin
    widths = {"item": 0.46, "quantity": 0.12, "price": 0.2, "amount": 0.22}
    rows = [COLUMNS, *(item.cells() for item in invoice.items)]
    for number, cells in enumerate(rows):
        y = top + 1.75 * invoice.size * number
        x = float(left)
        for column in invoice.order:
            width = widths[column] * (right - left)
            is_name = column == "item"
            pen.write(
                x + 4 if is_name else x + width - 4,
                y,
                cells[column],
                font=REGULAR if number else BOLD,
                align="left" if is_name else "right",
            )
            x += width
    bottom = top + 1.75 * invoice.size * (len(rows) - 1) + 7
    pen.page.draw_line((left, top + 5), (right, top + 5), color=invoice.ink, width=0.8)
    pen.page.draw_line((left, bottom), (right, bottom), color=invoice.ink, width=0.8)
    return bottom


def _draw_sums(pen: _Pen, invoice: Invoice, top: float) -> None:
    right = WIDTH - invoice.margin - 4
    for number, name in enumerate(name for name in SUMS if name in invoice.values):
        y = top + 1.7 * invoice.size * number
        font = BOLD if name == "total to pay" else REGULAR
        pen.write(right - 140, y, LABELS[name], font=font)
        pen.write(right, y, invoice.values[name], font=font, align="right")
