"""A document, its pages, and what came of reading them: the data between reader and model."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from monkeycli.errors import ItemError
from monkeycli.grid import WindowGrid

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Document:
    """A file to read."""

    path: str
    """As the user named it; `-` for standard input."""
    pages: str = "all"
    """Which pages are wanted, from 1: `1-3,7,10-end` or `all`."""
    data: bytes | None = field(default=None, repr=False)
    """The bytes, where they came from standard input; None to read `path`."""


CELL_GAP = "  "
"""What stands in a page's text between the cells of a row; two of them where a cell is empty."""

SIDE = 1000
"""Height and width of every page, in the unit of placed words."""


class PlacedWord(NamedTuple):
    """A word of a page's text and where it stands on the page, upright and as it is rendered.

    Left and right are in thousandths of the page's width, top and bottom of its height, from the
    upper left corner: whole numbers from 0 to `SIDE`.
    """

    text: str
    line: int
    """Of the page's text, from 0: words with the same number stand in one line, and lines follow
    each other in reading order."""
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Page:
    """One rasterized page."""

    number: int
    """From 1."""
    label: str | None
    """The number printed on the page, as a PDF declares it (`iii`); None where there is none."""
    image: "Image"
    """RGB, 8 bits, exactly the size of the grid's canvas."""
    grid: WindowGrid
    """How the page is cut into windows."""
    text: str | None
    """The page's own text layer in reading order; None if it has none or was not asked for.
    Lines end in a newline, cells of a row stand `CELL_GAP` apart."""
    shape: tuple[float, float] | None = None
    """Height and width before the page was squeezed onto the canvas, in any unit."""
    text_source: str = "layer"
    """Where `text` comes from: the document's own `layer`, or `ocr`."""
    words: tuple[PlacedWord, ...] = field(default=(), repr=False)
    """Of `text`, in its order; empty if it is not known where they stand."""
    warning: str | None = None
    """What a reader of the page should know: that its document is damaged."""


@dataclass(frozen=True)
class PageResult:
    """What came of reading one page, or of a document that could not be opened at all."""

    document: Document
    sha256: str | None
    """Of the document's bytes, in hex; None if they could not be read."""
    num_pages: int | None
    """Pages of the whole document; None if it could not be opened."""
    number: int | None
    """The page's number from 1; None if the document itself failed."""
    page: Page | None
    """The page, if it could be read."""
    error: ItemError | None
    """Why it could not."""
    is_last: bool
    """Whether this is the last result of its document."""
