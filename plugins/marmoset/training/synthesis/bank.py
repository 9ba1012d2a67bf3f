# ruff: noqa: E501 - a phrasing stands on one line
"""Templates that pages are made of, read from `banks/*.txt`: facts, tables and forms.

    python -m training.synthesis.bank FILE ...      checks files and prints samples

A template has slots (`{person}`); of one name they have one value, `{person2}` is another of that
kind. A line `@ material = steel | glass` at a file's top defines a kind of its own.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from training.synthesis.vocabulary import DEPARTMENTS, JOBS
from training.synthesis.words import Words

FOLDER = Path(__file__).parent / "banks"

HELD_OUT = 7
"""One entry in so many comes up in the held-out split only."""

SLOT = re.compile(r"\{([a-z_]+?)(\d*)\}")

NUMBERS = "two three four five six seven eight nine ten twelve fifteen eighteen twenty".split()
MONTHS = (
    "January February March April May June July August September October November December".split()
)
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()


def _duration(words: Words) -> str:
    unit = words.pick(("years", "years", "months", "weeks", "days", "hours", "minutes"))
    return f"{words.pick(NUMBERS) if words.chance(0.5) else words.between(2, 48)} {unit}"


def _millions(words: Words) -> str:
    value = words.number(words.amount(1.2, 900), words.pick((0, 1, 1, 2)))
    return words.pick(("${} million", "${} million", "{} million dollars", "€{} million", "${}M",
                       "£{}m", "${} billion", "USD {} million")).format(value)  # fmt: skip


SLOTS: dict[str, Callable[[Words], str]] = {
    "person": Words.person,
    "first_name": lambda w: str(w.fake.first_name()),
    "last_name": lambda w: str(w.fake.last_name()),
    "company": Words.company,
    "city": Words.city,
    "country": Words.country,
    "address": lambda w: ", ".join(w.address()),
    "date": Words.date,
    "month": lambda w: w.pick(MONTHS),
    "weekday": lambda w: w.pick(WEEKDAYS),
    "year": lambda w: str(w.between(1990, 2026)),
    "money": lambda w: w.money(w.amount(1, 90000)),
    "millions": _millions,
    "percent": Words.percent,
    "count": lambda w: str(w.between(2, 90)),
    "number": lambda w: w.number(w.between(100, 90000), 0),
    "decimal": lambda w: w.number(w.random.uniform(0.1, 99.9), w.pick((1, 1, 2))),
    "time": Words.time,
    "phone": Words.phone,
    "email": Words.email,
    "website": Words.website,
    "code": Words.code,
    "heading": Words.heading,
    "job": lambda w: w.pick(JOBS),
    "department": lambda w: w.pick(DEPARTMENTS),
    "duration": _duration,
    "distance": lambda w: (
        f"{w.number(w.amount(1, 900), 0)} {w.pick(('km', 'miles', 'm', 'feet', 'metres', 'kilometres'))}"
    ),
    "weight": lambda w: (
        f"{w.number(w.amount(1, 900), w.pick((0, 0, 1)))} {w.pick(('kg', 'g', 'lbs', 'tonnes', 'mg'))}"
    ),
    "temperature": lambda w: f"{w.between(-30, 220)} {w.pick(('°C', '°F', 'degrees', 'C'))}",
    "quarter": lambda w: w.pick(("Q1", "Q2", "Q3", "Q4")),
    "ordinal": lambda w: w.pick(ORDINALS),
}
"""Makes a value of each kind that every file may use."""


class BankError(ValueError):
    """A line of a bank cannot be read."""


class Filler:
    """Fills slots, those of one name with one value.

    Args:
        words: where values come from.
        kinds: choices of a file's own kinds.
    """

    def __init__(self, words: Words, kinds: Mapping[str, tuple[str, ...]]) -> None:
        self.words = words
        self.kinds = kinds
        self.values: dict[str, str] = {}

    def fill(self, template: str) -> str:
        """The text of a template."""
        return SLOT.sub(lambda slot: self.value(slot[1], slot[2]), template)

    def value(self, kind: str, number: str = "") -> str:
        """The value of a slot."""
        name = kind + number
        if name not in self.values:
            taken = {self.values.get(kind + other) for other in ("", *"23456789")}
            self.values[name] = next(
                (value for _ in range(9) if (value := self._draw(kind)) not in taken),
                self._draw(kind),
            )
        return self.values[name]

    def _draw(self, kind: str) -> str:
        if kind in self.kinds:
            return self.fill(self.words.pick(self.kinds[kind]))
        return SLOTS[kind](self.words)


@dataclass(frozen=True)
class Fact:
    """Ways to state something, and what can be asked of it."""

    sentences: tuple[str, ...]
    questions: tuple[tuple[str, tuple[str, ...]], ...]
    """The slot that answers and the phrasings; no slot where nothing here does."""


@dataclass(frozen=True)
class Column:
    """A column of a table: headings and what stands below them."""

    heads: tuple[str, ...]
    cells: tuple[str, ...]
    """Choices, or one pattern with a gap `{}` for a number."""
    scale: tuple[float, float, int] | None
    """Range and digits of the number, if it is one."""


@dataclass(frozen=True)
class TableKind:
    """A kind of table."""

    titles: tuple[str, ...]
    entity: str
    plural: str
    heads: tuple[str, ...]
    names: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Field:
    """A labelled value of a form."""

    labels: tuple[str, ...]
    values: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class FormKind:
    """A kind of form."""

    titles: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Bank:
    """What a file holds."""

    kinds: Mapping[str, tuple[str, ...]]
    facts: tuple[Fact, ...] = ()
    tables: tuple[TableKind, ...] = ()
    forms: tuple[FormKind, ...] = ()

    def of(self, split: str) -> "Bank":
        """The entries of a split."""

        def part(entries: tuple) -> tuple:  # type: ignore[type-arg]
            held = split == "held-out"
            return tuple(e for n, e in enumerate(entries, 1) if (n % HELD_OUT == 0) == held)

        return Bank(self.kinds, part(self.facts), part(self.tables), part(self.forms))


@cache
def banks(pattern: str, split: str) -> tuple[Bank, ...]:
    """The split's part of the files whose names match, sorted."""
    return tuple(read_bank(path).of(split) for path in sorted(FOLDER.glob(pattern)))


