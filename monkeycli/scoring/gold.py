"""Which gold answers belong to which prediction: those it carries, or those of a file."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from monkeycli.errors import UsageError
from monkeycli.scoring.predictions import (
    GOLD_KEYS,
    Fields,
    Line,
    Prediction,
    name_of,
    read_lines,
    to_golds,
    to_line,
)

ANSWER_KEYS = (*GOLD_KEYS, "answer", "captions", "caption")
"""What a line of a gold file may call its answers."""

ANY = "/"
"""Stands for whatever file name a gold line has; no file is called so."""


@dataclass(frozen=True)
class Gold:
    """A line of a gold file."""

    line: Line
    answers: tuple[str, ...]
    """Empty if there is no answer to find."""


@dataclass(frozen=True)
class Pair:
    """A prediction and the gold answers it is held against."""

    prediction: Prediction
    answers: tuple[str, ...]
    """Empty if there is no answer to find."""
    gold_fields: Fields
    """What else the gold file says of it; empty if there is no such file."""


@dataclass(frozen=True)
class Joined:
    """What could be paired, and what could not."""

    pairs: tuple[Pair, ...]
    without_gold: tuple[Prediction, ...] = ()
    without_prediction: tuple[Gold, ...] = ()


def read_golds(path: str, stdin: BinaryIO) -> list[Gold]:
    """Read a file of gold answers: JSON lines with `answer` and what it is the answer to.

    Args:
        path: of the file; `-` for standard input.
        stdin: where `-` is read from.

    Raises:
        UsageError: it cannot be read, is empty, or a line has no answer or belongs to nothing.
    """
    golds = [_to_gold(fields, place) for place, fields in read_lines(path, stdin)]
    if not golds:
        raise UsageError(f"{name_of(path)}: there is no gold answer in it")
    return golds


def carried(predictions: Sequence[Prediction]) -> Joined:
    """Pair predictions with the gold answers they carry."""
    pairs = [Pair(found, found.gold, {}) for found in predictions if found.gold is not None]
    return Joined(tuple(pairs), tuple(found for found in predictions if found.gold is None))


def join(predictions: Sequence[Prediction], golds: Sequence[Gold]) -> Joined:
    """Pair predictions with the lines of a gold file.

    A line fits if it has the prediction's `question_id` or `id`; without one, its question; with
    neither, its document. What both say of the document has to agree: one path ends in the
    other. Where several lines fit, question and page decide.

    Raises:
        UsageError: several lines with different answers fit one prediction.
    """
    index: dict[tuple[str, str], list[Gold]] = defaultdict(list)
    for gold in golds:
        for key in _keys_of_gold(gold.line):
            index[key].append(gold)
    pairs: list[Pair] = []
    without_gold: list[Prediction] = []
    used: set[str] = set()
    for prediction in predictions:
        fitting = _fitting(prediction.line, index)
        used.update(gold.line.place for gold in fitting)
        if fitting:
            pairs.append(Pair(prediction, fitting[0].answers, fitting[0].line.fields))
        else:
            without_gold.append(prediction)
    unused = [gold for gold in golds if gold.line.place not in used]
    return Joined(tuple(pairs), tuple(without_gold), tuple(unused))


def _to_gold(fields: Fields, place: str) -> Gold:
    key = next((key for key in ANSWER_KEYS if key in fields), None)
    if key is None:
        raise UsageError(f"{place}: has no 'answer'")
    line = to_line(fields, place)
    if not line.ids and line.question is None and line.document is None:
        raise UsageError(f"{place}: has no 'question_id', 'question' or 'document' to join it by")
    return Gold(line, to_golds(fields[key], f"{place}: {key!r}"))


def _keys_of_gold(line: Line) -> Iterator[tuple[str, str]]:
    """Give what a gold line is found by; the file name narrows what thousands may share."""
    for name in (_file_name(line.document), ANY):
        if line.ids:
            yield from ((f"id {name}", found) for found in line.ids)
        elif line.question is not None:
            yield f"question {name}", line.question
        else:
            yield f"document {name}", ""


def _keys_of_prediction(line: Line) -> Iterator[list[tuple[str, str]]]:
    """Give what its gold line may be found by, the surest first."""
    names = [ANY] if line.document is None else [_file_name(line.document), ""]
    for found in line.ids:
        yield [(f"id {name}", found) for name in names]
    if line.question is not None:
        yield [(f"question {name}", line.question) for name in names]
    if line.document is not None:
        yield [(f"document {name}", "") for name in names]


def _fitting(line: Line, index: dict[tuple[str, str], list[Gold]]) -> list[Gold]:
    for keys in _keys_of_prediction(line):
        found = [gold for key in keys for gold in index.get(key, ())]
        fitting = [gold for gold in found if _agree(gold.line.document, line.document)]
        fitting = _narrow(fitting, lambda gold: gold.line.question == line.question)
        fitting = _narrow(fitting, lambda gold: gold.line.page == line.page)
        if len({gold.answers for gold in fitting}) > 1:
            places = " and ".join(gold.line.place for gold in fitting[:2])
            raise UsageError(
                f"{line.place}: {places} both fit it and differ",
                "tell them apart by question_id, document or page",
            )
        if fitting:
            return fitting
    return []


def _narrow(golds: list[Gold], fits: Callable[[Gold], bool]) -> list[Gold]:
    """Keep those that fit, where there are several and any does."""
    return ([gold for gold in golds if fits(gold)] or golds) if len(golds) > 1 else golds


def _agree(one: str | None, two: str | None) -> bool:
    """Tell whether two paths may be the same file: one ends in the other, or is not known.

    >>> _agree("docs/a.pdf", "a.pdf"), _agree("docs/a.pdf", "old/a.pdf"), _agree(None, "a.pdf")
    (True, False, True)
    """
    if one is None or two is None:
        return True
    short, long = sorted((path.split("/") for path in (one, two)), key=len)
    return long[-len(short) :] == short


def _file_name(path: str | None) -> str:
    return (path or "").rsplit("/", 1)[-1]
