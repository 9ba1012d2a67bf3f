# ruff: noqa: E501 - a phrasing stands on one line
"""A document in the making: its lines, and what can be asked about them."""

from dataclasses import dataclass

from training.synthesis.labels import casing, label, question
from training.synthesis.words import Words

NO_ANSWER = "not on this page"
"""What the model writes when the page does not say."""

GAP = "  "
"""What stands between the cells of a row of the text layer."""


@dataclass(frozen=True)
class Page:
    """A finished page of text with its questions."""

    kind: str
    text: str
    """Empty for a scan without a text layer."""
    questions: tuple[tuple[str, str], ...]
    """Question and answer; the answer stands in the text byte for byte, or is a count, yes, no or `NO_ANSWER`."""
    facts: tuple[tuple[str, str], ...] = ()
    """Labelled values by key, for descriptions."""
    captions: tuple[tuple[str, str], ...] = ()
    """Prompt and description."""


class Draft:
    """Collects lines and questions; every choice comes from its `words`."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.lines: list[str] = []
        self.questions: list[tuple[str, str]] = []
        self.known: list[tuple[str, str]] = []

    def add(self, *lines: str) -> None:
        """Adds lines, leaving out empty ones."""
        self.lines += [line for text in lines for line in text.split("\n") if line.strip()]

    def row(self, *cells: str) -> None:
        """Adds one row of cells."""
        self.add(GAP.join(cell for cell in cells if cell))

    def aligned_row(self, *cells: str) -> None:
        """Adds a row of a table whose columns were found: a gap more for a cell that is empty."""
        self.add(GAP.join(cells).lstrip())

    def ask(self, answer: str, *phrasings: str) -> None:
        """Adds a question in one of these phrasings."""
        self.questions.append((casing(self.words, self.words.pick(phrasings)), answer))

    def ask_field(self, key: str, answer: str, printed: str | None = None) -> None:
        """Adds a question for a labelled value."""
        self.questions.append((question(self.words, key, printed), answer))
        if answer != NO_ANSWER:
            self.known.append((key, answer))

    def miss(self, *keys: str) -> None:
        """Adds a question for something a document like this might say, but does not."""
        self.ask_field(self.words.pick(keys), NO_ANSWER)

    def facts(self, values: dict[str, str]) -> None:
        """Adds labelled values in one of many layouts, and a question for each."""
        labels = {key: label(self.words, key) for key in values}
        self.lines += lay_out(self.words, [(labels[key], value) for key, value in values.items()])
        for key, value in values.items():
            self.ask_field(key, value.replace("\n", " "), labels[key])

    def fact(self, key: str, value: str) -> None:
        """Adds one labelled value on a line of its own, and a question for it."""
        name = label(self.words, key)
        self.lines.append(name + self.words.pick((GAP, GAP, ": ", " : ", ":" + GAP)) + value)
        self.ask_field(key, value, name)

    def page(self, kind: str) -> Page:
        """The finished page."""
        return Page(kind, "\n".join(self.lines), tuple(self.questions), tuple(self.known))


def lay_out(words: Words, facts: list[tuple[str, str]]) -> list[str]:
    """Rows for labels and their values, as a text layer gives them.

    A value of several lines keeps its lines; only the layouts with one fact a row take it.
    """
    if any("\n" in value for _, value in facts):
        style = words.pick(("colon", "above", "cells"))
    else:
        style = words.pick(
            (
                "colon",
                "colon",
                "cells",
                "cells",
                "cells",
                "above",
                "grid",
                "grid",
                "pairs",
                "pairs",
                "dots",
                "value_first",
            )
        )
    mark = words.pick((": ", ": ", " : ", ":" + GAP, " - ", ":"))
    if style == "above":
        return [line for name, value in facts for line in (name, *value.split("\n"))]
    if style == "grid":
        return _grid(words, facts)
    if style == "pairs":
        cells = [name + words.pick((mark, mark, GAP)) + value for name, value in facts]
        return [GAP.join(cells[i : i + 2]) for i in range(0, len(cells), 2)]
    if style == "dots":
        return [f"{name} {'.' * words.between(3, 12)} {value}" for name, value in facts]
    if style == "value_first":
        return (
            [value + GAP + name for name, value in facts]
            if words.chance(0.15)
            else [n + GAP + v for n, v in facts]
        )
    glue = mark if style == "colon" else GAP
    return [line for name, value in facts for line in (name + glue + value).split("\n")]


def _grid(words: Words, facts: list[tuple[str, str]]) -> list[str]:
    """A row of labels above a row of values, a few columns at a time."""
    width = words.between(2, 4)
    rows = []
    for i in range(0, len(facts), width):
        part = facts[i : i + width]
        rows += [GAP.join(name for name, _ in part), GAP.join(value for _, value in part)]
    return rows
