"""Text for pages that have none of their own: read from the image by a plugin.

A package offers a reader by an entry point in the group `monkeycli.texts` under the name `ocr`; the
object is called without arguments and gives a `TextReader`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, cast

from PIL.Image import Image, Resampling

from monkeycli.document import Page, PlacedWord
from monkeycli.errors import UsageError
from monkeycli.plugins import load_plugin, plugin_names

GROUP = "monkeycli.texts"
"""The entry-point group of text readers."""

OCR = "ocr"
"""The name of the one that reads from the image."""


class ReadText(Protocol):
    """What was read of a page."""

    @property
    def text(self) -> str:
        """In reading order, a line per row, cells two spaces apart; empty if there is none."""

    @property
    def warning(self) -> str | None:
        """What a reader of the text should know; None if there is nothing."""

    @property
    def placed_words(self) -> Sequence[PlacedWord]:
        """Where the words of the text stand on the image as given, in its order; may be empty."""


class TextReader(Protocol):
    """Reads the text of a page image."""

    def read_page(self, image: Image) -> ReadText:
        """Read an RGB image of any size."""


def has_text_reader() -> bool:
    """Say whether a package that reads text from images is installed; imports none."""
    return OCR in plugin_names(GROUP)


def load_text_reader() -> TextReader:
    """Load the reader of text in images.

    Raises:
        UsageError: no package offers one, or it is broken.
    """
    if not has_text_reader():
        raise UsageError("--text ocr needs the package monkey-ocr", "pip install ./plugins/ocr")
    make = cast(Callable[[], TextReader], load_plugin(GROUP, OCR))
    return make()


def own_size(page: Page) -> tuple[int, int]:
    """Say how large a page is in its own proportions, where it just fits its canvas.

    Returns:
        Height and width, in pixels.
    """
    tall, wide = page.image.height, page.image.width
    height, width = page.shape or (tall, wide)
    scale = min(tall / height, wide / width)
    return max(1, round(scale * height)), max(1, round(scale * width))


def unsqueeze(page: Page) -> Image:
    """Give a page's image its own proportions again, which readers of print were trained with.

    Returns:
        RGB, of `own_size`.
    """
    height, width = own_size(page)
    if page.image.size == (width, height):
        return page.image
    return page.image.resize((width, height), Resampling.BICUBIC)


def read_missing_text(page: Page, reader: TextReader) -> tuple[Page, str | None]:
    """Read a page's text from its image, if it has none of its own.

    Args:
        page: as it was rasterized.
        reader: of images.

    Returns:
        The page with text, if there is any to be read, and the reader's warning.
    """
    if page.text and page.text.strip():
        return page, None
    read = reader.read_page(unsqueeze(page))
    words = tuple(read.placed_words)
    return replace(page, text=read.text or None, text_source=OCR, words=words), read.warning
