"""From files of predictions to all that `monkey score` tells of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from monkeycli.errors import UsageError
from monkeycli.messages import count
from monkeycli.records import quote_path
from monkeycli.scoring.board import Row, differences_of, rows_of, score_pairs, share
from monkeycli.scoring.gold import Joined, carried, join, read_golds
from monkeycli.scoring.metrics import choose_metric, metric_named
from monkeycli.scoring.predictions import name_of, read_predictions
from monkeycli.scoring.published import Published, published_for
from monkeycli.scoring.vqa import ENOUGH


@dataclass(frozen=True, kw_only=True)
class ScoreOptions:
    """What is to be scored, and how."""

    files: tuple[str, ...]
    """One file of predictions, or two to compare; `-` for standard input."""
    gold: str | None = None
    """File of gold answers; None for those that the predictions carry."""
    metrics: tuple[str, ...] = ("auto",)
    by: str | None = None
    """Field to group by, with dots for what lies inside."""
    compare: str | None = None
    """Benchmark whose published scores stand beside."""
    ignore_errors: bool = False
    """Leave error records out, instead of counting them as 0."""


@dataclass(frozen=True)
class Report:
    """What came of it."""

    rows: list[Row]
    differences: list[Row]
    published: tuple[Published, ...]
    notes: list[str] = field(default_factory=list)
    """What was left out, counts as 0 or is doubtful, a line each."""
    errors: dict[str, int] = field(default_factory=dict)
    """How many predictions are error records, by file."""
    unscored: dict[str, int] = field(default_factory=dict)
    """How many predictions have no gold answer, and gold answers no prediction, by file."""
    not_shared: dict[str, int] = field(default_factory=dict)
    """How many records only one of two files has, by file."""


def make_report(options: ScoreOptions, stdin: BinaryIO) -> Report:
    """Read, join and score.

    Args:
        options: what is to be scored.
        stdin: where `-` is read from.

    Raises:
        UsageError: a file cannot be read or holds nothing to score, or an option does not suit it.
    """
    published = published_for(options.compare) if options.compare else ()
    report = Report([], [], published)
    files = [_read(path, options, report, stdin) for path in options.files]
    names = [quote_path(name_of(path)) for path in _apart(options.files)]
    shared = share(files[0].pairs, files[1].pairs) if len(files) == 2 else None
    for metric_name in _choose(options.metrics, files, published):
        metric = metric_named(metric_name)
        scored = [
            score_pairs(name, joined.pairs, metric)
            for name, joined in zip(names, files, strict=True)
        ]
        for one in scored:
            report.rows.extend(rows_of(one, metric, options.by))
        if shared:
            before, after = scored
            report.differences.extend(differences_of(before, after, shared, metric, options.by))
        report.notes.extend(_doubts(metric_name, files))
    if shared:
        for name, number in zip(names, (shared.only_before, shared.only_after), strict=True):
            if number:
                what = f"{count(number, 'record')} only there, not in the difference"
                report.notes.append(f"{name}: {what}")
                report.not_shared[name] = number
    return report


def _read(path: str, options: ScoreOptions, report: Report, stdin: BinaryIO) -> Joined:
    predictions = read_predictions(path, stdin)
    name, num_errors = quote_path(name_of(path)), sum(found.is_error for found in predictions)
    if options.ignore_errors:
        predictions = [found for found in predictions if not found.is_error]
    if num_errors:
        what = "left out" if options.ignore_errors else "scored 0"
        report.notes.append(f"{name}: {count(num_errors, 'error record')} {what}")
        report.errors[name] = num_errors
    if not predictions:
        raise UsageError(f"{name}: there are only error records in it")
    if options.gold is None:
        joined = carried(predictions)
    else:
        joined = join(predictions, read_golds(options.gold, stdin))
    if not joined.pairs:
        hint = "name a file that has them with --gold" if options.gold is None else None
        where = "" if options.gold is None else f" in {name_of(options.gold)}"
        raise UsageError(f"{name}: no prediction has a gold answer{where}", hint)
    _note_unscored(name, joined, report)
    return joined


def _note_unscored(name: str, joined: Joined, report: Report) -> None:
    """Say what could not be scored: nothing is skipped in silence."""
    if joined.without_gold:
        number, first = len(joined.without_gold), joined.without_gold[0].line.place
        what = f"{count(number, 'prediction')} without a gold answer, not scored"
        report.notes.append(f"{name}: {what}; first {first}")
        report.unscored[f"{name}: predictions without gold"] = number
    if joined.without_prediction:
        number, first = len(joined.without_prediction), joined.without_prediction[0].line.place
        what = f"{count(number, 'gold answer')} without a prediction, not scored"
        report.notes.append(f"{name}: {what}; first {first}")
        report.unscored[f"{name}: gold without predictions"] = number


def _choose(
    names: Sequence[str], files: Sequence[Joined], published: Sequence[Published]
) -> list[str]:
    """Put a metric in place of `auto`, and leave out what is named twice."""
    pairs = [pair for joined in files for pair in joined.pairs]
    chosen = next((entry.metric for entry in published if entry.metric), None) or choose_metric(
        is_caption=all(pair.prediction.is_caption for pair in pairs),
        golds=[pair.answers for pair in pairs],
    )
    return list(dict.fromkeys(chosen if name == "auto" else name for name in names))


def _doubts(metric: str, files: Sequence[Joined]) -> list[str]:
    """Say where a metric is used for what it was not made for."""
    if metric == "vqa":
        fewest = min(len(pair.answers) for joined in files for pair in joined.pairs)
        if fewest < ENOUGH + 1:
            what = f"with {fewest}, as some records have, none can reach 1"
            return [f"vqa is made for ten gold answers; {what}"]
    if metric == "cider" and any(len(joined.pairs) == 1 for joined in files):
        return ["cider of a single record is always 0: it takes a corpus"]
    return []


def _apart(paths: Sequence[str]) -> list[str]:
    """Give the paths' file names if they differ, else the paths."""
    names = [Path(path).name for path in paths]
    return names if len(set(names)) == len(names) else list(paths)
