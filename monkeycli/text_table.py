"""A text's lines as rows of tables: which lines head which, and how a row reads with its headings.

Pure text, as a page's text has it: a line per row, cells two spaces apart, an empty cell two more.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile

from monkeycli.document import CELL_GAP
from monkeycli.stems import stems_of

MIN_COLUMNS = 3
"""Cells of a row of a table; two are a label and its value."""

MANY_ROWS = 4
"""Rows below a heading by which it heads a table, and no labels that stand above their values."""

MAX_ROWS = 120
"""Rows above one in which its headings are looked for; a page of print has hardly more."""

MAX_CAPTION = 60
"""Characters of a heading, or of a line that stands above rows of a table without ending it."""

ADDRESS_LINES = 4
"""Most lines of an address, with the name."""

_VALUED = re.compile(r":\s*\S|\[[x ]\]|\d[.,]\d\d\b")
"""A cell that is a label and its value, a box to tick, or an amount with its currency."""

_MEASURED = re.compile(
    r"[^\w\s]?(?!(?:19|20)\d\d)\d[\d.,]*\s?(?!(?:st|nd|rd|th|yr|[HMQY])\b)"
    r"[^\W\d_]{1,3}(?:/[^\W\d_]{1,3})?[\N{SUPERSCRIPT TWO}\N{SUPERSCRIPT THREE}]?"
)
"""A cell that is a number with its unit: `7,500 l/h`; `1st`, `6M` and `5 yr` may be headings."""

_PRICED = re.compile(r"\D{0,5}\d[\d.,: ]*\D{0,5}")
"""A cell that is a number: a price, a time."""

_PARTY = re.compile(
    r"(?:(?:bill|billed|invoice|invoiced|sold|ship|shipped|deliver|delivered|send|remit|charge) to"
    r"|(?:billing|invoice|shipping|delivery|remittance) address|from|to|vendor|supplier|seller"
    r"|buyer|purchaser|customer|client|consignee|sender|recipient|(?:rechnungs|liefer)(?:adresse|"
    r"anschrift)):?",
    re.IGNORECASE,
)
"""What stands above somebody's address, often beside another."""

_YEAR = re.compile(r"(?:19|20)\d\d")


def cells_of(line: str) -> tuple[str, ...]:
    """Cut a line into cells; there may be none in a column.

    >>> cells_of("Ohio    1,377"), cells_of("  2023  2024")
    (('Ohio', '', '1,377'), ('', '2023', '2024'))
    """
    return tuple(map(str.strip, line.split(CELL_GAP)))


@dataclass(frozen=True)
class Heading:
    """The headings above a row."""

    lines: tuple[int, ...]
    """Rows that they stand in: more than one where they are broken."""
    names: tuple[str, ...]
    """Of the row's cells; empty for one without."""


@dataclass(frozen=True)
class Block:
    """Rows below one heading."""

    heading: Heading
    rows: tuple[int, ...]
    """Their numbers."""