def read_bank(path: Path) -> Bank:
    """Reads a file.

    Raises:
        BankError: it holds a line that means nothing, or a slot of no kind; names the line.
    """
    kinds, entries = _take_apart(path.read_text(encoding="utf-8"))
    found: list[Fact | TableKind | FormKind] = []
    for number, lines in entries:
        try:
            found.append(_read_entry(lines))
            _check_slots("\n".join(lines), kinds)
        except (BankError, ValueError, IndexError) as error:
            raise BankError(f"{path}:{number}: {error} in {lines[0][:60]!r}") from error
    for name, choices in kinds.items():
        try:
            _check_slots(" ".join(choices), kinds)
        except BankError as error:
            raise BankError(f"{path}: {error} in @ {name}") from error
    return Bank(
        kinds,
        tuple(entry for entry in found if isinstance(entry, Fact)),
        tuple(entry for entry in found if isinstance(entry, TableKind)),
        tuple(entry for entry in found if isinstance(entry, FormKind)),
    )


def _take_apart(text: str) -> tuple[dict[str, tuple[str, ...]], list[tuple[int, list[str]]]]:
    """The kinds a file defines, and its entries: the number of the first line, and the lines."""
    kinds: dict[str, tuple[str, ...]] = {}
    entries: list[tuple[int, list[str]]] = []
    is_new = True
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        is_kind = line.startswith("@")
        if is_kind:
            name, _, choices = line[1:].partition("=")
            kinds[name.strip()] = _split(choices)
        elif line and not line.startswith("#"):
            if is_new:
                entries.append((number, []))
            entries[-1][1].append(line)
        is_new = is_kind or not line
    return kinds, entries


def _read_entry(lines: list[str]) -> Fact | TableKind | FormKind:
    if not lines[0].startswith("="):
        return _read_fact(lines)
    return _read_table(lines) if lines[1].startswith("row ") else _read_form(lines)


