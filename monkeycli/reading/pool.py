"""Documents to pages: rasterized ahead by worker processes, handed out in order.

A worker that hangs is killed, one that dies is replaced; either costs the page it was at and
nothing else. However many pages there are, at most a few per worker are held.
"""

import itertools
import selectors
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from PIL import Image

from monkeycli.document import Document, Page, PageResult
from monkeycli.errors import ItemError
from monkeycli.grid import WindowGrid
from monkeycli.options import RasterOptions
from monkeycli.pages import page_error, parse_pages
from monkeycli.reading.child import Child, WorkerGoneError
from monkeycli.reading.faults import changed_error
from monkeycli.reading.messages import Job, Reply, Task
from monkeycli.reading.reader import PageShape

AHEAD = 2
"""Pages per worker that are read before they are asked for, at most."""

MAX_JOBS = 200
"""Jobs after which a worker is replaced, so that what libraries leak does not add up."""

_keys = itertools.count()
"""Of documents: no worker may take one for another that it has open."""


@dataclass(frozen=True)
class PageDescription:
    """What is known of a page without rasterizing it; `result.page` is always None."""

    result: PageResult
    """The document, the page's number, and the error if there is one."""
    shape: PageShape | None
    """Its size and label; None if there was an error."""
    grid: WindowGrid | None
    """How it would be cut into windows; None if there was an error."""


@dataclass(eq=False)
class _Slot:
    """A result that is due: a page's, or, until its pages are known, a whole document's."""

    number: int | None
    reply: Reply | None = None
    pixels: bytes = b""
    error: ItemError | None = None

    @property
    def is_done(self) -> bool:
        return self.reply is not None or self.error is not None


@dataclass(eq=False)
class _Reading:
    """A document on its way."""

    document: Document
    key: int
    opened: Reply | None = None
    unread: deque[int] = field(default_factory=deque)
    """Numbers of the pages that no worker was asked for yet."""
    slots: deque[_Slot] = field(default_factory=deque)
    """What was asked for and not handed out yet, in order."""


@dataclass(frozen=True)
class _Errand:
    """What a worker is at."""

    reading: _Reading
    slot: _Slot
    job: Job

    def take(self, reply: Reply, pixels: bytes) -> None:
        """Take in the worker's answer."""
        reading, slot = self.reading, self.slot
        if reply.error is not None:
            slot.error = reply.error
        elif reading.opened is None:
            reading.opened = reply
            reading.slots.clear()
            reading.unread.extend(parse_pages(reading.document.pages).select(reply.num_pages))
        elif reply.fingerprint != reading.opened.fingerprint:
            slot.error = changed_error(self.job)
        else:
            slot.reply, slot.pixels = reply, pixels


def read_pages(
    documents: Iterable[Document], options: RasterOptions
) -> Generator[PageResult, None, None]:
    """Rasterize documents, page by page.

    Args:
        documents: taken one by one, as late as keeps the workers busy.
        options: how; `num_workers` of them are started, the first when the first page is asked for.

    Yields:
        For every document in turn one result for every wanted page, in the order wanted, whether it
        could be read or not; or one result if the document could not be opened.

    Raises:
        UsageError: a document's `pages` are none.
    """
    with closing(Readers()) as readers:
        yield from readers.read_pages(documents, options)


class Readers:
    """Worker processes that stay for several calls of `read_pages`; to be closed in the end."""

    def __init__(self) -> None:
        self._idle: list[Child] = []

    def read_pages(
        self, documents: Iterable[Document], options: RasterOptions
    ) -> Generator[PageResult, None, None]:
        """Rasterize documents as the function `read_pages` does, one call at a time."""
        with closing(_Pool(documents, options, "render", self._idle).run()) as read:
            for reading, slot in read:
                yield _result_of(reading, slot, _make_page(slot))

    def close(self) -> None:
        """End the processes."""
        while self._idle:
            self._idle.pop().end()


def describe_pages(
    documents: Iterable[Document], options: RasterOptions
) -> Iterator[PageDescription]:
    """Measure documents' pages and choose their grids, without rasterizing: as `read_pages`."""
    idle: list[Child] = []
    try:
        for reading, slot in _Pool(documents, options, "describe", idle).run():
            result, reply = _result_of(reading, slot, None), slot.reply
            if reply is None:
                yield PageDescription(result, None, None)
            else:
                shape = PageShape(reply.height, reply.width, reply.has_pixels, reply.label)
                yield PageDescription(result, shape, reply.grid)
    finally:
        for child in idle:
            child.end()


def _result_of(reading: _Reading, slot: _Slot, page: Page | None) -> PageResult:
    opened = reading.opened
    return PageResult(
        document=reading.document,
        sha256=opened.sha256 if opened else None,
        num_pages=opened.num_pages if opened else None,
        number=slot.number,
        page=page,
        error=slot.error,
        is_last=not reading.slots and not reading.unread,
    )


