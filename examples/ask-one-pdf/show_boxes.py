"""Draw where answers stand.

    monkey ask FILE -q QUESTION --format jsonl | python show_boxes.py OUT.png

Takes the first page that any of the records names; draws a frame around each answer on it.
"""

import json
import sys
from pathlib import Path

import pymupdf

THOUSANDTHS = 1000
"""What a record's boxes are in, of the page's width and height."""


def draw_boxes(records: list[dict]) -> bytes:
    """Give the page as a PNG, framed where its answers stand."""
    found = [record for record in records if record["boxes"]]
    source, number = found[0]["source"], found[0]["page"]
    with pymupdf.open(source) as document:
        page = document[number - 1]
        size = page.rect.width / THOUSANDTHS, page.rect.height / THOUSANDTHS
        for record in found:
            for box in record["boxes"] if record["page"] == number else ():
                left, top, right, bottom = (edge * size[n % 2] for n, edge in enumerate(box))
                frame = pymupdf.Rect(left - 3, top - 2, right + 3, bottom + 2)
                page.draw_rect(frame * page.derotation_matrix, (0.85, 0.1, 0.1), width=1.5)
        return page.get_pixmap(dpi=72).tobytes("png")


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(draw_boxes([json.loads(line) for line in sys.stdin]))
