"""The report: one page of HTML with every image, its boxes, what was kept and dropped, the text.

Nothing is loaded from elsewhere, and no script runs: what was read in an image is only ever text.
"""

import base64
import io
from collections.abc import Sequence
from html import escape

from PIL import Image

from monkeycli.describing.evidence import Dropped, Evidence
from monkeycli.describing.report_style import STYLE
from monkeycli.document import Page
from monkeycli.records import Record, quote_path

LONGEST_SIDE = 1100
"""Of an image in the report, in pixels."""

FEW = 12
"""Boxes on an image whose numbers are shown; those of more appear when pointed at."""

_KIND_NAMES = {"global": "whole image", "region": "region", "segment": "thing", "text": "text"}

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def head(title: str) -> str:
    """Give what stands before the first image."""
    legend = "".join(f'<span class="{kind}">{name}</span>' for kind, name in _KIND_NAMES.items())
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{escape(title)}</h1>\n"
        "<p>What was found in each image, what of it was believed, and the description made of it. "
        "Choose a number to find its box.</p>\n"
        f'<div class="legend">{legend}<span class="dropped">dropped</span></div>\n</header>\n'
    )


def foot() -> str:
    """Give what stands behind the last image."""
    return "</body>\n</html>\n"


def show_record(record: Record, page: Page | None, number: int) -> str:
    """Give the part of the report that is about one image.

    Args:
        record: of its description.
        page: the image; None if it could not be read.
        number: of the part, from 1.
    """
    kept, dropped = record.evidence or (), record.dropped or ()
    numbered = list(enumerate((*kept, *dropped), 1))
    figure = f"<figure>{_show_page(page, numbered, number)}</figure>\n" if page else ""
    place = f", page {record.page} of {record.pages}" if (record.pages or 1) > 1 else ""
    words = [
        f"<h2>{escape(_text(quote_path(record.source)))}{place}</h2>",
        _show_stages(record),
        _show_description(record),
        _show_list("Kept", numbered[: len(kept)], number),
        _show_list("Dropped", numbered[len(kept) :], number),
    ]
    return f'<article>\n{figure}<div class="words">\n{"".join(words)}</div>\n</article>\n'


def _show_page(page: Page, numbered: Sequence[tuple[int, Evidence]], number: int) -> str:
    boxes = "".join(
        _show_box(place, item, number) for place, item in numbered if item.box is not None
    )
    height, width = page.shape or (page.image.height, page.image.width)
    longest = 34 * width / max(height, width)
    few = " few" if sum(item.box is not None for _, item in numbered) <= FEW else ""
    style = f"--ratio: {width:g} / {height:g}; --width: {longest:.1f}rem"
    return (
        f'<div class="page{few}" style="{style}">'
        f'<img alt="" src="{_to_data_url(page.image)}">{boxes}</div>'
    )


def _show_box(place: int, item: Evidence, number: int) -> str:
    assert item.box is not None
    left, top, right, bottom = (100 * edge for edge in item.box)
    style = (
        f"left: {left:.1f}%; top: {top:.1f}%;"
        f" width: {right - left:.1f}%; height: {bottom - top:.1f}%"
    )
    title = escape(_text(item.text), quote=True)
    return (
        f'<span class="box {_classes(item)}" id="box-{number}-{place}" style="{style}"'
        f' title="{title}"><b>{place}</b></span>'
    )


def _show_stages(record: Record) -> str:
    done = [f"{stage}: {by}" for stage, by in (record.stages or {}).items() if by]
    return f'<p class="facts">{escape(_text(", ".join(done)))}</p>\n'


def _show_description(record: Record) -> str:
    if record.error:
        message = f"{record.error.code}: {record.error.message}"
        return f'<blockquote class="none error">{escape(_text(message))}</blockquote>\n'
    if record.description:
        return f"<blockquote>{escape(_text(record.description))}</blockquote>\n"
    why = "; ".join(record.warnings) or "no description was asked for"
    return f'<blockquote class="none">{escape(_text(why))}</blockquote>\n'


def _show_list(title: str, numbered: Sequence[tuple[int, Evidence]], number: int) -> str:
    if not numbered:
        return ""
    items = "\n".join(_show_item(place, item, number) for place, item in numbered)
    return f"<h3>{title} ({len(numbered)})</h3>\n<ol>\n{items}\n</ol>\n"


def _show_item(place: int, item: Evidence, number: int) -> str:
    mark = f'<a href="#box-{number}-{place}">{place}</a>' if item.box else f"<i>{place}</i>"
    name = "its caption" if item.kind == "source" else _KIND_NAMES[item.kind]
    small = item.why if isinstance(item, Dropped) else name * (item.kind != "text")
    note = f"<small>{escape(_text(small))}</small>" if small else ""
    scores = [("match", item.match), ("sure", item.confidence)]
    shown = " ".join(f"{word} {score:.2f}" for word, score in scores if score is not None)
    return (
        f'<li class="{_classes(item)}">{mark}<span><q>{escape(_text(item.text))}</q>'
        f"{note}</span><em>{shown}</em></li>"
    )


def _classes(item: Evidence) -> str:
    return f"{item.kind} dropped" if isinstance(item, Dropped) else item.kind


def _to_data_url(image: Image.Image) -> str:
    """Give an image as text that a browser shows: JPEG, scaled down."""
    small = image.convert("RGB")
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode()


def _text(text: str) -> str:
    """Give text that can be written as UTF-8."""
    return text.encode(errors="replace").decode()
