"""Tables with any rows and columns, and what can be asked of every table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.synthesis.draft import GAP, NO_ANSWER, Draft
from training.synthesis.words import Words

LONG = 0.15
"""Share of tables that fill a page: countries, states, entries of a ledger."""

MONTHS = tuple(
    "January February March April May June July August September October November December".split()
)

WEEKDAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())

PERIOD = re.compile(rf"\b(?:(?:19|20)\d\d|Q[1-4]|Week \d+|{'|'.join(MONTHS + WEEKDAYS)})\b")
"""Part of a heading that stands for some time."""

BROKEN = 0.25
"""Share of tables whose headings take two lines."""

ALIGNED = 0.6
"""Share of tables whose columns are found, so that what is empty shows."""


EXTREMES = 3
"""How much more often pages to train on ask for the ends of a column than others do."""

MORE_EXTREMES = {
    "highest": ("most", "biggest", "greatest", "maximum", "top", "max"),
    "lowest": ("fewest", "least", "minimum", "min", "smallest", "lowest"),
}
"""More words for the ends of a column, for pages to train on alone."""

OF_EXTREMES = (
    "Which {0} has the {1} {2}?",
    "{0} with the {1} {2}?",
    "What {0} had the {1} {2}?",
    "{1} {2}: which {0}?",
    "Where is the {1} {2}?",
    "Name the {0} with the {1} {2}.",
    "the {1} {2} belongs to?",
)


@dataclass(frozen=True)
class Table:
    """Rows under headings; the first column names the row."""

    entity: str
    """What a row is: "country"."""
    plural: str
    heads: tuple[str, ...]
    """Headings of all columns, the first one's too."""
    rows: tuple[tuple[str, ...], ...]
    values: tuple[tuple[float, ...], ...] = ()
    """The numbers behind the cells of all columns but the first; empty if they are not numbers."""
    strangers: tuple[str, ...] = ()
    """Names that might have been rows."""
    absent: tuple[str, ...] = ()
    """Headings that might have been columns."""


def number_of_rows(words: Words, most: int) -> int:
    """How many rows a table has: `most` at most, of a long one three times as many."""
    return words.between(most + 1, 3 * most) if words.chance(LONG) else words.between(3, most)


def leave_blank(words: Words, table: Table, share: float) -> Table:
    """The table with so many of its cells empty, but for the first column."""
    rows = tuple(
        (row[0], *("" if words.chance(share) else cell for cell in row[1:])) for row in table.rows
    )
    return replace(table, rows=rows, values=())


def add_table(draft: Draft, table: Table) -> None:
    """Adds the rows; a heading may be missing or broken over two lines."""
    words = draft.words
    has_blanks = not all(map(all, table.rows))
    add = draft.aligned_row if has_blanks or words.chance(ALIGNED) else draft.row
    heads = list(table.heads)
    if words.chance(0.2):
        heads[0] = ""
    numbered = words.chance(0.15)
    for line in _break_heads(words, heads) if words.chance(BROKEN) else [heads]:
        add(*[""] * numbered, *line)
    for number, row in enumerate(table.rows, 1):
        add(*[str(number)] * numbered, *row)


def _break_heads(words: Words, heads: Sequence[str]) -> list[list[str]]:
    """Headings over two lines: of the short ones there is something in one of them only."""
    lower = words.chance(0.8)
    upper_line, lower_line = [], []
    for head in heads:
        parts = head.split(" ")
        cut = words.between(1, len(parts) - 1) if len(parts) > 1 else 1 - lower
        upper_line.append(" ".join(parts[:cut]))
        lower_line.append(" ".join(parts[cut:]))
    return [line for line in (upper_line, lower_line) if any(line)]


def ask_table(draft: Draft, table: Table, count: int) -> None:
    """Asks so many questions of a table."""
    asks = [_ask_cell] * 8 + [
        _ask_count,
        _ask_reverse,
        _ask_order,
        _ask_listed,
        _ask_missing,
        _ask_missing,
    ]
    if table.values and len(table.rows) > 1:
        asks += [_ask_extreme] * (EXTREMES if draft.words.split == "train" else 1)
        if draft.words.chance(0.25):
            asks += [_ask_compare]
    for ask in draft.words.random.choices(asks, k=count):
        ask(draft, table)


def _ask_cell(draft: Draft, table: Table) -> None:
    row = draft.words.pick(table.rows)
    column = draft.words.between(1, len(table.heads) - 1)
    head, name = table.heads[column], row[0]
    draft.ask(row[column] or NO_ANSWER, *cell_questions(head, name))


def cell_questions(head: str, name: str) -> Sequence[str]:
    """Ways to ask for the cell in the column `head` of the row `name`."""
    low = head.lower()
    if PERIOD.search(head):
        return (
            f"What was {name} in {head}?",
            f"{name} in {head}?",
            f"{name} {head}",
            f"{head} {name}",
            f"What is the value of {name} for {head}?",
            f"What is the {head} figure for {name}?",
            f"How much was {name} in {head}?",
        )
    return (
        f"What is the {low} of {name}?",
        f"What is the {low} for {name}?",
        f"{low} of {name}",
        f"{name} {low}",
        f"{name}: {head}?",
        f"What is {name}'s {low}?",
        f"{head} {name}",
        f"Which {low} does {name} have?",
        f"{low} for {name}?",
    )


