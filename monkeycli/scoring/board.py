"""Scores of whole files: rows of a table, by field if wanted, and paired differences."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import orjson

from monkeycli.errors import UsageError
from monkeycli.questions import Json
from monkeycli.scoring.gold import Pair
from monkeycli.scoring.interval import Interval, mean_and_interval
from monkeycli.scoring.metrics import Metric
from monkeycli.scoring.predictions import Prediction

Key = Callable[[Pair], Hashable]
"""Gives what a record is known by."""

NOTHING = "(none)"
"""Stands for the value of a field that a record does not have."""


@dataclass(frozen=True)
class Scored:
    """A file's pairs, and what each scored."""

    name: str
    """Of the file."""
    pairs: tuple[Pair, ...]
    scores: tuple[float, ...]
    """One for each pair."""


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    predictions: str
    """The file; for a difference `after.jsonl - before.jsonl`."""
    metric: str
    value: str | None
    """Of the field the records are grouped by; None for all records."""
    interval: Interval
    num_documents: int | None
    """Documents the interval is over; None where the records name none."""


@dataclass(frozen=True)
class Shared:
    """The records that two files both have, and how many they do not."""

    before: tuple[int, ...]
    """Places in the first file's pairs."""
    after: tuple[int, ...]
    """Places of the same records in the second file's pairs."""
    only_before: int
    only_after: int


def score_pairs(name: str, pairs: Sequence[Pair], metric: Metric) -> Scored:
    """Score a file's pairs; a record that is an error scores 0.

    Raises:
        UsageError: a gold answer does not suit the metric: `file:line: what`.
    """
    answers = [pair.answers for pair in pairs]
    texts = [_text(pair.prediction, metric) for pair in pairs]
    if metric.is_of_corpus:
        for pair in pairs:
            if not any(map(str.strip, pair.answers)):
                place = pair.prediction.line.place
                raise UsageError(f"{place}: {metric.name} needs a gold answer for every record")
        scores = metric.score_all(texts, answers)
    else:
        scores = [_score_one(metric, *one) for one in zip(pairs, texts, answers, strict=True)]
    zeroed = (
        0.0 if pair.prediction.is_error else score
        for pair, score in zip(pairs, scores, strict=True)
    )
    return Scored(name, tuple(pairs), tuple(zeroed))


def rows_of(scored: Scored, metric: Metric, by: str | None = None) -> list[Row]:
    """Give the row of all records, then those of a field's values in order of appearance.

    Args:
        scored: a file.
        metric: that it was scored with.
        by: name of the field, with dots for what lies inside; None for one row.

    Raises:
        UsageError: no record has the field.
    """
    bounds = (0.0, metric.most)
    return _rows(scored.name, scored.pairs, scored.scores, metric=metric, by=by, bounds=bounds)


def differences_of(
    before: Scored, after: Scored, shared: Shared, metric: Metric, by: str | None = None
) -> list[Row]:
    """Give rows of how much the second file scores more than the first, record by record."""
    gained = [
        after.scores[b] - before.scores[a] for a, b in zip(shared.before, shared.after, strict=True)
    ]
    pairs = [before.pairs[at] for at in shared.before]
    name, bounds = f"{after.name} - {before.name}", (-metric.most, metric.most)
    return _rows(name, pairs, gained, metric=metric, by=by, bounds=bounds)


def share(before: Sequence[Pair], after: Sequence[Pair]) -> Shared:
    """Find the records that two files both have: same document and question, or same page.

    Raises:
        UsageError: they have none in common, or two records of a file cannot be told apart.
    """
    for key in _keys(before, after):
        firsts, seconds = _by_key(before, key), _by_key(after, key)
        if len(firsts) == len(before) and len(seconds) == len(after):
            break
    else:
        raise _look_alike(before) or _look_alike(after) or AssertionError("no two look alike")
    common = [
        found
        for found in firsts
        if found in seconds and _ask_the_same(before[firsts[found]], after[seconds[found]])
    ]
    if not common:
        hint = "a record is known by its question_id or question, and its document"
        raise UsageError("the two files have no record in common", hint)
    return Shared(
        tuple(firsts[found] for found in common),
        tuple(seconds[found] for found in common),
        len(firsts) - len(common),
        len(seconds) - len(common),
    )