@dataclass(frozen=True)
class TextTable:
    """A text's rows as cells; which of them are headings of which."""

    rows: Sequence[tuple[str, ...]]

    def heading_of(self, number: int) -> Heading | None:
        """Find the headings above a row, for all of its cells or all but the first."""
        row = self.rows[number]
        if len(row) == 2:
            return self._parties_above(number)
        if len(row) < MIN_COLUMNS or sum(map(bool, row)) < 2 or _are_labels(row):
            return None
        block = list(self._block(number))
        for unnamed in _unnamed(row):
            count = len(row) - len(unnamed)
            lines = self._lines(block, row[-count:], is_words=_is_head(row))
            if lines and not self._heads_others(lines[-1], number):
                parts = [("",) * (count - len(self.rows[n])) + self.rows[n] for n in lines]
                names = [" ".join(filter(None, of_cell)) for of_cell in zip(*parts, strict=True)]
                if spanning := self._spanning(lines[0] - 1, names):
                    lines = [lines[0] - 1, *lines]
                    names = [f"{upper} {name}".strip() for upper, name in spanning]
                for place in unnamed:
                    names.insert(place, "")
                return Heading(tuple(lines), tuple(names))
        return None

    def _spanning(self, number: int, names: Sequence[str]) -> list[tuple[str, str]]:
        """Find what stands above several columns each, whose names are the same below each of them.

        Returns:
            The upper heading and the own one of every column; empty where there is no such row.
        """
        upper = tuple(filter(None, self.rows[number])) if number >= 0 else ()
        own = list(filter(None, names))
        width = len(own) // max(len(upper), 1)
        if len(upper) < 2 or width < 2 or own != own[:width] * len(upper) or not _is_head(upper):
            return []
        of_column = iter([cell for cell in upper for _ in range(width)])
        return [(next(of_column), name) if name else ("", "") for name in names]

    def _parties_above(self, number: int) -> Heading | None:
        """Find what stands above two addresses side by side, one line of which is a row."""
        for n in range(number - 1, max(number - 1 - ADDRESS_LINES, -1), -1):
            if len(self.rows[n]) != 2:
                return None
            if all(map(_PARTY.fullmatch, self.rows[n])):
                return Heading((n,), self.rows[n])
        return None

    @cached_property
    def blocks(self) -> list[Block]:
        """The tables of the text; other lines may stand between rows of one heading."""
        found: dict[Heading, list[int]] = {}
        number = 0
        while number < len(self.rows):
            heading = self.heading_of(number)
            if heading is None:
                number += 1
                continue
            rows = found.setdefault(heading, [])
            rows.append(number)
            number += 1
            while number < len(self.rows) and self._is_one_more(number):
                rows.append(number)
                number += 1
        heads = {line for heading in found for line in heading.lines}
        wide = [
            Block(heading, tuple(n for n in rows if n not in heads))
            for heading, rows in found.items()
        ]
        return [*wide, *(block for block in self._pairs() if not heads & {*block.heading.lines})]

    def _pairs(self) -> Iterator[Block]:
        """Give the tables of two columns, where nothing but numbers stands in the second.

        One of words could be labels and their values as well.
        """
        number = 0
        while number < len(self.rows):
            head, rows = self.rows[number], []
            if len(head) == 2 and all(head) and _is_head(head) and not _YEAR.fullmatch(head[1]):
                below = range(number + 1, len(self.rows))
                rows = list(takewhile(self._is_priced, below)) if not head[0].endswith(":") else []
            if len(rows) >= MANY_ROWS - 1:
                yield Block(Heading((number,), head), tuple(rows))
            number += 1 + len(rows)

    def _is_priced(self, number: int) -> bool:
        """Whether a row is a name and a number."""
        row = self.rows[number]
        return len(row) == 2 and bool(_PRICED.fullmatch(row[1])) and not row[0].endswith(":")

    def _is_one_more(self, number: int) -> bool:
        """Whether a row surely has the headings of the one above; rows of words may be some."""
        above, row = self.rows[number - 1 : number + 1]
        return len(above) == len(row) and not _is_head(above) and not _is_head(row)

    def _block(self, number: int) -> Iterator[int]:
        """Go up from a row to the top of its table; a short line on its own may stand between.

        Headings of more columns are those of another table.
        """
        for n in range(number - 1, max(number - 1 - MAX_ROWS, -1), -1):
            row, below = self.rows[n], self.rows[n + 1]
            if len(row) > max(len(self.rows[number]), MIN_COLUMNS - 1) and _is_head(row):
                return
            if len(row) > 1:
                yield n
            elif len(below) == 1 or _is_head(below) or len(row[0]) > MAX_CAPTION:
                return

    def _lines(self, block: Sequence[int], row: Sequence[str], *, is_words: bool) -> list[int]:
        """Find the lines of headings for a row's cells, one or several that go on.

        Args:
            block: rows above, from below.
            row: cells that may have headings.
            is_words: whether the row might be one of headings itself.
        """
        count = len(row)
        fitting = {
            n: self.rows[n]
            for n in block
            if len(self.rows[n]) in (count, count - 1) and _is_head(self.rows[n])
        }
        labels = [n for n, cells in fitting.items() if _are_labels(cells)]
        if not fitting or labels:
            return labels[:1]
        full = [n for n, cells in fitting.items() if len(cells) == count]
        first = last = self._top(full, row) if full else next(iter(fitting))
        while not is_words and _goes_on(fitting.get(first - 1), self.rows[first]):
            first -= 1
        while not is_words and _goes_on(self.rows[last], fitting.get(last + 1)):
            last += 1
        return list(range(first, last + 1))

    def _heads_others(self, head: int, number: int) -> bool:
        """Whether a row above that has a cell less heads rows before this one, or none at all.

        It heads others if the row right below it has as many cells as itself. Of two words that are
        not years, a label and its value may be one, unless all rows down to this one are alike.
        """
        names, count = self.rows[head], len(self.rows[number])
        below = [len(cells) for cells in self.rows[head + 1 : number] if len(cells) > 1]
        if len(names) == count or any(map(_YEAR.fullmatch, names)) or not below:
            return False
        return below[0] == len(names) or (len(names) < MIN_COLUMNS and {*below} != {count})

    def _top(self, heads: Sequence[int], row: Sequence[str]) -> int:
        """Choose the topmost of some rows of words, from below, that heads such a row.

        Rows of words stand among others, too; where those above are unlike the row, one begins
        another table.
        """
        top = heads[0]
        for upper in heads[1:]:
            between = (
                cells
                for cells in self.rows[top - 1 : upper : -1]
                if len(cells) == len(row) and not _is_head(cells)
            )
            above = next(between, None)
            if above is not None and _are_unlike(above, row):
                break
            top = upper
        return top

    def has_rows(self, number: int) -> bool:
        """Whether a row heads many others: what is in the first of them says little then."""
        below = range(number + 1, number + 1 + MANY_ROWS)
        if below[-1] >= len(self.rows):
            return False
        headings = map(self.heading_of, below)
        return all(heading and number in heading.lines for heading in headings)

    def without_heads(self, numbers: Sequence[int]) -> list[int]:
        """Leave out the headings of rows that are there, too: those are written with them."""
        headings = filter(None, map(self.heading_of, numbers))
        heads = {line for heading in headings for line in heading.lines}
        return [number for number in numbers if number not in heads]

    def label(self, number: int, heading: Heading, room: int, asked: set[str]) -> str:
        """Write a row with the headings of its columns; of a long one what is asked for.

        One that fills more than half of the room is long.
        """
        cells = [
            (name, f"{name.rstrip(':')}: {cell}" if name else cell)
            for name, cell in zip(heading.names, self.rows[number], strict=True)
            if cell
        ]
        length = sum(len(cell) + len(CELL_GAP) for _, cell in cells)
        if length > room // 2:
            shared = [len(stems_of(name) & asked) for name, _ in cells[1:]]
            most = max([1, *shared])
            named = [cell for cell, num in zip(cells[1:], shared, strict=True) if num == most]
            if named:
                cells = [cells[0], *named]
            elif length > room:
                cells = [(cell, cell) for cell in self.rows[number]]
        return CELL_GAP.join(cell for _, cell in cells)