def _make_page(slot: _Slot) -> Page | None:
    reply = slot.reply
    if reply is None:
        return None
    assert slot.number is not None and reply.grid is not None
    height, width = reply.grid.canvas
    image = Image.frombytes("RGB", (width, height), slot.pixels)
    return Page(
        number=slot.number,
        label=reply.label,
        image=image,
        grid=reply.grid,
        text=reply.text,
        shape=(reply.height, reply.width),
        words=reply.words,
        warning=reply.warning,
    )


class _Pool:
    """The workers, what each is at, and the documents on their way.

    Those that are `idle` may be used, and are left there with others in the end.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        options: RasterOptions,
        task: Task,
        idle: list[Child],
    ) -> None:
        self._documents = zip(_keys, documents, strict=False)
        self._options = options
        self._task: Task = task
        self._limit = AHEAD * max(1, options.num_workers)
        self._readings: deque[_Reading] = deque()
        self._errands: dict[Child, _Errand] = {}
        self._idle = idle
        self._selector = selectors.DefaultSelector()

    def run(self) -> Generator[tuple[_Reading, _Slot], None, None]:
        """Give every result in order; whenever one is handed out the workers are busy already."""
        try:
            while True:
                while self._has_free_worker() and (due := self._next_due()) is not None:
                    self._send(*due)
                if (done := self._take_done()) is not None:
                    yield done
                elif self._errands:
                    self._wait()
                else:
                    return
        finally:
            for child in self._errands:
                child.end()
            self._selector.close()

    def _has_free_worker(self) -> bool:
        return bool(self._idle) or len(self._errands) < max(1, self._options.num_workers)

    def _next_due(self) -> tuple[_Reading, _Slot] | None:
        """Give what is to be read next, if there is room for it.

        The document that is handed out now has room of its own: those behind it, opened earlier,
        may not keep it waiting.
        """
        held = sum(len(reading.slots) for reading in self._readings)
        for reading in self._readings:
            is_first = reading is self._readings[0]
            while reading.unread:
                if (len(reading.slots) if is_first else held) >= self._limit:
                    return None
                slot = _Slot(reading.unread.popleft())
                reading.slots.append(slot)
                held += 1
                if _check_exists(reading, slot):
                    return reading, slot
        if held >= self._limit or (numbered := next(self._documents, None)) is None:
            return None
        key, document = numbered
        parse_pages(document.pages)  # before a worker opens it
        self._readings.append(_Reading(document, key, slots=deque([_Slot(None)])))
        return self._readings[-1], self._readings[-1].slots[0]

    def _send(self, reading: _Reading, slot: _Slot) -> None:
        """Hand a job to a free worker, rather to one that has the document open."""
        if not self._idle:
            self._idle.append(Child())
        child = next((child for child in self._idle if child.key == reading.key), self._idle[0])
        self._idle.remove(child)
        document = reading.document
        job = Job(
            task="open" if slot.number is None else self._task,
            key=reading.key,
            path=document.path,
            number=slot.number or 0,
            options=self._options,
            has_data=document.data is not None,
        )
        self._errands[child] = _Errand(reading, slot, job)
        self._selector.register(child, selectors.EVENT_READ)
        try:
            child.send(job, document.data)
        except WorkerGoneError:
            self._dismiss(child).slot.error = child.bury()

    def _dismiss(self, child: Child) -> _Errand:
        """Take a worker off its errand."""
        self._selector.unregister(child)
        return self._errands.pop(child)

    def _take_done(self) -> tuple[_Reading, _Slot] | None:
        """Take the next result in order, if it is there."""
        if not self._readings or not (slots := self._readings[0].slots) or not slots[0].is_done:
            return None
        reading = self._readings[0]
        slot = reading.slots.popleft()
        if not reading.slots and not reading.unread:
            self._readings.popleft()
        return reading, slot

    def _wait(self) -> None:
        """Wait until a worker says something, or has had its time."""
        deadline = min(child.deadline for child in self._errands)
        events = self._selector.select(max(0.0, deadline - time.monotonic()))
        heard = {key.fileobj for key, _ in events}
        now = time.monotonic()
        for child in list(self._errands):
            if child in heard:
                self._hear(child)
            elif now > child.deadline:
                self._dismiss(child).slot.error = child.give_up()

    def _hear(self, child: Child) -> None:
        """Take in what a worker says, and free it when it has answered."""
        try:
            message = child.receive()
        except WorkerGoneError:
            self._dismiss(child).slot.error = child.bury()
            return
        if message is None:
            return
        self._dismiss(child).take(*message)
        if child.num_jobs < MAX_JOBS:
            self._idle.append(child)
        else:
            child.end()


def _check_exists(reading: _Reading, slot: _Slot) -> bool:
    """Whether a page exists; if not, its slot is done."""
    assert reading.opened is not None and slot.number is not None
    if slot.number <= reading.opened.num_pages:
        return True
    slot.error = page_error(slot.number, reading.opened.num_pages)
    return False
