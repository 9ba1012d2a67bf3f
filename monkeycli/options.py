"""What a user can set, one frozen dataclass a stage."""

from collections.abc import Sequence
from dataclasses import dataclass

from monkeycli.errors import UsageError
from monkeycli.grid import GRIDS, WindowGrid


@dataclass(frozen=True, kw_only=True)
class RasterOptions:
    """How documents become pages."""

    grid: WindowGrid | None = None
    """The grid to cut every page into; None to choose by the page's shape."""
    grids: Sequence[WindowGrid] = GRIDS
    """Grids to choose from: those the checkpoint was trained for."""
    with_text: bool = False
    """Whether to read the page's own text layer, too."""
    page_timeout: float = 60.0
    """Seconds after which a page that is still being rendered is given up and its worker killed."""
    max_megapixels: float = 250.0
    """An image with more pixels than this is refused before it is decoded."""
    password: str | None = None
    """Opens encrypted PDFs."""
    num_workers: int = 1
    """Worker processes that rasterize ahead of the model."""


@dataclass(frozen=True, kw_only=True)
class GenerateOptions:
    """How answers are written."""

    max_tokens: int = 512
    """Longest answer, in tokens."""
    batch_size: int | None = None
    """Answers written at once; None to choose by memory."""


def parse_batch_size(text: str) -> int | None:
    """Read a batch size as typed: `auto` (None) or a number of answers from 1.

    Raises:
        UsageError: `text` is neither.

    >>> parse_batch_size("8"), parse_batch_size("auto")
    (8, None)
    """
    if text == "auto":
        return None
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise UsageError(f"batch size {text!r} is neither auto nor a number from 1")
    return int(text)
