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
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice

from monkeycli.asked_kind import kind_of
from monkeycli.asked_rows import count_rows, rows_asked_for
from monkeycli.document import CELL_GAP
from monkeycli.stems import asked_stems, stems_of
from monkeycli.text_table import TextTable, cells_of

MAX_PIECE = 160
"""Characters of a line; longer ones, as paragraphs without line breaks are, are cut."""

MAX_LINES = 4
"""Most lines of an excerpt that share words with the question."""

MIN_SHARE = 0.3
"""What a line must be worth to be taken, as a share of the best one's worth."""

_BREAK = re.compile(r"(?<=[.;:!?]) +|(?<=,) +")
"""Where a long line is best cut."""


def take_excerpt(text: str, question: str, room: int) -> str:
    r"""Choose the lines of a text that a question is about.

    Args:
        text: of a page: a line per row, cells two spaces apart.
        question: of a user.
        room: most characters of the excerpt.

    Returns:
        Lines in the order of the page, behind the number of rows of its tables if that is asked
        for; empty where no word of the question stands on it, nor a value of a kind or a row that
        it asks for.

    >>> text = "Sales by state\nState  2023  2024\nOhio  1,204  1,377\nUtah  388  402\n"
    >>> take_excerpt(text, "What were the sales of Utah in 2024?", room=200)
    'Sales by state\nState: Utah  2023: 388  2024: 402'
    """
    asked = asked_stems(question)
    pieces, table = _read(text)
    stems = [stems_of(piece) & asked for piece in pieces]
    counts = Counter(stem for found in stems for stem in found)
    rarity = {stem: math.log(1 + len(pieces) / count) for stem, count in counts.items()}
    _add_headings(stems, table, asked)
    chosen = table.without_heads(_choose(stems, rarity))
    chosen += _of_asked_kind(pieces, question, chosen)
    first = rows_asked_for(table, question)
    chosen = [n for n in table.without_heads([*first, *chosen]) if n not in first]
    ordered = table.without_heads([*first, *_with_neighbours(chosen, pieces, table)])
    ordered = list(dict.fromkeys(ordered))
    counted = []
    for line in count_rows(table, question):
        if len(line) < room:
            counted.append(line)
            room -= len(line) + 1
    return "\n".join([*counted, *(_fill(pieces, ordered, table, room, asked) if room else ())])


@lru_cache(maxsize=4)
def _read(text: str) -> tuple[list[str], TextTable]:
    """Cut a text into lines, which are rows of tables, too; many questions are asked about one."""
    pieces = [piece for line in text.split("\n") for piece in _cut(line) if piece.strip()]
    return pieces, TextTable([cells_of(piece) for piece in pieces])


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


def _add_headings(stems: Sequence[set[str]], table: TextTable, asked: set[str]) -> None:
    """Let rows of tables that share a word with the question share those of their headings, too."""
    for block in table.blocks:
        of_heading = stems_of(" ".join(block.heading.names)) & asked
        for number in block.rows if of_heading else ():
            if stems[number]:
                stems[number].update(of_heading)


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
    found = (n for n, piece in enumerate(pieces) if kind.value.search(piece.casefold()))
    return list(islice(found, MAX_LINES - len(chosen)))


def _with_neighbours(chosen: Sequence[int], pieces: Sequence[str], table: TextTable) -> list[int]:
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


def _fill(
    pieces: Sequence[str], ordered: Sequence[int], table: TextTable, room: int, asked: set[str]
) -> list[str]:
    """Write pieces down as long as there is room; the best one is cut if it alone is too long."""
    taken: dict[int, str] = {}
    for number in ordered:
        heading = table.heading_of(number)
        line = table.label(number, heading, room, asked) if heading else pieces[number].strip()
        if len(line) <= room or not taken:
            taken[number] = line[:room]
            room -= len(taken[number]) + 1
    return [line for _, line in sorted(taken.items())]
