"""What a user can set, one frozen dataclass a stage."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, get_args

from monkeycli.errors import ModelError, UsageError
from monkeycli.grid import ANY_GRID, GridRule, WindowGrid

Quantization = Literal["none", "int8", "int4"]
"""What the language model's matrices are held in; `none` leaves them in the model's dtype."""


@dataclass(frozen=True, kw_only=True)
class RasterOptions:
    """How documents become pages."""

    grid: WindowGrid | None = None
    """The grid to cut every page into; None to choose one for each page."""
    rule: GridRule = ANY_GRID
    """How to choose: the checkpoint's own way."""
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


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a run makes of its documents."""

    each: Literal["page", "document"]
    """One record for every page, or one for a document: that of the page the model is surest of."""
    with_text: bool
    """Whether the pages' own text goes beside their images."""
    with_ocr: bool = False
    """Whether text that a page lacks is read from its image."""
    short: bool = False
    """Whether captions are short."""
    model: str
    """Name and version of the model, for the records."""
    adapter: str | None = None
    """Name of what was learnt beside the model, for the records."""


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


def check_quantization(kind: str) -> None:
    """See that a quantization is one, and that the package for it is installed.

    Raises:
        UsageError: there is none of that name.
        ModelError: the package for it is not installed.

    >>> check_quantization("none")
    """
    if kind not in get_args(Quantization):
        raise UsageError(f"quantize {kind!r} is not one of {', '.join(get_args(Quantization))}")
    if kind != "none" and find_spec("bitsandbytes") is None:
        raise ModelError(
            f"to hold a language model in {kind} needs the package bitsandbytes",
            "pip install 'monkeycli[quantize]'",
        )