def _ask_count(draft: Draft, table: Table) -> None:
    draft.ask(
        str(len(table.rows)),
        f"How many {table.plural} are listed?",
        f"number of {table.plural}?",
        f"How many {table.plural} are in the table?",
    )


def _ask_reverse(draft: Draft, table: Table) -> None:
    column = draft.words.between(1, len(table.heads) - 1)
    cells = [row[column] for row in table.rows]
    row = draft.words.pick(table.rows)
    if row[column] and cells.count(row[column]) == 1:
        head, cell = table.heads[column], row[column]
        low = head.lower()
        draft.ask(
            row[0],
            *(
                (f"Which {table.entity} had {cell} in {head}?",)
                if PERIOD.search(head)
                else (
                    f"Which {table.entity} has a {low} of {cell}?",
                    f"Which {table.entity} has {cell} as {low}?",
                )
            ),
        )


def _ask_order(draft: Draft, table: Table) -> None:
    rows, entity = table.rows, table.entity
    place = draft.words.pick(("first", "last", "after", "before"))
    if place == "first":
        draft.ask(rows[0][0], f"What is the first {entity}?", f"first {entity} listed")
    elif place == "last":
        draft.ask(rows[-1][0], f"What is the last {entity}?", f"last {entity} in the list?")
    elif len(rows) > 1:
        i = draft.words.between(0, len(rows) - 2)
        near, far = (rows[i], rows[i + 1]) if place == "after" else (rows[i + 1], rows[i])
        draft.ask(
            far[0],
            f"Which {entity} comes right {place} {near[0]}?",
            f"Which {entity} is listed {place} {near[0]}?",
        )


def _ask_listed(draft: Draft, table: Table) -> None:
    names = [row[0] for row in table.rows]
    if draft.words.chance(0.5):
        draft.ask(
            "yes",
            f"Is {draft.words.pick(names)} listed?",
            f"Is {draft.words.pick(names)} in the table?",
        )
    else:
        other = _stranger(draft, table)
        draft.ask("no", f"Is {other} listed?", f"Is {other} in the table?")


def _ask_missing(draft: Draft, table: Table) -> None:
    row, head = draft.words.pick(table.rows), draft.words.pick(table.heads[1:])
    if draft.words.chance(0.5):
        draft.ask(NO_ANSWER, *cell_questions(head, _stranger(draft, table)))
    else:
        extra = (
            "Website",
            "Supplier",
            "Founded",
            "Growth rate",
            "Telephone",
            "Rank",
            "Margin",
            "Warranty",
            "Colour",
            "Contact person",
        )
        extra = table.absent or extra
        other = draft.words.pick([name for name in extra if name not in table.heads])
        draft.ask(NO_ANSWER, *cell_questions(other, row[0]))


def _stranger(draft: Draft, table: Table) -> str:
    """A name like those in the first column that is not there."""
    text = " ".join(draft.lines)
    if table.strangers and (names := [name for name in table.strangers if name not in text]):
        return draft.words.pick(names)
    for _ in range(20):
        name = (
            _strangers[table.entity](draft.words)
            if table.entity in _strangers
            else draft.words.company()
        )
        if name not in text:
            return name
    return "Atlantis"


_strangers = {
    "country": lambda words: words.country(),
    "city": lambda words: words.city(),
    "player": lambda words: words.person(),
    "employee": lambda words: words.person(),
    "item": lambda words: words.fake.word().title() + " set",
    "stop": lambda words: words.city(),
    "department": lambda words: "Department of " + words.fake.word().title(),
}


def _ask_extreme(draft: Draft, table: Table) -> None:
    column = draft.words.between(0, len(table.values[0]) - 1)
    numbers = [row[column] for row in table.values]
    head = table.heads[column + 1]
    what = f"value in {head}" if PERIOD.search(head) else head.lower()
    for best, words in (
        (max(numbers), ("highest", "largest", "most")),
        (min(numbers), ("lowest", "smallest", "least")),
    ):
        if numbers.count(best) == 1 and draft.words.chance(0.5):
            name = table.rows[numbers.index(best)][0]
            phrasings = (
                *(f"Which {table.entity} has the {how} {what}?" for how in words[:2]),
                f"{table.entity} with the {words[0]} {what}?",
            )
            if draft.words.split == "train" and draft.words.chance(0.6):
                how = draft.words.pick(MORE_EXTREMES[words[0]])
                phrasings = tuple(text.format(table.entity, how, what) for text in OF_EXTREMES)
            draft.ask(name, *phrasings)


def _ask_compare(draft: Draft, table: Table) -> None:
    one, two = draft.words.random.sample(range(len(table.rows)), 2)
    column = draft.words.between(0, len(table.values[0]) - 1)
    if table.values[one][column] != table.values[two][column]:
        higher = table.values[one][column] > table.values[two][column]
        head = table.heads[column + 1].lower()
        draft.ask(
            "yes" if higher else "no",
            f"Is the {head} of {table.rows[one][0]} higher than that of {table.rows[two][0]}?",
        )


def spread(cells: Sequence[str]) -> str:
    """One row of text.

    >>> spread(("Milk", "2", "3.40"))
    'Milk  2  3.40'
    """
    return GAP.join(cells)
