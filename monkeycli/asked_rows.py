"""Rows of tables that a question asks for by their size, their place or their number.

`Which state had the most births?` shares no word with the row that answers it, and no language
model of a hundred million parameters finds the greatest of forty numbers. Finding it is arithmetic.
"""

import re
from collections.abc import Iterator, Sequence

from monkeycli.stems import asked_stems, stems_of
from monkeycli.text_table import Block, TextTable

MOST_ROWS = 2
"""Rows of one table that answer alike; more would say nothing."""

MOST_TABLES = 2
"""Tables whose rows are counted: those with the most."""

_GREATEST = stems_of("highest largest most biggest greatest maximum max top longest tallest")
_LEAST = stems_of("lowest smallest least fewest minimum min shortest cheapest")
_PRICED = {stem: stems_of("price cost amount") for stem in stems_of("expensive cheapest costs")}
"""Columns that are meant by words that do not name them."""

_AFTER, _BEFORE = stems_of("after below follows next"), stems_of("before above precedes previous")
_FIRST, _LAST = stems_of("first"), stems_of("last bottom final")
_LISTED = stems_of("list listed table row entry line")
_COUNTABLE = _LISTED | stems_of("item")
"""What rows of any table are called."""

_COUNTED = re.compile(r"\b(?:how many|number of(?! (?:the|this|my|our|your)\b)|count)\b")

_SUMS = stems_of("total subtotal sum all overall average mean")
"""First words of rows that sum up others and are none of them."""

_NUMBER = re.compile(r"[^\d()-]{0,5}([-(]?)[^\d()-]{0,5}(\d[\d., ]*)\)?\D{0,12}")
"""A cell that is a number, with its sign and unit."""


def rows_asked_for(table: TextTable, question: str) -> list[int]:
    """Find rows that a question asks for by their size or their place.

    Args:
        table: lines of a page.
        question: of a user.

    Returns:
        Numbers of lines; empty where the question asks for none so, or the page has no such table.

    >>> from monkeycli.text_table import cells_of
    >>> text = ("Town  Rain  Sun", "Oslo  12  30", "Rome  7  81", "Bonn  9  44")
    >>> table = TextTable([cells_of(line) for line in text])
    >>> rows_asked_for(table, "Which town has the most sun?")
    [2]
    >>> rows_asked_for(table, "Which town comes after Rome?")
    [3]
    """
    words = asked_stems(question)
    if not words & (_GREATEST | _LEAST | _AFTER | _BEFORE | _FIRST | _LAST):
        return []
    blocks = table.blocks
    is_alone = len(blocks) == 1
    found = (_of_block(table.rows, block, words, is_alone=is_alone) for block in blocks)
    return [number for numbers in found for number in numbers]


def count_rows(table: TextTable, question: str) -> list[str]:
    """Say how many rows the tables of a page have, if a question asks how many there are.

    It asks for them by what their first column is called, or as items, rows, what is listed. By a
    word that stands elsewhere on the page it rather asks for a number that stands there, too.

    >>> from monkeycli.text_table import cells_of
    >>> text = ("Town  Rain  Sun", "Oslo  12  30", "Rome  7  81", "Total  19  111")
    >>> count_rows(TextTable([cells_of(line) for line in text]), "How many towns are listed?")
    ['2 rows: Town  Rain  Sun']
    """
    if not _COUNTED.search(question.casefold()):
        return []
    words = asked_stems(question)
    is_elsewhere = any(words & stems_of(cell) for row in table.rows for cell in row)
    counted = []
    for block in table.blocks:
        entries = _entries(table.rows, block)
        name = block.heading.names[_column_of_names(table.rows, entries)]
        if words & (_COUNTABLE | stems_of(name)) or not is_elsewhere:
            counted.append((len(entries), block))
    most = sorted(counted, key=lambda pair: -pair[0])[:MOST_TABLES]
    return [f"{count} rows: {'  '.join(block.heading.names)}" for count, block in most if count > 1]


