"""What was asked, what came back, and a table of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from monkeycli.scoring.metrics import metric_named

ANLS, EXACT = metric_named("anls"), metric_named("exact")


@dataclass(frozen=True)
class Result:
    """One question and its answer."""

    rows: tuple[str, ...]
    """Rows of the table it counts in."""
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
        return asdict(self) | {"anls": ANLS.score(self.answer, self.accepted)}


HEAD = ("what", "questions", "ANLS", "exact", "refused", "right page")


def table(results: Iterable[Result]) -> str:
    """A Markdown table with a line for every row name, in the order they first came up."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        for row in result.rows:
            groups.setdefault(row, []).append(result)
    lines = [HEAD, ("---",) + ("---:",) * (len(HEAD) - 1)]
    lines += [_line(name, group) for name, group in groups.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _line(name: str, group: Sequence[Result]) -> tuple[str, ...]:
    answered = [result for result in group if result.accepted]
    pages = [result.page_is_right for result in group if result.page_is_right is not None]
    return (
        name,
        str(len(group)),
        _mean([ANLS.score(result.answer, result.accepted) for result in answered], "{:.2f}"),
        _mean([EXACT.score(result.answer, result.accepted) for result in answered], "{:.0%}"),
        _mean([result.answer is None for result in group], "{:.0%}"),
        _mean(pages, "{:.0%}"),
    )


def _mean(values: Sequence[float], form: str) -> str:
    return form.format(sum(values) / len(values)) if values else ""