def _unnamed(row: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """Give places of cells that may have no heading: none; the number of a note, or of the row."""
    yield ()
    for place in (1, 0):
        if len(row) > MIN_COLUMNS and row[place].isdigit() and len(row[place]) < 3:
            yield (place,)


def _goes_on(upper: Sequence[str] | None, lower: Sequence[str] | None) -> bool:
    """Whether headings go on from line to line: one of the two leaves columns empty."""
    if upper is None or lower is None:
        return False
    if len(upper) == len(lower):
        return not (all(upper) and all(lower))
    return min(len(upper), len(lower)) >= MIN_COLUMNS


@lru_cache(maxsize=2 * MAX_ROWS)
def _is_head(row: tuple[str, ...]) -> bool:
    """Whether every cell of a row may be a heading: a year, or a few letters without a value."""
    return all(
        not cell
        or (any(map(str.isalpha, cell)) and not _is_value(cell) and len(cell) <= MAX_CAPTION)
        or _YEAR.fullmatch(cell)
        for cell in row
    )


def _is_value(cell: str) -> bool:
    return bool(_VALUED.search(cell) or _MEASURED.fullmatch(cell))


def _are_unlike(row: Sequence[str], other: Sequence[str]) -> bool:
    """Whether in half of the columns one of two rows has letters and the other a number."""
    pairs = [(a, b) for a, b in zip(row, other, strict=True) if a and b]
    num_unlike = sum(any(map(str.isalpha, a)) != any(map(str.isalpha, b)) for a, b in pairs)
    return num_unlike * 2 >= max(len(pairs), 1)


def _are_labels(row: Sequence[str]) -> bool:
    """Whether the cells of a row say of themselves that something follows."""
    return all(not cell or cell.endswith(":") for cell in row)
