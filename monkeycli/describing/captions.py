"""Captions that came with images: from a file of them, or beside each image as `photo.txt`."""

import os
from collections.abc import Mapping
from pathlib import Path

import orjson

from monkeycli.errors import ItemError, UsageError
from monkeycli.reading.source import open_source

BESIDE = "beside"
"""What stands for the text file beside each image."""

MAX_BYTES = 1 << 20
"""Of a text file beside an image; a larger one is no caption."""

_IMAGE_KEYS = ("image", "document", "source")
_TEXT_KEYS = ("caption", "text")

Known = Mapping[tuple[str, int | None], str]
"""Captions by absolute path and page; no page for all pages."""


class Captions:
    """The captions of a run's images.

    Args:
        where: `beside`, the path of a JSONL file, or None for none. Its lines have `image`,
            `caption` and, where it is one page's, `page`; paths start from the file's folder.

    Raises:
        UsageError: the file cannot be read, or a line is wrong.
    """

    def __init__(self, where: str | None) -> None:
        self._is_beside = where == BESIDE
        self._known: Known = {} if where in (None, BESIDE) else read_captions(Path(str(where)))

    def find(self, path: str, page: int) -> str | None:
        """Give the caption of a page, or of its image; None if it came without.

        Raises:
            ItemError: the text file beside the image cannot be read.
        """
        if self._is_beside:
            return _read_beside(path)
        place = os.path.abspath(path)
        return self._known.get((place, page)) or self._known.get((place, None))


def read_captions(path: Path) -> Known:
    """Read a file of captions.

    Raises:
        UsageError: it cannot be read, a line is no JSON object with an image and a caption, or one
            image has two.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        what = f"--captions {path} cannot be read: {error.strerror}"
        raise UsageError(what, f"or use {BESIDE} for the .txt beside each image") from error
    known: dict[tuple[str, int | None], str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        key, text = _read_line(line, f"{path}:{number}", path.parent)
        if key in known:
            raise UsageError(f"{path}:{number}: {key[0]} has a caption already", "remove one")
        known[key] = text
    return known


def _read_line(line: bytes, origin: str, folder: Path) -> tuple[tuple[str, int | None], str]:
    try:
        plain = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{origin}: not JSON: {error}") from error
    fields = plain if isinstance(plain, dict) else {}
    image = next((fields[key] for key in _IMAGE_KEYS if key in fields), None)
    text = next((fields[key] for key in _TEXT_KEYS if key in fields), None)
    page = fields.get("page")
    if not (isinstance(image, str) and isinstance(text, str)):
        what = f"{origin}: no image or no caption"
        raise UsageError(what, 'write {"image": "a.jpg", "caption": "a dog"}')
    if not (page is None or (isinstance(page, int) and page >= 1)):
        raise UsageError(f"{origin}: page {page!r} is no page", "pages count from 1")
    return (os.path.abspath(folder / image), page), text


def _read_beside(path: str) -> str | None:
    """Read the text file beside an image; an image from standard input has none."""
    beside = os.path.splitext(path)[0] + ".txt"
    try:
        data = open_source(beside).data
    except ItemError as error:
        if error.code == "not_found" and not os.path.lexists(beside):
            return None
        if error.code == "corrupt" and os.path.isfile(beside):  # empty
            return None
        raise
    if len(data) > MAX_BYTES:
        raise ItemError("too_large", f"{beside} is no caption: it has {len(data)} bytes")
    return bytes(data).decode(errors="replace")
