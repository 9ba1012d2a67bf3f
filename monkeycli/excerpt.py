"""The few lines of a page's text that a question is about, to be set beside the question again.

A small language model finds an answer far more surely in three lines than in a hundred. Lines are
chosen by the words they share with the question, rare ones counting more (inverse document
frequency, Sparck Jones 1972), or for a value of the kind asked for; a row of a table takes the
headings of its columns along. Pure text: nothing is learnt, and the same text and question always
give the same excerpt.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from monkeycli.asked_kind import kind_of
from monkeycli.document import CELL_GAP

MAX_PIECE = 160
"""Characters of a line; longer ones, as paragraphs without line breaks are, are cut."""

MAX_LINES = 4
"""Most lines of an excerpt that share words with the question."""

MIN_SHARE = 0.3
"""What a line must be worth to be taken, as a share of the best one's worth."""

MIN_COLUMNS = 3
"""Cells of a row of a table; two are a label and its value."""

MANY_ROWS = 4
"""Rows below a heading by which it heads a table, and no labels that stand above their values."""

MAX_CAPTION = 60
"""Characters of a line that stands above some rows of a table, and does not end it."""

_WORD = re.compile(r"[^\W_]+")

_ENDING = re.compile(r"(?<=...)(?:ies|ing|ed|es|s|e|y)$")
"""What words of one stem differ in."""

_BREAK = re.compile(r"(?<=[.;:!?]) +|(?<=,) +")
"""Where a long line is best cut."""

_YEAR = re.compile(r"(?:19|20)\d\d")

_COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        a about an and any are as at be been by can could did do does document for from
        give has have how i if in is it its list many me much name not of on or page
        please say shown stated tell than that the their there these this those to was
        were what when where which who whom whose why will with would you your
        """,
    )
)
"""Words of English questions that say nothing of what is asked for."""


def take_excerpt(text: str, question: str, room: int) -> str:
    r"""Choose the lines of a text that a question is about.

    Args:
        text: of a page: a line per row, cells two spaces apart.
        question: of a user.
        room: most characters of the excerpt.

    Returns:
        Lines in the order of the page; empty where no word of the question stands on it, nor a
        value of a kind that it asks for.

    >>> text = "Sales by state\nState  2023  2024\nOhio  1,204  1,377\nUtah  388  402\n"
    >>> take_excerpt(text, "What were the sales of Utah in 2024?", room=200)
    'Sales by state\nState: Utah  2023: 388  2024: 402'
    """
    asked = _stems(question) - {_stem(word) for word in _COMMON}
    pieces = [piece for line in text.split("\n") for piece in _cut(line) if piece.strip()]
    stems = [_stems(piece) & asked for piece in pieces]
    counts = Counter(stem for found in stems for stem in found)
    rarity = {stem: math.log(1 + len(pieces) / count) for stem, count in counts.items()}
    table = _Table([_cells(piece) for piece in pieces], asked)
    chosen = table.without_heads(_choose(stems, rarity))
    chosen += _of_asked_kind(pieces, question, chosen)
    ordered = table.without_heads(_with_neighbours(chosen, pieces, table))
    return "\n".join(_fill(pieces, ordered, table, room))


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.casefold())}


def _stem(word: str) -> str:
    """Cut off what words of one stem differ in.

    >>> [_stem(word) for word in ("dates", "dated", "company", "companies")]
    ['dat', 'dat', 'compan', 'compan']
    """
    return _ENDING.sub("", word)


def _cells(line: str) -> tuple[str, ...]:
    """Cut a line into cells; there may be none in a column.

    >>> _cells("Ohio    1,377"), _cells("  2023  2024")
    (('Ohio', '', '1,377'), ('', '2023', '2024'))
    """
    return tuple(map(str.strip, line.split(CELL_GAP)))


def _cut(line: str) -> list[str]:
    """Cut a long line into pieces, at the ends of sentences where there are any."""
    if len(line) <= MAX_PIECE or CELL_GAP in line:
        return [line]
    pieces = [""]
    for part in _BREAK.split(line):
        if pieces[-1] and len(pieces[-1]) + len(part) >= MAX_PIECE:
            pieces.append(part)
        else:
            pieces[-1] = f"{pieces[-1]} {part}".strip()
    return pieces


def _choose(stems: Sequence[set[str]], rarity: Mapping[str, float]) -> list[int]:
    """Choose pieces one by one, each the one that shares most of what no other has shared yet.

    When nothing is left that way, all words count again: there may be several totals.
    """
    chosen: list[int] = []
    left, least = set(rarity), 0.0
    while len(chosen) < MAX_LINES:
        worth = {
            n: (math.fsum(rarity[stem] for stem in found & left), -n)
            for n, found in enumerate(stems)
            if found and not any(found < stems[other] for other in chosen) and n not in chosen
        }
        best = max(worth, key=worth.__getitem__, default=None)
        if best is not None and worth[best][0] > least:
            least = least or MIN_SHARE * worth[best][0]
            chosen.append(best)
            left -= stems[best]
        elif left != set(rarity):
            left = set(rarity)
        else:
            break
    return chosen


def _of_asked_kind(pieces: Sequence[str], question: str, chosen: Sequence[int]) -> list[int]:
    """Choose pieces that hold what kind of value is asked for, if no chosen one does."""
    kind = kind_of(question)
    if kind is None or any(kind.value.search(pieces[n].casefold()) for n in chosen):
        return []
    numbers = range(len(pieces))[::-1] if kind.is_late else range(len(pieces))
    found = (n for n in numbers if kind.value.search(pieces[n].casefold()))
    return list(islice(found, MAX_LINES - len(chosen)))


def _with_neighbours(chosen: Sequence[int], pieces: Sequence[str], table: "_Table") -> list[int]:
    """Add what may be values: what stands below pieces without any; of the best one above, too.

    The first is worth most: the best piece, the first of what stands below, then the others.
    """
    best, below, above = chosen[:1], [], []
    for number in chosen:
        is_prose = number in best and CELL_GAP not in pieces[number]
        has_value = any(map(str.isdigit, pieces[number])) or table.has_rows(number)
        below += [number + 1] if is_prose or not has_value else []
        above += [number - 1] if is_prose else []
    ordered = dict.fromkeys([*best, *below[:1], *chosen, *below, *above])
    return [number for number in ordered if 0 <= number < len(pieces)]


def _fill(pieces: Sequence[str], ordered: Sequence[int], table: "_Table", room: int) -> list[str]:
    """Write pieces down as long as there is room; the best one is cut if it alone is too long."""
    taken: dict[int, str] = {}
    for number in ordered:
        heading = table.heading_of(number)
        line = table.label(number, heading, room // 2) if heading else pieces[number].strip()
        if len(line) <= room or not taken:
            taken[number] = line[:room]
            room -= len(taken[number]) + 1
    return [line for _, line in sorted(taken.items())]


@dataclass(frozen=True)
class _Heading:
    """The headings above a row."""

    lines: tuple[int, ...]
    """Rows that they stand in: more than one where they are broken."""
    names: tuple[str, ...]
    """Of the row's cells; empty for one without."""


