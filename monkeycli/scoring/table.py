"""The table of scores, for people, and the same as plain data, for programs."""

from collections.abc import Sequence
from typing import Any

from monkeycli.scoring.board import Row
from monkeycli.scoring.definitions import DEFINITIONS
from monkeycli.scoring.published import Published

Cells = list[str]

MAX_CELL = 60
"""Characters of a field's value that are shown."""


def to_text(
    rows: Sequence[Row],
    differences: Sequence[Row] = (),
    published: Sequence[Published] = (),
    *,
    by: str | None = None,
) -> str:
    """Write a table with aligned columns, and below it what to know of published scores.

    Args:
        rows: of one file or two.
        differences: between two.
        published: scores to lay beside them.
        by: name of the field the rows are grouped by.
    """
    names = dict.fromkeys(row.predictions for row in rows)
    has_names = len(names) > 1 or bool(differences) or bool(published)
    has_documents = any(row.num_documents is not None for row in rows)
    head = ["predictions"] * has_names + ["metric"] + [by or ""] * (by is not None) + ["n"]
    lines = [[*head, *["documents"] * has_documents, "mean", "95 % interval"]]
    forms = ["{:.3f}"] * len(rows) + ["{:+.3f}"] * len(differences)
    for row, form in zip([*rows, *differences], forms, strict=True):
        cells = [row.predictions] * has_names + [row.metric]
        cells += ["all" if row.value is None else _one_line(row.value)] * (by is not None)
        cells += [str(row.interval.n)]
        cells += ["-" if row.num_documents is None else str(row.num_documents)] * has_documents
        lines.append([*cells, *_numbers(row, form)])
    for entry in published:
        for model, score in entry.scaled().items():
            cells = [f"{model} (published)", entry.metric or entry.measure]
            cells += ["all"] * (by is not None) + ["-"] + ["-"] * has_documents
            lines.append([*cells, f"{score:.3f}" if entry.unit == "percent" else f"{score:g}", ""])
    notes = dict.fromkeys(_note(entry) for entry in published)
    return "\n".join([*_align(lines, left=len(head) - 1), *[""] * bool(notes), *notes])


def to_json(
    rows: Sequence[Row], differences: Sequence[Row] = (), published: Sequence[Published] = ()
) -> dict[str, Any]:
    """Give the same as data, numbers not rounded, and the definitions of the metrics."""
    return {
        "scores": [_row_fields(row) for row in rows],
        "differences": [_row_fields(row) for row in differences],
        "published": [vars(entry) for entry in published],
        "metrics": {row.metric: DEFINITIONS[row.metric] for row in rows},
    }


def _one_line(value: str) -> str:
    shown = " ".join(value.split())
    return shown if len(shown) <= MAX_CELL else f"{shown[: MAX_CELL - 3]}..."


def _numbers(row: Row, form: str) -> Cells:
    low, high = row.interval.low, row.interval.high
    if low is None or high is None:
        return [form.format(row.interval.mean), "-"]
    return [form.format(row.interval.mean), f"{form.format(low)} to {form.format(high)}"]


def _row_fields(row: Row) -> dict[str, Any]:
    return {
        "predictions": row.predictions,
        "metric": row.metric,
        "value": row.value,
        "n": row.interval.n,
        "documents": row.num_documents,
        "mean": row.interval.mean,
        "low": row.interval.low,
        "high": row.interval.high,
    }


def _note(entry: Published) -> str:
    note = f" ({entry.note})" if entry.note else ""
    return f"{entry.title}, {entry.measure}: {entry.source}{note}"


def _align(lines: Sequence[Cells], *, left: int) -> list[str]:
    """Pad columns, two spaces apart: the first `left` and the last are flush left."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    flush_left = [*range(left), len(widths) - 1]
    return [
        "  ".join(
            cell.ljust(width) if at in flush_left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
