"""Positioned words to text in reading order. Pure arithmetic: no PDF, no image.

Words that stand at one height make a row, and rows are read from the top: so tables, forms and
letters keep what belongs together on one line. Columns are read one after the other only where they
are columns of prose; the rule, checked row by row from the top:

- A gutter, about an em wide, is clear of words through at least `MIN_LINES` rows with no large
  vertical gap between them. A row that crosses it ends the columns.
- On both sides most of the text stands in lines of prose: several words, mostly letters, and as
  long as most others.
- On both sides enough lines begin in lower case, as running text does and cells of a table do not.

Both sides are then read by the same rule, so that there may be more than two columns.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import NamedTuple

from monkeycli.document import CELL_GAP
from monkeycli.reading.cells import Cell, fill_rows

EM = 0.75
"""An em, in heights of a word's box: boxes span ascender to descender, about 1.35 em."""

MIN_LINES = 4
"""Lines a column has, at least."""

MIN_PROSE = 0.6
"""Share of a column's characters that stand in lines of prose, and of letters in such a line."""

MIN_LOWER = 0.25
"""Share of a column's lines that begin in lower case, at least."""

MAX_BREAK = 3.0
"""Largest vertical gap within columns, in heights of a word's box."""

MAX_LEADING = 1.0
"""Vertical gap below which rows may be of one table, in heights of a word's box."""

_MAX_ROWS, _MAX_WORDS = 300, 6000
"""A page with more of either is read row by row; the search for columns takes quadratic time."""

_MAX_DEPTH = 6
"""Columns within columns that are looked for."""

WIDE_SCRIPT = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of scripts that need no spaces between words, or few."""

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
"""Letters of scripts that run from right to left."""

_LEADER = re.compile(r"(?<![ .\u00b7\u2026_])(?: *[.\u00b7\u2026_]){4,}(?: +|$)")
"""Dots that lead the eye to a figure."""


class Word(NamedTuple):
    """A word and its box on the upright page, in any unit; y runs downwards."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def height(self) -> float:
        """Of the box."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Height on the page of the box's middle."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Row:
    """Words at one height, from left to right."""

    words: tuple[Word, ...]
    is_sideways: bool = False
    """Whether they run up the page's side; their boxes are then those of the page turned upright,
    and `placed` gives them back as they stand."""

    @property
    def placed(self) -> tuple[Word, ...]:
        """The words as they stand on the page; one printed twice over itself counts once."""
        words = (self.words[0], *(word for _, word in _without_doubles(self.words)))
        if not self.is_sideways:
            return words
        return tuple(Word(w.top, -w.right, w.bottom, -w.left, w.text) for w in words)

    @property
    def top(self) -> float:
        """Of the highest word."""
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """Of the lowest word."""
        return max(word.bottom for word in self.words)

    @property
    def height(self) -> float:
        """Of most words."""
        return median(word.height for word in self.words)


def join_words(words: Sequence[Word]) -> str:
    """Give a page's text: a line per row, two spaces where a gap is wider than about an em.

    >>> print(join_words([Word(0, 0, 30, 10, "Total"), Word(80, 1, 99, 11, "$9")]), end="")
    Total  $9
    """
    return join_rows(order_words(words))


def join_rows(rows: Iterable[Row]) -> str:
    """Give a page's text as `join_words` does, from its rows."""
    text = ""
    for block in _cut_blocks(rows):
        for cells in fill_rows([_cells(row) for row in block]):
            line = _LEADER.sub(CELL_GAP, CELL_GAP.join(cells))
            text += (line.rstrip() if cells[-1] else line) + "\n"
    return text


