"""Pages to learn from, read as they are when a question is answered: by workers that are contained.

A worker that hangs or dies costs the page it was at; here that is an error which names the page,
for a sample without its image cannot be learnt.
"""

from collections import OrderedDict, deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from monkeycli.document import Document, Page, PageResult
from monkeycli.errors import ItemError, UsageError
from monkeycli.model.config import MonkeyConfig
from monkeycli.options import RasterOptions
from monkeycli.reading.pool import read_pages
from monkeycli.training.mixture import Text
from monkeycli.training.sample import ImageSource

KEPT = 16
"""Pages that are held after they were read; the largest takes 3.6 MB."""


class ImageError(UsageError):
    """A sample's image cannot be read.

    Args:
        source: which.
        error: why.
    """

    def __init__(self, source: ImageSource, error: ItemError) -> None:
        is_named = str(source.path) in error.message
        super().__init__(error.message if is_named else f"{source}: {error.message}", error.hint)
        self.source = source
        self.error = error


@dataclass(frozen=True)
class ReadImage:
    """What came of reading one image."""

    source: ImageSource
    page: Page | None
    """None if it could not be read."""
    error: ImageError | None
    """Why it could not."""
    sha256: str | None
    """Of the file's bytes, in hex; None if they could not be read."""


def raster_options(config: MonkeyConfig, text: Text, *, num_workers: int = 1) -> RasterOptions:
    """Say how pages are read for a checkpoint: its grids, and text if that is wanted.

    Args:
        config: of the checkpoint.
        text: of the train settings; `auto` is the text layer for a checkpoint trained with it.
        num_workers: processes that read ahead.
    """
    with_text = text == "layer" or (text == "auto" and config.max_evidence_tokens > 0)
    return RasterOptions(rule=config.grid_rule, with_text=with_text, num_workers=num_workers)


class PageImages:
    """Pages on demand, the last few of them kept; a context manager.

    Workers start with the first page. Use it in one process, from one thread at a time.

    Args:
        raster: how pages are read.
        kept: pages that are held.
    """

    def __init__(self, raster: RasterOptions, *, kept: int = KEPT) -> None:
        self._raster = raster
        self._kept = kept
        self._pages: OrderedDict[ImageSource, Page | ImageError] = OrderedDict()
        self._unread: deque[ImageSource] = deque()
        self._results: Generator[PageResult, None, None] | None = None
        self._due: deque[ImageSource] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def open(self, source: ImageSource) -> Page:
        """Give a page.

        Raises:
            ImageError: it cannot be read.
        """
        if source not in self._pages:
            self.expect([source])
            while source not in self._pages:
                self._take()
        self._pages.move_to_end(source)
        found = self._pages[source]
        if isinstance(found, ImageError):
            # A new one: the traceback of the last time would hold on to all that was at work then.
            raise ImageError(found.source, found.error)
        return found

    def expect(self, sources: Iterable[ImageSource]) -> None:
        """Say which pages will be opened next, so that all workers read ahead.

        Expect no more than are kept: the first would be gone when they are opened.
        """
        for source in sources:
            if source not in self._pages and source not in self._due:
                self._due.append(source)
                self._unread.append(source)

    def close(self) -> None:
        """End the workers; the next page starts them again."""
        if self._results is not None:
            self._results.close()
        self._results = None
        self._due.clear()
        self._unread.clear()

    def _take(self) -> None:
        """Wait for the next page that is due."""
        if self._results is None:
            self._results = read_pages(_Demand(self._unread), self._raster)
        try:
            result = next(self._results)
        except BaseException:
            self.close()
            raise
        source = self._due.popleft()
        read = _read_image(source, result)
        found = read.page or read.error
        assert found is not None, source
        self._pages[source] = found
        while len(self._pages) > self._kept:
            self._pages.popitem(last=False)


def read_images(sources: Iterable[ImageSource], raster: RasterOptions) -> Iterator[ReadImage]:
    """Read every image once, each document opened once for all of its pages.

    Args:
        sources: in any order, repeated or not.
        raster: how; its workers read ahead, a few pages each.

    Yields:
        One result for each different source.
    """
    pages: dict[str, dict[int, ImageSource]] = {}
    for source in sources:
        pages.setdefault(str(source.path), {}).setdefault(source.page, source)
    documents = (
        Document(path, pages=",".join(map(str, sorted(numbers)))) for path, numbers in pages.items()
    )
    for result in read_pages(documents, raster):
        of_path = pages[result.document.path]
        numbers = sorted(of_path) if result.number is None else [result.number]
        for number in numbers:
            yield _read_image(of_path[number], result)


class _Demand(Iterator[Document]):
    """The documents wanted so far. It ends when there are none, and goes on when there are more."""

    def __init__(self, unread: deque[ImageSource]) -> None:
        self._unread = unread

    def __next__(self) -> Document:
        if not self._unread:
            raise StopIteration
        source = self._unread.popleft()
        return Document(str(source.path), pages=str(source.page))


def _read_image(source: ImageSource, result: PageResult) -> ReadImage:
    error = ImageError(source, result.error) if result.error is not None else None
    return ReadImage(source, result.page, error, result.sha256)
