"""What a reader of documents must do, and which one reads which type of file.

A package can replace a reader, or add one, by an entry point in the group `monkeycli.readers`. Its
name is a type of `file_type` (`pdf`, `png` ...) or, for other files, their suffix (`djvu`); its
object is a `Reader`. It runs in a worker process that may be killed at any time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import Protocol, cast, runtime_checkable

from monkeycli.errors import ItemError
from monkeycli.file_type import IMAGE_TYPES, find_type, unsupported_type
from monkeycli.options import RasterOptions
from monkeycli.plugins import PluginError, load_plugin, plugin_names
from monkeycli.reading.layout import Word

GROUP = "monkeycli.readers"
"""The entry-point group of readers."""

MAX_PAGES = 100_000
"""A document that declares more pages than this is refused."""

_BUILT_IN = {
    "pdf": ("monkeycli.reading.pdf", "open_pdf"),
    **dict.fromkeys(IMAGE_TYPES, ("monkeycli.reading.image", "open_image")),
}


@dataclass(frozen=True)
class PageShape:
    """A page before it is rasterized, upright."""

    height: float
    """In pixels, or in points if the page has no pixels of its own."""
    width: float
    """In the same unit."""
    has_pixels: bool
    """Whether the page is made of pixels."""
    label: str | None = None
    """The number printed on the page, as the document declares it."""


class OpenDocument(Protocol):
    """A document that a reader has opened; its pages count from 1.

    Every method may raise `ItemError`; anything else it raises is reported as our own bug.
    """

    @property
    def num_pages(self) -> int:
        """Pages of the document."""

    def describe(self, number: int) -> PageShape:
        """Give a page's shape, without rasterizing it."""

    def render(self, number: int, canvas: tuple[int, int]) -> bytes:
        """Rasterize a page to exactly `canvas` = (height, width) pixels: RGB, row by row."""

    def text(self, number: int) -> str | None:
        """Give a page's own text in reading order; None if it has none."""


@runtime_checkable
class HasWords(Protocol):
    """An open document that knows where the words of its text stand, too."""

    def words(self, number: int) -> Sequence[Word]:
        """Give a page's words in any order, with boxes on the page in the unit of its shape.

        Their text takes the place of `text`, laid out by `reading.layout`.
        """


@runtime_checkable
class HasWarnings(Protocol):
    """An open document that knows what may be wrong with a page that could be read all the same."""

    def warning(self, number: int) -> str | None:
        """Say what a reader of the page should know, once it has been rasterized."""


Reader = Callable[[memoryview, RasterOptions], OpenDocument]
"""Opens a document from its bytes, which stay valid; may raise `ItemError`. Reads no other file."""


def find_reader(path: str, head: bytes) -> Reader:
    """Import what reads a document.

    Args:
        path: as the user named it.
        head: the document's first `HEAD_BYTES` bytes.

    Raises:
        ItemError: nothing reads such a file, or the plugin that should is broken.
    """
    plugins = plugin_names(GROUP)
    name = find_type(head) or _suffix_of(path, plugins)
    if name is None:
        raise unsupported_type(path, head)
    if name in plugins:
        try:
            return cast("Reader", load_plugin(GROUP, name))
        except PluginError as error:
            raise ItemError("internal", error.message, error.hint) from error
    module, function = _BUILT_IN[name]
    return cast("Reader", getattr(import_module(module), function))


def _suffix_of(path: str, plugins: Sequence[str]) -> str | None:
    suffix = PurePath(path).suffix.lower().removeprefix(".")
    return suffix if suffix in plugins else None