def _cut_blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Give rows by those that stand close below each other."""
    block: list[Row] = []
    for row in rows:
        if block and not -row.height < row.top - block[-1].bottom < MAX_LEADING * row.height:
            yield block
            block = []
        block.append(row)
    yield block


def order_words(words: Sequence[Word]) -> list[Row]:
    """Give a page's rows in reading order, without words that have no letters or no area.

    Words that run up the page's side stand at the end.
    """
    words = [
        word for word in words if word.text.strip() and word.left < word.right and word.height > 0
    ]
    if not words:
        return []
    typical = median(word.height for word in words)
    sideways = [word for word in words if _is_sideways(word, typical)]
    rows = _order_rows([word for word in words if not _is_sideways(word, typical)], typical)
    if sideways:
        turned = [Word(-w.bottom, w.left, -w.top, w.right, w.text) for w in sideways]
        turned_rows = _group_rows(turned, median(word.height for word in turned))
        rows += [replace(row, is_sideways=True) for row in turned_rows]
    return rows


def _is_sideways(word: Word, typical: float) -> bool:
    """Whether a word runs up the page: tall and narrow, and no initial or rule."""
    tall = word.height > 2 * typical and word.height > 1.5 * (word.right - word.left)
    return tall and len(word.text) > 1


def _order_rows(words: Sequence[Word], typical: float, depth: int = 0) -> list[Row]:
    """Give rows in reading order.

    Args:
        words: of the page or a column, in any order.
        typical: height of a word's box.
        depth: how many columns this column is in.
    """
    rows = _group_rows(words, typical)
    if depth > _MAX_DEPTH or len(rows) > _MAX_ROWS or len(words) > _MAX_WORDS:
        return rows
    ordered: list[Row] = []
    start = first_free = 0  # rows from first_free to start were read row by row
    while start < len(rows):
        columns = _find_columns(rows, start, typical)
        if columns is None:
            ordered.append(rows[start])
            start += 1
            continue
        stop, gutter = columns
        first = _extend_up(rows, range(first_free, start), gutter, typical)
        del ordered[len(ordered) - (start - first) :]
        x = sum(gutter) / 2
        inside = [word for row in rows[first:stop] for word in row.words]
        ordered += _order_rows([word for word in inside if word.right < x], typical, depth + 1)
        ordered += _order_rows([word for word in inside if word.right >= x], typical, depth + 1)
        start = first_free = stop
    return ordered


def _group_rows(words: Sequence[Word], typical: float) -> list[Row]:
    """Group words by height: a raised or lowered word belongs to the row that it overlaps."""
    groups: list[list[Word]] = []
    middle = tallest = 0.0
    for word in sorted(words, key=lambda word: word.middle):
        reach = min(max(tallest, word.height), 1.5 * typical) / 2
        if groups and word.middle - middle < reach:
            groups[-1].append(word)
            middle += (word.middle - middle) / len(groups[-1])
            tallest = max(tallest, word.height)
        else:
            groups.append([word])
            middle, tallest = word.middle, word.height
    return [Row(tuple(_sort_row(group))) for group in groups]


def _sort_row(words: Sequence[Word]) -> list[Word]:
    """Sort words from left to right; of right-to-left script the other way, but for what is not."""
    ordered = sorted(words)
    num_right_to_left = sum(bool(_RIGHT_TO_LEFT.search(word.text)) for word in ordered)
    if 2 * num_right_to_left <= len(ordered):
        return ordered
    ordered.reverse()
    runs = itertools.groupby(ordered, key=lambda word: bool(_RIGHT_TO_LEFT.search(word.text)))
    return [word for is_turned, run in runs for word in (run if is_turned else reversed([*run]))]


def _cells(row: Row) -> list[Cell]:
    """Cut a row where gaps are wider than an em."""
    em, right, parts = EM * row.height, row.words[0].right, [[row.words[0]]]
    for last, word in _without_doubles(row.words):
        gap = max(word.left - right, last.left - word.right)  # the second from right to left
        parts += [[]] if gap > em else []
        parts[-1].append(word)
        right = max(right, word.right)
    return [
        Cell(min(part).left, max(word.right for word in part), " ".join(word.text for word in part))
        for part in parts
    ]


def _without_doubles(words: Sequence[Word]) -> Iterator[tuple[Word, Word]]:
    """Give each word but the first, and the one before it; one printed over itself counts once."""
    for last, word in itertools.pairwise(words):  # false bold is printed twice
        if word.text != last.text or abs(word.left - last.left) >= (word.right - word.left) / 2:
            yield last, word


def _find_columns(
    rows: Sequence[Row], start: int, typical: float
) -> tuple[int, tuple[float, float]] | None:
    """Look for columns of prose that begin at a row.

    Returns:
        The row they end before, and the left and right edge of the gutter; None if there are none.
    """
    words = rows[start].words
    for left, right in itertools.pairwise(words):
        gutter = (left.right, right.left)
        if gutter[1] - gutter[0] < EM * typical:
            continue
        stop = start + 1
        while stop < len(rows) and rows[stop].top - rows[stop - 1].bottom < MAX_BREAK * typical:
            narrowed = _narrow(gutter, rows[stop])
            if narrowed[1] - narrowed[0] < EM * typical:
                break
            gutter = narrowed
            stop += 1
        if stop - start >= MIN_LINES and _are_columns(rows[start:stop], gutter, typical):
            return stop, gutter
    return None


def _narrow(gutter: tuple[float, float], row: Row) -> tuple[float, float]:
    """Give the widest part of a gutter that a row leaves clear."""
    edge, end = gutter
    widest = (edge, edge)
    for word in row.words:
        if word.right > edge and word.left < end:
            widest = max(widest, (edge, word.left), key=lambda part: part[1] - part[0])
            edge = word.right
    return max(widest, (edge, end), key=lambda part: part[1] - part[0])


def _extend_up(
    rows: Sequence[Row], free: range, gutter: tuple[float, float], typical: float
) -> int:
    """Give the first row that belongs to columns found below it: headings, short first lines."""
    first = free.stop
    while first > free.start:
        row, below = rows[first - 1], rows[first]
        if below.top - row.bottom > typical or _narrow(gutter, row) != gutter:
            break
        first -= 1
    return first


def _are_columns(rows: Sequence[Row], gutter: tuple[float, float], typical: float) -> bool:
    """Whether there is prose on both sides of a gutter."""
    words = [word for row in rows for word in row.words]
    x = sum(gutter) / 2
    return all(
        _is_prose([line for row in _group_rows(side, typical) for line in _cut_row(row, typical)])
        for side in (
            [word for word in words if word.right < x],
            [word for word in words if word.right >= x],
        )
    )


def _cut_row(row: Row, typical: float) -> list[Row]:
    """Cut a row at its wide gaps: into cells, or lines of columns within the column."""
    parts = [[row.words[0]]]
    for last, word in zip(row.words, row.words[1:], strict=False):
        if word.left - last.right < EM * typical:
            parts[-1].append(word)
        else:
            parts.append([word])
    return [Row(tuple(part)) for part in parts]


def _is_prose(lines: Sequence[Row]) -> bool:
    """Whether most lines are running text; see the rule above."""
    if len(lines) < MIN_LINES:
        return False
    widths = [line.words[-1].right - line.words[0].left for line in lines]
    usual = sorted(widths)[len(widths) * 9 // 10]
    texts = [" ".join(word.text for word in line.words) for line in lines]
    full = [
        text
        for text, width in zip(texts, widths, strict=True)
        if width > 0.6 * usual and _is_wordy(text)
    ]
    firsts = [next(filter(str.isalnum, text), "") for text in texts]
    cased = [first for first in firsts if first.isdigit() or first.lower() != first.upper()]
    num_lower = sum(map(str.islower, cased))
    is_full = sum(map(len, full)) >= MIN_PROSE * sum(map(len, texts))
    return is_full and num_lower >= MIN_LOWER * len(cased)


def _is_wordy(text: str) -> bool:
    """Whether a line consists of several words that are mostly letters.

    >>> _is_wordy("of the annual report and"), _is_wordy("Net income 1,234 999 (17)")
    (True, False)
    """
    letters = sum(map(str.isalpha, text))
    if letters < MIN_PROSE * len(text.replace(" ", "")):
        return False
    if WIDE_SCRIPT.search(text):
        return letters >= 8
    return letters >= 16 and text.count(" ") >= 2
