"""What the parent and a worker say to each other: JSON headers, raw bytes behind them, no pickle.

A message is two lengths, a JSON object of the first and bytes of the second.
"""

import dataclasses
import json
import os
import struct
from dataclasses import dataclass
from typing import BinaryIO, Literal

from monkeycli.document import SIDE, PlacedWord
from monkeycli.errors import ITEM_CODES, ItemError
from monkeycli.grid import GridRule, WindowGrid
from monkeycli.options import RasterOptions

LENGTHS = struct.Struct(">IQ")
"""Bytes of the header and of the body."""

_ERROR_FIELDS = ("code", "message", "hint", "stage", "retryable")

Task = Literal["open", "describe", "render"]
"""Open and hash a document; give a page's shape and grid; and its pixels and text, too."""


@dataclass(frozen=True)
class Job:
    """What a worker is asked to do. A body, if any, is the document's bytes."""

    task: Task
    key: int
    """Of the document: while it stays the same, the worker keeps the document open."""
    path: str
    number: int
    """Of the page, from 1; 0 to open the document only."""
    options: RasterOptions
    has_data: bool
    """Whether the document has no file but is sent as the body, if the worker has to open it."""

    def pack(self) -> bytes:
        """Write the header."""
        fields = dataclasses.asdict(self)
        fields["path"] = os.fsencode(self.path).hex()  # a name need not be text
        return json.dumps(fields).encode()

    @staticmethod
    def unpack(header: bytes) -> "Job":
        """Read the header."""
        fields = json.loads(header)
        options = fields["options"]
        options["grid"] = options["grid"] and WindowGrid(**options["grid"])
        options["rule"] = GridRule.unpack(options["rule"])
        path = os.fsdecode(bytes.fromhex(fields["path"]))
        return Job(**{**fields, "path": path, "options": RasterOptions(**options)})


@dataclass(frozen=True)
class Reply:
    """What a worker answers. A body, if any, is the page's pixels."""

    is_start: bool = False
    """The job begins: its reader is loaded. The answer follows."""
    num_pages: int = 0
    sha256: str | None = None
    fingerprint: tuple[int, ...] = ()
    """Of the document's file, see `Source`."""
    height: float = 0
    width: float = 0
    has_pixels: bool = False
    label: str | None = None
    grid: WindowGrid | None = None
    text: str | None = None
    words: tuple[PlacedWord, ...] = ()
    warning: str | None = None
    """What a reader of the page should know."""
    error: ItemError | None = None

    def pack(self) -> bytes:
        """Write the header."""
        fields = {**vars(self), "grid": self.grid and vars(self.grid)}
        if self.error is not None:
            fields["error"] = {name: getattr(self.error, name) for name in _ERROR_FIELDS}
        return json.dumps(fields).encode()

    @staticmethod
    def unpack(header: bytes) -> "Reply":
        """Read the header.

        Raises:
            ValueError, TypeError, KeyError: it is not what `pack` writes.
        """
        fields = json.loads(header)
        fields["grid"] = fields["grid"] and WindowGrid(**fields["grid"])
        fields["fingerprint"] = tuple(fields["fingerprint"])
        fields["words"] = tuple(_to_word(*word) for word in fields["words"])
        if fields["error"] is not None:
            if fields["error"]["code"] not in ITEM_CODES:
                raise ValueError(fields["error"]["code"])
            fields["error"] = ItemError(**fields["error"])
        return Reply(**fields)


def _to_word(text: str, line: int, *box: int) -> PlacedWord:
    """Check a placed word: the worker's document may have taken it over."""
    left, top, right, bottom = box
    is_whole = all(type(number) is int for number in (line, *box))
    if type(text) is not str or not is_whole or line < 0:
        raise ValueError((text, line, box))
    if not (0 <= left <= right <= SIDE and 0 <= top <= bottom <= SIDE):
        raise ValueError(box)
    return PlacedWord(text, line, left, top, right, bottom)


def write_message(stream: BinaryIO, header: bytes, body: bytes | None = None) -> None:
    """Write one message and flush it."""
    body = body or b""
    stream.write(LENGTHS.pack(len(header), len(body)) + header)
    stream.write(body)
    stream.flush()


def read_message(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Wait for a message; None if the other side is gone.

    Returns:
        Its header and its body.
    """
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    header_length, body_length = LENGTHS.unpack(lengths)
    header = stream.read(header_length)
    body = stream.read(body_length)
    return (header, body) if len(header) + len(body) == header_length + body_length else None
