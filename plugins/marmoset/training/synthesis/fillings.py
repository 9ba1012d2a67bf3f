# ruff: noqa: E501 - a phrasing stands on one line
"""Pages that are forms, tables, or several things at once, from the banks."""

from collections.abc import Mapping, Sequence

from training.synthesis.bank import Column, Filler, FormKind, TableKind, banks
from training.synthesis.blocks import add_signature, add_tiles
from training.synthesis.draft import GAP, NO_ANSWER, Draft, Page, lay_out
from training.synthesis.prose import WAYS_TO_ASK_FOR_TITLE, add_head, add_sentences, state_facts
from training.synthesis.tables import (
    MONTHS,
    WEEKDAYS,
    Table,
    add_table,
    ask_table,
    leave_blank,
    number_of_rows,
)
from training.synthesis.words import Words

FEWEST_FIELDS = 4

CHOICES = 0.5
"""Share of fields with few values that name all of them, one of which is ticked."""

WIDE = 0.2
"""Share of tables that show one measure over time, a column for every year or month."""

SPARSE = 0.2
"""Share of tables with empty cells."""

MOST_CELLS = 150
"""Of a table of one measure."""


def form(words: Words) -> Page:
    """A form with some of its fields; the others are asked for in vain."""
    draft = Draft(words)
    title = _add_form(draft, is_titled=True)
    draft.ask(title, *WAYS_TO_ASK_FOR_TITLE, "What kind of form is it?")
    if words.chance(0.3):
        add_sentences(draft, state_facts(draft, words.between(1, 2)))
    return draft.page("form")


def figures(words: Words) -> Page:
    """A table under its title, sometimes with prose around it."""
    draft = Draft(words)
    if words.chance(0.25):
        add_sentences(draft, state_facts(draft, words.between(1, 2)))
    _add_table(draft, 8)
    if words.chance(0.35):
        source = words.company()
        draft.add(words.pick(("Source: ", "Source - ", "Data from ", "Note. Data: ")) + source)
        draft.ask(source, "What is the source of the table?", "data source", "Where do the data come from?")  # fmt: skip
    return draft.page("figures")


def compound(words: Words) -> Page:
    """A page of several parts: prose, a table, a block of labelled values."""
    draft = Draft(words)
    add_head(draft)
    parts = words.random.sample(("prose", "prose", "table", "form", "tiles"), words.between(2, 3))
    for part in parts:
        if part == "prose":
            add_sentences(draft, state_facts(draft, words.between(1, 3)))
        elif part == "table":
            _add_table(draft, 4)
        elif part == "tiles":
            add_tiles(draft)
        else:
            _add_form(draft, is_titled=words.chance(0.5))
    if words.chance(0.4):
        add_signature(draft)
    return draft.page("compound")


def _add_form(draft: Draft, *, is_titled: bool) -> str:
    """Adds fields, below their form's title if wanted; returns that title."""
    words = draft.words
    bank = words.pick(banks("forms*.txt", words.split))
    kind: FormKind = words.pick(bank.forms)
    filler = Filler(words, bank.kinds)
    title = filler.fill(words.pick(kind.titles))
    title = title.upper() if words.chance(0.25) else title
    if is_titled:
        draft.add(*words.pick(([title], [title], [words.company(), title])))
    count = words.between(FEWEST_FIELDS, len(kind.fields))
    shown = sorted(words.random.sample(range(len(kind.fields)), count))
    if words.chance(0.2):
        words.random.shuffle(shown)
    facts = []
    for number, field in enumerate(kind.fields):
        phrasings = tuple(map(filler.fill, field.questions))
        if number not in shown:
            if words.chance(0.3):
                draft.ask(NO_ANSWER, *phrasings)
            continue
        label = filler.fill(words.pick(field.labels))
        own = Filler(words, bank.kinds)  # two fields of one kind hold different values
        own.values = dict(filler.values) if "{" in label else {}
        value = own.fill(words.pick(field.values))
        facts.append((number, (label, _tick(words, field.values, value))))
        low = label.strip(" .:").lower()
        draft.ask(value, *phrasings, *phrasings, f"{low}?", f"What is the {low}?", label)
    rows = [row for number in shown for key, row in facts if key == number]
    size = words.pick((3, 5, 8, len(rows)))
    for start in range(0, len(rows), size):
        draft.add(*lay_out(words, rows[start : start + size]))
    return title


def _tick(words: Words, options: Sequence[str], value: str) -> str:
    """Now and then a value among those that were not ticked, as it stands in a form's text.

    Held-out pages have none, and stay the pages they were.
    """
    others = [option for option in options if option != value]
    if any("{" in option for option in options) or len(others) < 2 or words.split != "train":
        return value
    if not words.chance(CHOICES):
        return value
    shown = [*others[: words.between(2, 6)], value]
    words.random.shuffle(shown)
    blank = words.pick(("[ ] ", "[ ] ", ""))
    glue = words.pick((" ", GAP, GAP, "\n") if blank else (GAP, "\n"))
    return glue.join(("[x] " if option == value else blank) + option for option in shown)


