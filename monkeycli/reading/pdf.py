"""Read PDFs with MuPDF. The only module that knows PyMuPDF; it runs in a worker process."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

import pymupdf

from monkeycli.errors import ItemError
from monkeycli.options import RasterOptions
from monkeycli.reading.layout import Word, join_words
from monkeycli.reading.reader import MAX_PAGES, PageShape

MAX_WORDS = 50_000
"""Words of a page's text layer that are read; no page of print has more."""

TICKED = "[x]"
"""What a form's box that is ticked says; its font's code for a tick mark would be a digit."""

_BALLOT_BOXES = str.maketrans(
    {"\N{BALLOT BOX}": "[ ]", "\N{BALLOT BOX WITH CHECK}": TICKED, "\N{BALLOT BOX WITH X}": TICKED}
)
"""Boxes that are printed, as word processors do, say what those of forms say."""

REPAIRED = "the PDF is damaged and was repaired; what was not found of the page is missing"
"""The warning of a page of a PDF whose table of objects had to be made anew."""

_MUPDF_ERRORS = (RuntimeError, ValueError, TypeError, LookupError, pymupdf.mupdf.FzErrorBase)
"""What PyMuPDF raises, by trial on broken files; its FileDataError is a RuntimeError."""

pymupdf.TOOLS.mupdf_display_errors(False)  # noqa: FBT003 (takes no keyword)
pymupdf.TOOLS.mupdf_display_warnings(False)  # noqa: FBT003


def open_pdf(data: memoryview, options: RasterOptions) -> "PdfDocument":
    """Open a PDF.

    Raises:
        ItemError: it is broken (`corrupt`), needs another password (`encrypted`), or has no pages
            or too many.
    """
    with _mupdf("the PDF cannot be opened", "open"):
        document = pymupdf.open(stream=data, filetype="pdf")
        _unlock(document, options.password)
        num_pages = document.page_count
    if num_pages < 1:
        raise ItemError("corrupt", "the PDF has no pages", "make it again")
    if num_pages > MAX_PAGES:
        raise ItemError("too_large", f"the PDF declares {num_pages} pages", f"{MAX_PAGES} are read")
    return PdfDocument(document, num_pages)


def _unlock(document: pymupdf.Document, password: str | None) -> None:
    """Open an encrypted PDF; one whose user password is empty is open already."""
    if not document.needs_pass or document.authenticate(password or ""):
        return
    what = "is encrypted" if password is None else "is encrypted, and the password is wrong"
    hint = "give its password by --password-file or $MONKEY_PDF_PASSWORD"
    raise ItemError("encrypted", f"the PDF {what}", hint)


@contextmanager
def _mupdf(complaint: str, stage: str) -> Iterator[None]:
    """Turn MuPDF's errors into ours."""
    try:
        yield
    except _MUPDF_ERRORS as error:
        reason = " ".join(str(error).split())[:200]
        if "malloc" in reason or "alloc failed" in reason:
            raise ItemError(
                "too_large", f"{complaint}: it needs too much memory", stage=stage
            ) from error
        hint = "repair it, for example with qpdf"
        raise ItemError("corrupt", f"{complaint}: {reason}", hint, stage=stage) from error


class PdfDocument:
    """An open PDF; an `OpenDocument`."""

    def __init__(self, document: pymupdf.Document, num_pages: int) -> None:
        self._document = document
        self.num_pages = num_pages

    def describe(self, number: int) -> PageShape:
        """Give a page's size in points, after its rotation, and its label."""
        with _mupdf(f"page {number} cannot be read", "render"):
            return self._shape(self._document[number - 1], number)

    def _shape(self, page: pymupdf.Page, number: int) -> PageShape:
        height, width = page.rect.height, page.rect.width
        if not (0 < height < math.inf and 0 < width < math.inf):
            raise ItemError(
                "corrupt", f"page {number} has no area: {height} x {width}", stage="render"
            )
        return PageShape(height, width, has_pixels=False, label=self._label(page))

    @staticmethod
    def _label(page: pymupdf.Page) -> str | None:
        """Give the printed page number; a document whose labels are broken has none."""
        try:
            label = page.get_label()
        except _MUPDF_ERRORS:
            return None
        return label if isinstance(label, str) and label else None

    def render(self, number: int, canvas: tuple[int, int]) -> bytes:
        """Rasterize a page, with its annotations and form fields, straight to the canvas."""
        height, width = canvas
        with _mupdf(f"page {number} cannot be rendered", "render"):
            page = self._document[number - 1]
            shape = self._shape(page, number)
            pixmap = page.get_pixmap(
                matrix=pymupdf.Matrix(width / shape.width, height / shape.height),
                colorspace=pymupdf.csRGB,
                alpha=False,
            )
            return bytes(pixmap.samples)

    def warning(self, number: int) -> str | None:  # noqa: ARG002 - MuPDF repairs the whole file
        """Say whether the document had to be repaired, as far as that is known by now."""
        return REPAIRED if self._document.is_repaired else None

    def text(self, number: int) -> str | None:
        """Give a page's text layer in reading order, as it stands on the rotated page."""
        return join_words(self.words(number)) or None

    def words(self, number: int) -> list[Word]:
        """Give a page's words with their boxes on the rotated page, in points."""
        with _mupdf(f"the text of page {number} cannot be read", "render"):
            page = self._document[number - 1]
            found = page.get_text("words", flags=pymupdf.TEXT_MEDIABOX_CLIP)
            turn = page.rotation_matrix
        ticked = list(islice(_ticked(page), MAX_WORDS))
        placed = [
            (pymupdf.Rect(box), text.translate(_BALLOT_BOXES))
            for *box, text, _, _, _ in found[:MAX_WORDS]
        ]
        if ticked:
            is_mark = [len(text) == 1 and _is_within(box, ticked) for box, text in placed]
            placed = [word for word, is_tick in zip(placed, is_mark, strict=True) if not is_tick]
            placed += [(box, TICKED) for box in ticked]
        turned = [(box * turn, text) for box, text in placed]
        return [Word(box.x0, box.y0, box.x1, box.y1, text) for box, text in turned]


def _ticked(page: pymupdf.Page) -> Iterator[pymupdf.Rect]:
    """Give the boxes and buttons of a form that are ticked; a broken form has none.

    Page.widgets() would take a millisecond for each field.
    """

    def read(xref: int, key: str) -> str:
        return str(page.parent.xref_get_key(xref, key)[1])

    try:
        for xref, kind, _ in page.annot_xrefs():
            is_field = kind == pymupdf.PDF_ANNOT_WIDGET
            if is_field and read(xref, "AS") not in ("null", "/Off"):  # what is shown of its states
                left, bottom, right, top = map(float, read(xref, "Rect").strip("[]").split())
                box = pymupdf.Rect(left, bottom, right, top).normalize()
                box *= page.transformation_matrix
                if box.intersects(page.rect * page.derotation_matrix):
                    yield box
    except Exception:  # noqa: BLE001 - of broken fields PyMuPDF raises bare Exceptions, SystemErrors
        return


def _is_within(box: pymupdf.Rect, others: Sequence[pymupdf.Rect]) -> bool:
    """Whether the middle of a box is in one of others."""
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return any(o.x0 <= x <= o.x1 and o.y0 <= y <= o.y1 for o in others)