def _of_block(
    rows: Sequence[tuple[str, ...]], block: Block, words: set[str], *, is_alone: bool
) -> Iterator[int]:
    entries = _entries(rows, block)
    if len(entries) < 2:
        return
    column = _column_of_names(rows, entries)
    for is_greatest, named in ((True, _GREATEST), (False, _LEAST)):
        if words & named:
            yield from _extreme(rows, block, entries, words, column, is_greatest=is_greatest)
    if words & (_AFTER | _BEFORE):
        asked = words - _AFTER - _BEFORE
        for place, number in enumerate(entries):
            name = stems_of(rows[number][column])
            near = place + (1 if words & _AFTER else -1)
            if name and name <= asked and 0 <= near < len(entries):
                yield entries[near]
    entity = words - _FIRST - _LAST - _LISTED
    is_named = bool(entity) and entity <= stems_of(block.heading.names[column])
    if words & (_FIRST | _LAST) and (is_named or (is_alone and len(entity) == 1)):
        yield entries[0 if words & _FIRST else -1]


def _column_of_names(rows: Sequence[tuple[str, ...]], entries: Sequence[int]) -> int:
    """Give the column that says what a row is: the second where rows are numbered."""
    return int(all(rows[n][0].isdigit() for n in entries))


def _entries(rows: Sequence[tuple[str, ...]], block: Block) -> list[int]:
    """Rows of a table that sum up no others."""
    return [n for n in block.rows if not stems_of(" ".join(rows[n][:2])) & _SUMS]


def _extreme(
    rows: Sequence[tuple[str, ...]],
    block: Block,
    entries: Sequence[int],
    words: set[str],
    column: int,
    *,
    is_greatest: bool,
) -> list[int]:
    """Find the rows with the greatest or least number in the column that is named.

    What the rows are called by stands in `column`: it is no number, though the question names it.
    """
    asked = words.union(*(_PRICED[stem] for stem in words & _PRICED.keys()))
    shared = [len(stems_of(name) & asked) for name in block.heading.names[column + 1 :]]
    if not max(shared, default=0):
        return []
    named = column + 1 + shared.index(max(shared))
    numbers = _numbers([rows[n][named] for n in entries])
    known = [number for number in numbers if number is not None]
    if len(known) < 2 or len(known) < len(numbers) / 2:
        return []
    best = max(known) if is_greatest else min(known)
    found = [n for n, number in zip(entries, numbers, strict=True) if number == best]
    return found if len(found) <= MOST_ROWS else []


def _numbers(cells: Sequence[str]) -> list[float | None]:
    """Read the numbers of a column, in which the same mark stands before all decimals.

    >>> _numbers(["1,204", "$388", "(12)", "n/a"])
    [1204.0, 388.0, -12.0, None]
    >>> _numbers(["1.204,50", "12,00"]), _numbers(["4.5", "12.25"])
    ([1204.5, 12.0], [4.5, 12.25])
    """
    found = [_NUMBER.fullmatch(cell) for cell in cells]
    mark = _decimal_mark([match[2].strip(" .,") for match in found if match])
    return [_value(match, mark) if match else None for match in found]


def _decimal_mark(numbers: Sequence[str]) -> str:
    """Say which mark stands before the decimals of some numbers; none if all may group digits."""
    marks = [[c for c in number if c in ".,"] for number in numbers]
    both = [found[-1] for found in marks if len(set(found)) == 2]
    alone = [
        found[0]
        for found, number in zip(marks, numbers, strict=True)
        if len(found) == 1 and len(number) - number.index(found[0]) != 4
    ]
    return next(iter(both + alone), "")


def _value(match: re.Match[str], mark: str) -> float:
    whole, _, decimals = match[2].strip(" .,").partition(mark) if mark else (match[2], "", "")
    digits = (re.sub(r"[ .,]", "", part) or "0" for part in (whole, decimals))
    return float(".".join(digits)) * (-1 if match[1] else 1)
