"""The process that opens documents: contained, and free to die.

Started by `reading.child` as `python -m monkeycli.reading.worker`. Does one job at a time, in the
order asked, and ends when its pipe closes. What a library prints goes nowhere.
"""

import contextlib
import hashlib
import itertools
import math
import os
import resource
import signal
from collections.abc import Callable
from typing import BinaryIO

from monkeycli.document import PlacedWord
from monkeycli.errors import ItemError
from monkeycli.file_type import HEAD_BYTES
from monkeycli.grid import choose_grid
from monkeycli.reading.layout import join_rows, order_words
from monkeycli.reading.messages import Job, Reply, read_message, write_message
from monkeycli.reading.placing import place_lines
from monkeycli.reading.reader import HasWarnings, HasWords, OpenDocument, PageShape, find_reader
from monkeycli.reading.source import Source, open_source

MAX_MEMORY = 4 * 2**30
"""Bytes of address space that a worker may use."""

MAX_CPU = 4 * 3600
"""Seconds of processor time after which a worker is killed, whatever it does."""

MAX_TEXT = 2**20
"""Characters of a page's text layer that are passed on."""

ALARM_GRACE = 5
"""Seconds beyond the page timeout after which a worker whose parent is gone kills itself."""


class Desk:
    """The worker's state: the one document that is open."""

    def __init__(self, announce: Callable[[], None]) -> None:
        self._announce = announce
        self._key: int | None = None
        self._source: Source | None = None
        self._document: OpenDocument | None = None

    def serve(self, job: Job, body: bytes) -> tuple[Reply, bytes]:
        """Do a job.

        Args:
            job: what to do.
            body: the document's bytes if it has no file.

        Returns:
            The answer and, if the job was to render a page, its pixels.
        """
        try:
            return self._serve(job, body)
        except ItemError as error:
            return Reply(error=error), b""
        except MemoryError:
            what = f"{job.path} needs more than {MAX_MEMORY >> 30} GiB of memory"
            return Reply(error=ItemError("too_large", what, "make it smaller")), b""
        except Exception as error:  # noqa: BLE001 (the border: a reader may raise anything)
            what = f"the reader of {job.path} failed: {error!r}"
            return Reply(error=ItemError("internal", what, "report it")), b""

    def _serve(self, job: Job, body: bytes) -> tuple[Reply, bytes]:
        if job.key != self._key:
            self._open(job, body)
        else:
            self._announce()
        assert self._source is not None and self._document is not None
        if job.task == "open":
            digest = hashlib.sha256(self._source.data).hexdigest()
            num_pages = self._document.num_pages
            return Reply(
                num_pages=num_pages, sha256=digest, fingerprint=self._source.fingerprint
            ), b""
        return _read_page(self._document, job, self._source.fingerprint)

    def _open(self, job: Job, body: bytes) -> None:
        """Put a document on the desk, in place of the one that lies there."""
        self._key = self._document = self._source = None
        source = Source(memoryview(body), ()) if job.has_data else open_source(job.path)
        reader = find_reader(job.path, bytes(source.data[:HEAD_BYTES]))
        self._announce()
        self._document = reader(source.data, job.options)
        self._key, self._source = job.key, source


def _read_page(
    document: OpenDocument, job: Job, fingerprint: tuple[int, ...]
) -> tuple[Reply, bytes]:
    """Measure a page, choose its grid and, if that is asked, rasterize it and read its text."""
    options = job.options
    shape = document.describe(job.number)
    grid = options.grid or choose_grid(
        shape.height, shape.width, has_pixels=shape.has_pixels, rule=options.rule
    )
    text: str | None = None
    words: tuple[PlacedWord, ...] = ()
    pixels = b""
    if job.task == "render":
        pixels = document.render(job.number, grid.canvas)
        assert len(pixels) == 3 * math.prod(grid.canvas), (len(pixels), grid)
        if options.with_text:
            text, words = _read_text(document, job.number, shape)
    warning = document.warning(job.number) if isinstance(document, HasWarnings) else None
    return Reply(
        num_pages=document.num_pages,
        fingerprint=fingerprint,
        height=shape.height,
        width=shape.width,
        has_pixels=shape.has_pixels,
        label=_clean(shape.label),
        grid=grid,
        text=_clean(text),
        words=words,
        warning=_clean(warning),
    ), pixels


def _read_text(
    document: OpenDocument, number: int, shape: PageShape
) -> tuple[str | None, tuple[PlacedWord, ...]]:
    """Read a page's text and, if the reader knows, where its words stand."""
    if not isinstance(document, HasWords):
        return document.text(number), ()
    rows = order_words(document.words(number))
    placed = place_lines((row.placed for row in rows), height=shape.height, width=shape.width)
    lengths = itertools.accumulate(len(word.text) for word in placed)
    words = (word for word, length in zip(placed, lengths, strict=True) if length <= MAX_TEXT)
    return join_rows(rows) or None, tuple(
        word._replace(text=_clean(word.text) or "") for word in words
    )


def _clean(text: str | None) -> str | None:
    """Cut a document's text to length and replace what is no character."""
    if text is None:
        return None
    text = text[:MAX_TEXT].encode(errors="replace").decode()
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Make the pipes private, so that nothing that reads stdin or prints can disturb them."""
    jobs, replies = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return os.fdopen(jobs, "rb"), os.fdopen(replies, "wb")


def _contain() -> None:
    """Bound what a hostile document can make of this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    for limit, value in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_CPU),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # the system may set a lower one, or none
            resource.setrlimit(limit, (value, value))


def main() -> None:
    """Do jobs until the parent closes the pipe."""
    jobs, replies = _take_pipes()
    _contain()

    def announce() -> None:
        write_message(replies, Reply(is_start=True).pack())
        signal.alarm(math.ceil(job.options.page_timeout) + ALARM_GRACE)

    desk = Desk(announce)
    with contextlib.suppress(BrokenPipeError):
        while (message := read_message(jobs)) is not None:
            job = Job.unpack(message[0])
            reply, pixels = desk.serve(job, message[1])
            signal.alarm(0)
            write_message(replies, reply.pack(), pixels)


if __name__ == "__main__":
    main()
