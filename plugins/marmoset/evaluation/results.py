"""What was asked, what came back, and a table of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from monkeycli.scoring.metrics import metric_named

ANLS, EXACT = metric_named("anls"), metric_named("exact")


@dataclass(frozen=True)
class Result:
    """One question and its answer."""

    rows: tuple[str, ...]
    """The row of the table it counts in, then a row under that one, and so on."""
    question: str
    accepted: tuple[str, ...]
    """Right answers; empty if the page does not say."""
    answer: str | None
    """None for "not on this page"."""
    page_is_right: bool | None = None
    """Whether the answer came from a page that holds it; None where the page was given."""
    error: str | None = None

    def as_json(self) -> dict[str, object]:
        """For the file of all answers."""
        return asdict(self) | {
            "anls": ANLS.score(self.answer, self.accepted),
            "exact": EXACT.score(self.answer, self.accepted),
            "contained": self.is_contained,
        }

    @property
    def is_contained(self) -> bool:
        """Whether a right answer stands somewhere in what came back, case and spaces ignored."""
        answer = _squeeze(self.answer or "")
        return any(_squeeze(gold) in answer for gold in self.accepted if gold.strip())


HEAD = ("what", "questions", "ANLS", "exact", "contained", "refused", "right page")


def table(results: Iterable[Result]) -> str:
    """A Markdown table with a line for every row, in the order they first came up."""
    groups: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        for depth in range(1, len(result.rows) + 1):
            groups.setdefault(result.rows[:depth], []).append(result)
    place = {rows: number for number, rows in enumerate(groups)}

    def places(rows: tuple[str, ...]) -> list[int]:
        return [place[rows[:depth]] for depth in range(1, len(rows) + 1)]

    lines = [HEAD, ("---",) + ("---:",) * (len(HEAD) - 1)]
    lines += [_line(rows[-1], groups[rows]) for rows in sorted(groups, key=places)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _line(name: str, group: Sequence[Result]) -> tuple[str, ...]:
    answered = [result for result in group if result.accepted]
    pages = [result.page_is_right for result in group if result.page_is_right is not None]
    return (
        name,
        str(len(group)),
        _mean([ANLS.score(result.answer, result.accepted) for result in answered], "{:.2f}"),
        _mean([EXACT.score(result.answer, result.accepted) for result in answered], "{:.0%}"),
        _mean([result.is_contained for result in answered], "{:.0%}"),
        _mean([result.answer is None for result in group], "{:.0%}"),
        _mean(pages, "{:.0%}"),
    )


def _mean(values: Sequence[float], form: str) -> str:
    return form.format(sum(values) / len(values)) if values else ""


def _squeeze(text: str) -> str:
    """Lower case, without spaces.

    >>> _squeeze(" RM 80.90")
    'rm80.90'
    """
    return "".join(text.lower().split())
