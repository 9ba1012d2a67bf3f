"""Divide documents among machines by what is in them: no list has to be agreed on."""

import hashlib
import re
from dataclasses import dataclass

from monkeycli.document import Document
from monkeycli.errors import ItemError, UsageError
from monkeycli.reading.source import open_source


@dataclass(frozen=True)
class Shard:
    """One of several equal parts of all documents there are."""

    number: int
    """From 1."""
    of: int
    """How many parts there are."""

    def holds(self, document: Document) -> bool:
        """Say whether a document belongs to this part; it belongs to one of them exactly.

        The same bytes belong to the same part wherever they lie; a document that cannot be read
        goes by its path, so that one of the parts reports it.
        """
        if self.of == 1:
            return True
        try:
            data = document.data if document.data is not None else open_source(document.path).data
        except ItemError:
            data = document.path.encode("utf-8", "surrogateescape")
        digest = hashlib.sha256(data).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1


def parse_shard(text: str) -> Shard:
    """Read a part as typed.

    Raises:
        UsageError: `text` is not two numbers with a slash, the first from 1 to the second.

    >>> parse_shard("2/8")
    Shard(number=2, of=8)
    """
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f"shard {text!r} is not I/N, with I from 1 to N", "as --shard 2/8")
    return Shard(int(found[1]), int(found[2]))
