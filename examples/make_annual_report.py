"""Draw `annual-report.pdf`: one clean page of an invented company, the same bytes every time.

    python examples/make_annual_report.py

Every value is printed at 14 points or more, which is what a small model reads with certainty.
"""

from pathlib import Path

import pymupdf

OUTPUT = Path(__file__).parent / "annual-report.pdf"

WIDTH, HEIGHT = pymupdf.paper_size("a4")
MARGIN = 56
"""White on the left and right, in points."""

INK = (0.13, 0.15, 0.18)
PALE = (0.45, 0.48, 0.52)
PINE = (0.07, 0.30, 0.27)
SAND = (0.95, 0.94, 0.90)
WHITE = (1.0, 1.0, 1.0)

TITLE = "Annual Report 2024"
COMPANY = "Larkfield Instruments"
PARAGRAPH = (
    "Larkfield Instruments makes weather stations for farms, harbours and schools. In 2024 we "
    "shipped 18,400 stations to 31 countries, opened a second workshop and brought our first solar "
    "sensor to market. Demand grew in every region, and we enter the new year without debt."
)
TABLE = (
    ("", "2024", "2023"),
    ("Total revenue", "$4,821,300", "$4,377,500"),
    ("Cost of sales", "$2,906,100", "$2,715,800"),
    ("Operating income", "$968,400", "$802,900"),
    ("Net income", "$742,650", "$611,200"),
    ("Cash at year end", "$1,530,000", "$1,184,700"),
)
FACTS = (
    ("Employees", "312"),
    ("Headquarters", "Port Ellery"),
    ("Founded", "1987"),
)
SIGNER = "Eleanor Whitby"
OFFICE = "Chief Executive Officer"
PLACE_AND_DATE = "Port Ellery, 14 March 2025"

REGULAR, BOLD, SERIF, ITALIC = "helv", "hebo", "tibo", "tiit"
"""Fonts that every PDF reader has; none is embedded."""


def draw_report() -> bytes:
    """Draw the page.

    Returns:
        A PDF without dates or random ids in it.
    """
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    _draw_masthead(page)
    _draw_paragraph(page, top=158)
    _draw_table(page, top=282)
    _draw_facts(page, top=548)
    _draw_signature(page, top=672)
    document.set_metadata({"title": f"{COMPANY}: {TITLE}", "author": COMPANY})
    data: bytes = document.tobytes(garbage=4, no_new_id=True)
    document.close()
    return data


def _draw_masthead(page: pymupdf.Page) -> None:
    page.draw_rect((0, 0, WIDTH, 124), color=None, fill=PINE)
    _draw_mark(page, pymupdf.Point(WIDTH - MARGIN - 30, 62))
    page.insert_text((MARGIN, 54), COMPANY, fontname=REGULAR, fontsize=17, color=SAND)
    page.insert_text((MARGIN, 94), TITLE, fontname=SERIF, fontsize=34, color=WHITE)


def _draw_mark(page: pymupdf.Page, center: pymupdf.Point) -> None:
    """Draw the company's mark: a wind rose."""
    page.draw_circle(center, 30, color=SAND, width=1.2)
    for angle in range(0, 360, 45):
        tip = center + pymupdf.Point(25 if angle % 90 == 0 else 14, 0) * pymupdf.Matrix(angle)
        left, right = (
            center + pymupdf.Point(5, 0) * pymupdf.Matrix(angle + turn) for turn in (-45, 45)
        )
        page.draw_polyline([center, left, tip, right, center], color=None, fill=SAND)


def _draw_paragraph(page: pymupdf.Page, top: float) -> None:
    box = pymupdf.Rect(MARGIN, top, WIDTH - MARGIN, top + 112)
    left_over = page.insert_textbox(
        box, PARAGRAPH, fontname=REGULAR, fontsize=14, lineheight=1.45, color=INK
    )
    assert left_over >= 0, "the paragraph does not fit its box"


def _draw_table(page: pymupdf.Page, top: float) -> None:
    page.insert_text((MARGIN, top), "Financial summary", fontname=SERIF, fontsize=20, color=PINE)
    left, right, row_height = MARGIN, WIDTH - MARGIN, 38
    columns = ((left + 12, 300), (300, 412), (412, right - 12))
    for number, row in enumerate(TABLE):
        y = top + 14 + number * row_height
        is_head = number == 0
        if is_head or number % 2 == 0:
            page.draw_rect(
                (left, y, right, y + row_height), color=None, fill=PINE if is_head else SAND
            )
        for column, ((start, end), text) in enumerate(zip(columns, row, strict=True)):
            page.insert_textbox(
                (start, y + 8, end, y + row_height),
                text,
                fontname=BOLD if is_head or number == 1 else REGULAR,
                fontsize=15,
                color=WHITE if is_head else INK,
                align=pymupdf.TEXT_ALIGN_RIGHT if column else pymupdf.TEXT_ALIGN_LEFT,
            )
    y = top + 14 + len(TABLE) * row_height
    page.draw_line((left, y), (right, y), color=PINE, width=1.2)


def _draw_facts(page: pymupdf.Page, top: float) -> None:
    gap = 14
    width = (WIDTH - 2 * MARGIN - gap * (len(FACTS) - 1)) / len(FACTS)
    for number, (name, value) in enumerate(FACTS):
        left = MARGIN + number * (width + gap)
        page.draw_rect((left, top, left + width, top + 84), color=None, fill=SAND)
        page.draw_rect((left, top, left + 4, top + 84), color=None, fill=PINE)
        page.insert_text((left + 18, top + 32), name, fontname=REGULAR, fontsize=14, color=PALE)
        page.insert_text((left + 18, top + 62), value, fontname=BOLD, fontsize=20, color=INK)


def _draw_signature(page: pymupdf.Page, top: float) -> None:
    strokes = (
        ((2, 36), (14, -4), (34, -2), (14, 24)),
        ((14, 24), (4, 46), (30, 40), (38, 26)),
        ((38, 26), (48, 8), (34, 52), (58, 28)),
        ((58, 28), (70, 12), (62, 44), (80, 30)),
        ((80, 30), (92, 20), (96, 8), (100, 2)),
        ((100, 2), (94, 60), (112, 34), (120, 4)),
        ((120, 4), (118, 56), (134, 34), (150, 26)),
        ((150, 26), (160, 22), (158, 42), (204, 20)),
    )
    origin = pymupdf.Point(MARGIN, top)
    for stroke in strokes:
        page.draw_bezier(*(origin + point for point in stroke), color=(0.10, 0.16, 0.45), width=1.6)
    y = top + 60
    page.draw_line((MARGIN, y), (MARGIN + 226, y), color=PALE, width=0.8)
    page.insert_text((MARGIN, y + 22), SIGNER, fontname=BOLD, fontsize=15, color=INK)
    page.insert_text((MARGIN, y + 42), OFFICE, fontname=REGULAR, fontsize=14, color=INK)
    page.insert_textbox(
        (WIDTH / 2, y + 27, WIDTH - MARGIN, y + 52),
        PLACE_AND_DATE,
        fontname=ITALIC,
        fontsize=15,
        color=INK,
        align=pymupdf.TEXT_ALIGN_RIGHT,
    )


if __name__ == "__main__":
    OUTPUT.write_bytes(draw_report())
