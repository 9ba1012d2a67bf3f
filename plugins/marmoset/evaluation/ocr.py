"""Pages with the text that OCR reads on them, each page read once and kept in a folder."""

import hashlib
import json
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from PIL import Image

from monkeycli.document import Document, PageResult
from monkeycli.errors import ItemError
from monkeycli.options import RasterOptions
from monkeycli.page_text import OCR, TextReader, load_text_reader, unsqueeze
from monkeycli.reading.pool import Readers


class OcrReaders(Readers):
    """Reads pages; what OCR finds on the image takes the place of a page's own text.

    The reader is that of `--text ocr`, the package monkey-ocr; it is loaded by the first page that
    is not in the folder.

    Args:
        folder: holds the text of every page that was read, by the page's pixels; made if it is not
            there. It knows nothing of the reader: take another one for another version of it.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    @cached_property
    def _reader(self) -> TextReader:
        return load_text_reader()

    def read_pages(
        self, documents: Iterable[Document], options: RasterOptions
    ) -> Generator[PageResult, None, None]:
        """Rasterize documents, and read the text of every page from its image.

        Raises:
            UsageError: a page has to be read, and monkey-ocr is not installed.
        """
        with closing(super().read_pages(documents, replace(options, with_text=False))) as results:
            for result in results:
                yield self._with_text(result)

    def _with_text(self, result: PageResult) -> PageResult:
        if result.page is None:
            return result
        try:
            text = self._read(unsqueeze(result.page))
        except ItemError as error:
            return replace(result, page=None, error=error)
        return replace(result, page=replace(result.page, text=text or None, text_source=OCR))

    def _read(self, image: Image.Image) -> str:
        digest = hashlib.sha256(f"{image.mode} {image.size}".encode() + image.tobytes()).hexdigest()
        path = self._folder / f"{digest}.json"
        if path.exists():
            return str(json.loads(path.read_text())["text"])
        read = self._reader.read_page(image)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps({"text": read.text, "warning": read.warning}))
        unfinished.replace(path)
        return read.text