def _check_slots(text: str, kinds: Mapping[str, object]) -> None:
    for slot in SLOT.finditer(text):
        _require(slot[1] in SLOTS or slot[1] in kinds, f"no kind {slot[1]!r}")


def _read_fact(lines: list[str]) -> Fact:
    sentences = tuple(line for line in lines if not line.startswith("?"))
    questions = []
    for line in lines[len(sentences) :]:
        _require(line.startswith("?"), "a sentence behind a question")
        slot, colon, phrasings = line[1:].partition(":")
        slot = slot.strip().strip("{}")
        _require(bool(colon) and bool(_split(phrasings)), f"no phrasing in {line!r}")
        _require(f"{{{slot}}}" not in phrasings, f"the answer stands in {line!r}")
        if slot:
            for sentence in sentences:
                _require(f"{{{slot}}}" in sentence, f"{slot} is missing in {sentence[:50]!r}")
        questions.append((slot, _split(phrasings)))
    _require(bool(sentences) and bool(questions), "needs a sentence and a question")
    return Fact(sentences, tuple(questions))


def _read_table(lines: list[str]) -> TableKind:
    names, _, rows = lines[1].removeprefix("row ").partition(":")
    entity, plural, heads = names.split("/", 2)
    columns = []
    for line in lines[2:]:
        _require(line.startswith("col "), f"not a column: {line[:40]!r}")
        head, colon, cells = line.removeprefix("col ").partition(": ")
        _require(bool(colon), f"no cells in {line[:40]!r}")
        columns.append(_read_column(_split(head), cells.strip()))
    _require(len(columns) > 1, "needs two columns")
    return TableKind(
        _split(lines[0][1:]),
        entity.strip(),
        plural.strip(),
        _split(heads),
        _split(rows),
        tuple(columns),
    )


def _read_column(heads: tuple[str, ...], cells: str) -> Column:
    found = re.fullmatch(r"(-?[\d.]+?)\.\.(-?[\d.]+)(?: (\d+))?(?: as (.+))?", cells)
    if not found:
        return Column(heads, _split(cells), None)
    low, high = float(found[1]), float(found[2])
    _require(low < high, f"empty range {cells!r}")
    return Column(heads, (found[4] or "{}",), (low, high, int(found[3] or 0)))


def _read_form(lines: list[str]) -> FormKind:
    fields = []
    for line in lines[1:]:
        rest, mark, questions = line.partition(" ? ")
        labels, colon, values = rest.partition(": ")
        _require(bool(mark) and bool(colon), f"not a field: {line[:50]!r}")
        fields.append(Field(_split(labels), _split(values), _split(questions)))
    _require(len(fields) > 3, "needs four fields")
    return FormKind(_split(lines[0][1:]), tuple(fields))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for piece in re.split(r"\s\|\s|\s\|$", text) if (part := piece.strip()))


def _require(holds: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise BankError(message)


def _samples(bank: Bank) -> Iterator[str]:
    words = Words("sample", "train")
    for fact in bank.facts[-3:]:
        filler = Filler(words, bank.kinds)
        yield from (filler.fill(sentence) for sentence in fact.sentences)
        for slot, phrasings in fact.questions:
            answer = filler.fill(f"{{{slot}}}") if slot else "not on this page"
            yield from (f"  {filler.fill(text)} -> {answer}" for text in phrasings)
    for form in bank.forms[-2:]:
        filler = Filler(words, bank.kinds)
        yield filler.fill(form.titles[0])
        for field in form.fields:
            yield f"  {field.labels[0]}: {filler.fill(field.values[0])} <- {field.questions[0]}"
    for table in bank.tables[-2:]:
        yield f"{table.titles[0]} / {table.entity} / {[column.heads[0] for column in table.columns]}"


def main() -> None:
    """Command line."""
    for path in map(Path, sys.argv[1:]):
        try:
            bank = read_bank(path)
        except BankError as error:
            sys.exit(str(error))
        print(*_samples(bank), sep="\n")
        print(f"{path.name}: {len(bank.facts)} facts, {len(bank.tables)} tables, {len(bank.forms)} forms")  # fmt: skip


if __name__ == "__main__":
    main()
