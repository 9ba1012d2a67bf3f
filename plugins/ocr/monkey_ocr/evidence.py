"""The text in images for `monkey describe`: its `TextFinder`, found by an entry point."""

from collections.abc import Sequence
from functools import cached_property

from PIL import Image

from monkey_ocr.engine import OcrReader
from monkey_ocr.rapid import engine_name
from monkeycli.describing.providers import Found, ProviderOptions


class OcrTextFinder:
    """Reads lines with RapidOCR, whichever way up the page lies.

    Args:
        options: nothing in them means anything here.
        reader: of pages; None for RapidOCR's.

    Raises:
        ModelError: RapidOCR is not installed.
    """

    def __init__(
        self,
        options: ProviderOptions | None = None,  # noqa: ARG002 - as all generators are made
        reader: OcrReader | None = None,
    ) -> None:
        self.by = engine_name()
        self._given = reader

    @cached_property
    def _reader(self) -> OcrReader:
        return self._given or OcrReader()

    def find_text(self, images: Sequence[Image.Image]) -> list[list[Found]]:
        """Read the lines of images, those that the engine is not sure of, too.

        Raises:
            ModelError: the engine's models cannot be had.
            ItemError: the engine failed on an image.
        """
        found = []
        for image in images:
            lines = self._reader.read_lines(image)
            found.append([Found(word.text, word[:4], score) for word, score in lines])
        return found