def _add_table(draft: Draft, count: int) -> None:
    words = draft.words
    bank = words.pick(banks("tables*.txt", words.split))
    kind: TableKind = words.pick(bank.tables)
    filler = Filler(words, bank.kinds)
    title = filler.fill(words.pick(kind.titles))
    if words.chance(0.8):
        draft.add(title)
        draft.ask(title, "What is the title of the table?", "table title", "What is the table about?", "What does the table show?")  # fmt: skip
    measures = [column for column in kind.columns if column.scale]
    if measures and words.chance(WIDE):
        table = _make_series(draft, kind, words.pick(measures), bank.kinds)
    else:
        table = _make_table(words, kind, bank.kinds)
    if words.chance(SPARSE):
        table = leave_blank(words, table, words.pick((0.1, 0.2, 0.4)))
    add_table(draft, table)
    ask_table(draft, table, count)


def _make_series(
    draft: Draft, kind: TableKind, measure: Column, kinds: Mapping[str, tuple[str, ...]]
) -> Table:
    """A table of one measure over time; what is measured is said above it."""
    words = draft.words
    name = Filler(words, kinds).fill(words.pick(measure.heads))
    draft.add(name + words.pick(("", " by year", ", by period", " over time", " per period")))
    first, count = words.between(1985, 2018), words.between(5, 14)
    periods = words.pick((
        MONTHS, tuple(month[:3] for month in MONTHS), WEEKDAYS, ("Q1", "Q2", "Q3", "Q4"),
        *[tuple(str(first + n) for n in range(count))] * 3,
        tuple(f"Week {n}" for n in range(1, count)),
    ))  # fmt: skip
    total = (words.pick(("Total", "Average", "Mean", "Change")),) if words.chance(0.3) else ()
    heads = (*periods, *total)
    named = list(dict.fromkeys(Filler(words, kinds).fill(name) for name in kind.names * 3))
    words.random.shuffle(named)
    shown = named[: min(number_of_rows(words, 14), MOST_CELLS // len(heads))]
    cells = [[_cell(words, kinds, measure) for _ in heads] for _ in shown]
    return Table(
        kind.entity,
        kind.plural,
        (words.pick(kind.heads), *heads),
        tuple((name, *(text for text, _ in row)) for name, row in zip(shown, cells, strict=True)),
        tuple(tuple(value for _, value in row) for row in cells),
        strangers=tuple(named[len(shown) :]),
        absent=(str(first - 3), str(first + count + 4), "Median", "Forecast"),
    )


def _make_table(words: Words, kind: TableKind, kinds: Mapping[str, tuple[str, ...]]) -> Table:
    count = number_of_rows(words, 14)
    rounds = max(4 if len(kind.names) < 4 else 1, count // len(kind.names))
    names = list(dict.fromkeys(Filler(words, kinds).fill(name) for _ in range(rounds) for name in kind.names))  # fmt: skip
    words.random.shuffle(names)
    shown = names[:count]
    columns = sorted(
        words.random.sample(
            range(len(kind.columns)), words.between(min(2, len(kind.columns)), len(kind.columns))
        )
    )[:6]
    heads = [Filler(words, kinds).fill(words.pick(kind.columns[n].heads)) for n in columns]
    cells = [[_cell(words, kinds, kind.columns[n]) for n in columns] for _ in shown]
    numeric = all(kind.columns[n].scale for n in columns)
    absent = [
        column.heads[0]
        for n, column in enumerate(kind.columns)
        if n not in columns and "{" not in column.heads[0]
    ]
    return Table(
        kind.entity,
        kind.plural,
        (words.pick(kind.heads), *heads),
        tuple((name, *(text for text, _ in row)) for name, row in zip(shown, cells, strict=True)),
        tuple(tuple(value for _, value in row) for row in cells) if numeric else (),
        strangers=tuple(names[len(shown) :]),
        absent=tuple(absent),
    )


def _cell(words: Words, kinds: Mapping[str, tuple[str, ...]], column: Column) -> tuple[str, float]:
    if column.scale is None:
        return Filler(words, kinds).fill(words.pick(column.cells)), 0.0
    low, high, digits = column.scale
    is_wide = low > 0 and high / low > 50
    value = (
        low * (high / low) ** words.random.random() if is_wide else words.random.uniform(low, high)
    )
    value = round(value, digits)
    return column.cells[0].replace("{}", words.number(value, digits)), value
