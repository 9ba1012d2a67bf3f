"""Page ranges as a user types them: `all`, `7`, `1-3,7,10-end`. Pages count from 1."""

import re
from dataclasses import dataclass

from monkeycli.errors import ItemError, UsageError

_PART = re.compile(r"(?P<first>\d{1,9}|end)(?:-(?P<last>\d{1,9}|end))?", re.ASCII)


@dataclass(frozen=True)
class PageRanges:
    """Which pages of a document are wanted, in the order typed."""

    text: str
    """As typed."""
    parts: tuple[tuple[int | None, int | None], ...]
    """The first and last page of each part, both included; None is the document's last page."""

    def select(self, num_pages: int) -> list[int]:
        """Give the numbers of the wanted pages of a document, every page once.

        A part that asks for pages which do not exist adds the first of them, and only that, so
        that the caller can report it (`page_error`): `1-999999999` costs no memory.

        Args:
            num_pages: pages of the document, at least 1.

        >>> parse_pages("1-3,7,10-end").select(12)
        [1, 2, 3, 7, 10, 11, 12]
        >>> parse_pages("3,1-4").select(4)
        [3, 1, 2, 4]
        >>> parse_pages("2-999999999").select(3)
        [2, 3, 4]
        """
        chosen: dict[int, None] = {}
        for first, last in self.parts:
            start = num_pages if first is None else first
            stop = num_pages if last is None else last
            chosen.update(dict.fromkeys(range(start, min(stop, num_pages) + 1)))
            if max(start, stop) > num_pages:
                chosen[max(start, num_pages + 1)] = None
        return list(chosen)


def parse_pages(text: str, *, option: str = "--pages") -> PageRanges:
    """Read page ranges.

    Args:
        text: `all`, or comma-separated pages and ranges; `end` is the last page.
        option: what to call it in an error.

    Raises:
        UsageError: `text` is neither.

    >>> parse_pages("2-end").parts
    ((2, None),)
    """
    stripped = "".join(text.split()).lower()
    if stripped == "all":
        return PageRanges(text, ((1, None),))
    return PageRanges(text, tuple(_parse_part(part, text, option) for part in stripped.split(",")))


def _parse_part(part: str, text: str, option: str) -> tuple[int | None, int | None]:
    """Read one part: a page, or a range from a lower page to a higher one."""
    match = _PART.fullmatch(part)
    if match is None:
        shown = repr(part) if part else "an empty part"
        raise UsageError(f"{option} {text!r}: {shown} is no page", "write for example 1-3,7,10-end")
    first, last = (
        None if word == "end" else int(word)
        for word in (match["first"], match["last"] or match["first"])
    )
    if first == 0 or last == 0:
        raise UsageError(f"{option} {text!r}: there is no page 0", "pages count from 1")
    if last is not None and (first is None or first > last):
        raise UsageError(
            f"{option} {text!r}: {part!r} runs backwards", "the lower page comes first"
        )
    return first, last


def page_error(number: int, num_pages: int) -> ItemError:
    """Say that a page does not exist.

    >>> print(page_error(9, 4))
    page 9 does not exist: the document has 4 pages; ask for pages 1 to 4
    """
    pages = "1 page" if num_pages == 1 else f"{num_pages} pages"
    hint = "ask for page 1" if num_pages == 1 else f"ask for pages 1 to {num_pages}"
    return ItemError(
        "page_out_of_range", f"page {number} does not exist: the document has {pages}", hint
    )