def field_of(pair: Pair, name: str) -> Json:
    """Give a field of a record, or of its gold line; None if neither has it.

    Args:
        pair: the record and its gold line.
        name: with dots for what lies inside: `meta.kind`.
    """
    for fields in (pair.prediction.line.fields, pair.gold_fields):
        found: Json = dict(fields)
        for key in name.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if found is not None:
            return found
    return None


def _text(prediction: Prediction, metric: Metric) -> str | None:
    return prediction.boxes_text if metric.name == "iou" else prediction.text


def _score_one(metric: Metric, pair: Pair, text: str | None, answers: Sequence[str]) -> float:
    try:
        return metric.score(text, answers)
    except UsageError as error:
        place = pair.prediction.line.place
        raise UsageError(f"{place}: {error.message}", error.hint) from error


def _rows(
    name: str,
    pairs: Sequence[Pair],
    scores: Sequence[float],
    *,
    metric: Metric,
    by: str | None,
    bounds: tuple[float, float],
) -> list[Row]:
    groups: dict[str | None, list[int]] = {None: list(range(len(pairs)))}
    if by is not None:
        values = [field_of(pair, by) for pair in pairs]
        if all(value is None for value in values):
            has = ", ".join(pairs[0].prediction.line.fields)
            raise UsageError(f"no record of {name} has a field {by!r}", f"the first has {has}")
        for at, value in enumerate(values):
            groups.setdefault(_write(value), []).append(at)
    rows = []
    for shown, members in groups.items():
        documents = [pairs[at].prediction.document for at in members]
        clusters = [document or at for document, at in zip(documents, members, strict=True)]
        interval = mean_and_interval([scores[at] for at in members], clusters, bounds=bounds)
        num_documents = interval.groups if any(documents) else None
        rows.append(Row(name, metric.name, shown, interval, num_documents))
    return rows


def _write(value: Json) -> str:
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _keys(before: Sequence[Pair], after: Sequence[Pair]) -> list[Key]:
    """Give the ways to know a record again in another file, the first that is unique counts.

    A document may have another path there, so its name is tried first; the page an answer stands
    on may be another, so it counts only where every page was asked. Where one file names no
    documents, they do not count.
    """
    if not all(any(pair.prediction.line.document for pair in side) for side in (before, after)):
        return [_asked, lambda pair: (_asked(pair), _page(pair))]
    return [
        lambda pair: (_asked(pair), _document(pair).rsplit("/", 1)[-1]),
        lambda pair: (_asked(pair), _document(pair)),
        lambda pair: (_asked(pair), _document(pair).rsplit("/", 1)[-1], _page(pair)),
        _whole_key,
    ]


def _whole_key(pair: Pair) -> Hashable:
    return (_asked(pair), _document(pair), _page(pair))


def _asked(pair: Pair) -> str:
    line = pair.prediction.line
    is_record = "v" in line.fields  # its `id` stands for the model, too
    own_id = None if is_record else line.fields.get("id")
    return str(line.fields.get("question_id") or own_id or line.question)


def _document(pair: Pair) -> str:
    return pair.prediction.line.document or ""


def _page(pair: Pair) -> str | None:
    return pair.prediction.line.page


def _ask_the_same(one: Pair, two: Pair) -> bool:
    """Tell two questions apart that were numbered `q1` in two runs."""
    questions = {pair.prediction.line.question for pair in (one, two)}
    return len(questions - {None}) < 2


def _by_key(pairs: Sequence[Pair], key: Key) -> dict[Hashable, int]:
    return {key(pair): at for at, pair in enumerate(pairs)}


def _look_alike(pairs: Sequence[Pair]) -> UsageError | None:
    """Name two records that have the same document, question and page."""
    seen: dict[Hashable, str] = {}
    for pair in pairs:
        place = pair.prediction.line.place
        earlier = seen.setdefault(_whole_key(pair), place)
        if earlier != place:
            what = "has the same document, question and page"
            return UsageError(f"{place}: {what} as {earlier}", "a difference needs one of each")
    return None