@dataclass(frozen=True)
class _Table:
    """A text's rows as cells; which of them are headings of which."""

    rows: Sequence[tuple[str, ...]]
    asked: set[str]

    def heading_of(self, number: int) -> _Heading | None:
        """Find the headings above a row, for all of its cells or all but the first."""
        row = self.rows[number]
        if len(row) < MIN_COLUMNS or sum(map(bool, row)) < 2 or _are_labels(row):
            return None
        block = list(self._block(number))
        for unnamed in _unnamed(row):
            count = len(row) - len(unnamed)
            lines = self._lines(block, count, is_words=_is_head(row))
            if lines:
                parts = [("",) * (count - len(self.rows[n])) + self.rows[n] for n in lines]
                names = [" ".join(filter(None, of_cell)) for of_cell in zip(*parts, strict=True)]
                for place in unnamed:
                    names.insert(place, "")
                return _Heading(tuple(lines), tuple(names))
        return None

    def _block(self, number: int) -> Iterator[int]:
        """Go up from a row to the top of its table; a short line on its own may stand between."""
        for n in range(number - 1, -1, -1):
            below = self.rows[n + 1]
            if len(self.rows[n]) > 1:
                yield n
            elif len(below) == 1 or _is_head(below) or len(self.rows[n][0]) > MAX_CAPTION:
                return

    def _lines(self, block: Sequence[int], count: int, *, is_words: bool) -> list[int]:
        """Find the lines of headings for so many cells, one or several that go on.

        Args:
            block: rows above, from below.
            count: of the row's cells.
            is_words: whether the row might be one of headings itself.
        """
        fitting = {
            n: self.rows[n]
            for n in block
            if len(self.rows[n]) in (count, count - 1) and _is_head(self.rows[n])
        }
        labels = [n for n, cells in fitting.items() if _are_labels(cells)]
        if not fitting or labels:
            return labels[:1]
        full = [n for n, cells in fitting.items() if len(cells) == count]
        first = last = full[-1] if full else next(iter(fitting))
        while not is_words and _goes_on(fitting.get(first - 1), self.rows[first]):
            first -= 1
        while not is_words and _goes_on(self.rows[last], fitting.get(last + 1)):
            last += 1
        return list(range(first, last + 1))

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

    def label(self, number: int, heading: _Heading, room: int) -> str:
        """Write a row with the headings of its columns; of a long one what is asked for."""
        cells = [
            (name, f"{name.rstrip(':')}: {cell}" if name else cell)
            for name, cell in zip(heading.names, self.rows[number], strict=True)
            if cell
        ]
        if sum(len(cell) + len(CELL_GAP) for _, cell in cells) > room:
            shared = [len(_stems(name) & self.asked) for name, _ in cells[1:]]
            most = max([1, *shared])
            named = [cell for cell, num in zip(cells[1:], shared, strict=True) if num == most]
            cells = [cells[0], *named] if named else [(cell, cell) for cell in self.rows[number]]
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


def _is_head(row: Sequence[str]) -> bool:
    """Whether every cell of a row may be a heading: it has letters, or is a year."""
    return all(not cell or any(map(str.isalpha, cell)) or _YEAR.fullmatch(cell) for cell in row)


def _are_labels(row: Sequence[str]) -> bool:
    """Whether the cells of a row say of themselves that something follows."""
    return all(not cell or cell.endswith(":") for cell in row)
