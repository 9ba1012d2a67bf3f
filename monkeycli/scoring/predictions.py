"""Predictions from JSON lines: records that `monkey` wrote, or plain lines of other programs.

A plain line has `question_id` or `id`, and the prediction as `prediction`, `answer` or `caption`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from monkeycli.errors import UsageError
from monkeycli.questions import Json
from monkeycli.scoring.boxes import find_boxes, write_boxes

TEXT_KEYS = ("prediction", "answer", "caption")
GOLD_KEYS = ("gold", "golds", "answers", "annotation", "annotations")
DOCUMENT_KEYS = ("source", "document", "image", "pdf")

Fields = Mapping[str, Json]


@dataclass(frozen=True)
class Line:
    """A line of a file, and what it says it is about; None for what it does not say."""

    place: str
    """`preds.jsonl:17`, for messages."""
    fields: Fields
    """All that the line holds."""
    ids: tuple[str, ...]
    """Its `question_id` and its `id`, as far as it has them."""
    question: str | None
    document: str | None
    page: str | None


@dataclass(frozen=True)
class Prediction:
    """What was answered, or why not."""

    line: Line
    text: str | None
    """None if there is no answer."""
    gold: tuple[str, ...] | None
    """The right answers that the line carries; None if it carries none, empty if it says that
    there is no answer to find."""
    is_error: bool
    is_caption: bool

    @property
    def document(self) -> str | None:
        """What other predictions share with it if they are about the same document."""
        sha256 = self.line.fields.get("doc_sha256")
        return sha256 if isinstance(sha256, str) else self.line.document

    @property
    def boxes_text(self) -> str | None:
        """Its text, or the boxes of its record where the text names none.

        Raises:
            UsageError: the record's boxes are none.
        """
        boxes = self.line.fields.get("boxes")
        if not boxes or find_boxes(self.text or ""):
            return self.text
        return _boxes_text(boxes, f"{self.line.place}: 'boxes'")


def read_predictions(path: str, stdin: BinaryIO) -> list[Prediction]:
    """Read a file of predictions.

    Args:
        path: of the file; `-` for standard input.
        stdin: where `-` is read from.

    Raises:
        UsageError: it cannot be read, is empty, or a line is no prediction: `file:line: what`.
    """
    found = [_to_prediction(fields, place) for place, fields in read_lines(path, stdin)]
    if not found:
        raise UsageError(f"{name_of(path)}: there is no prediction in it")
    return found


def read_lines(path: str, stdin: BinaryIO) -> Iterator[tuple[str, Fields]]:
    """Read the objects of a file of JSON lines, each with its place; blank lines are left out.

    Raises:
        UsageError: the file cannot be read, or a line is not a JSON object.
    """
    if path == "-" and stdin.isatty():
        raise UsageError("- reads standard input, but that is a terminal", "pipe the lines in")
    try:
        data = stdin.read() if path == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read: {reason}") from error
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            place = f"{name_of(path)}:{number}"
            try:
                fields = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                hint = None if number > 1 else "each line has to be a JSON object, as in -o a.jsonl"
                raise UsageError(f"{place}: not JSON: {error.msg}", hint) from error
            if not isinstance(fields, dict):
                raise UsageError(f"{place}: must be a JSON object")
            yield place, fields


def to_line(fields: Fields, place: str) -> Line:
    """Take from a line's fields what says what it is about.

    Raises:
        UsageError: one of them is neither text nor number.
    """
    ids = (take_text(fields, (key,), place) for key in ("question_id", "id"))
    return Line(
        place=place,
        fields=fields,
        ids=tuple(found for found in ids if found is not None),
        question=take_text(fields, ("question",), place),
        document=take_text(fields, DOCUMENT_KEYS, place),
        page=take_text(fields, ("page",), place),
    )


def name_of(path: str) -> str:
    """Name a file in messages."""
    return "<stdin>" if path == "-" else path


def take_text(fields: Fields, keys: Sequence[str], place: str) -> str | None:
    """Give the first field present as text, a number as it is written.

    Raises:
        UsageError: it is neither.
    """
    key = next((key for key in keys if fields.get(key) is not None), None)
    return None if key is None else to_text(fields[key], f"{place}: {key!r}")


def to_text(value: Json, what: str) -> str:
    """Give a text as it is, and a number as it is written.

    Raises:
        UsageError: it is neither; `what` says which value it is.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise UsageError(f"{what} must be a text or a number")


def to_golds(value: Json, what: str) -> tuple[str, ...]:
    """Give the right answers that a field holds: a text, several, or boxes.

    Args:
        value: a text or number; a list of them, or of objects with an `answer`, as VQA's
            annotations have; a list of boxes, which are one answer; None or empty if there is no
            answer to find.
        what: says which value it is.

    Raises:
        UsageError: it is something else.

    >>> to_golds([{"answer": "two", "answer_id": 1}, 2], "gold")
    ('two', '2')
    >>> to_golds([[10, 20, 30, 40]], "gold")
    ('(10,20),(30,40)',)
    """
    if value is None or value == "":
        return ()
    if not isinstance(value, list):
        return (to_text(value, what),)
    if value and all(isinstance(item, list) for item in value):
        return (_boxes_text(value, what),)
    answers = [item.get("answer") if isinstance(item, dict) else item for item in value]
    return tuple(to_text(answer, what) for answer in answers)


def _to_prediction(fields: Fields, place: str) -> Prediction:
    is_caption = fields.get("kind") == "caption" or not {"prediction", "answer"} & set(fields)
    keys = [key for key in TEXT_KEYS if key in fields and (key == "caption") == is_caption]
    if not keys:
        known = ", ".join(map(repr, TEXT_KEYS))
        raise UsageError(f"{place}: is no prediction: it has none of {known}")
    text = take_text(fields, keys[:1], place)
    gold_keys = (*GOLD_KEYS, "answer") if keys[0] == "prediction" else GOLD_KEYS
    gold_key = next((key for key in gold_keys if fields.get(key) is not None), None)
    return Prediction(
        line=to_line(fields, place),
        text=text,
        gold=None if gold_key is None else to_golds(fields[gold_key], f"{place}: {gold_key!r}"),
        is_error=fields.get("status") == "error",
        is_caption=is_caption,
    )


def _boxes_text(boxes: Json, what: str) -> str:
    if isinstance(boxes, list):
        whole = [box for box in boxes if isinstance(box, list) and len(box) == 4]
        if len(whole) == len(boxes) and all(_is_number(value) for box in whole for value in box):
            return write_boxes(whole)  # type: ignore[arg-type]
    raise UsageError(f"{what} must be a list of boxes, each of four numbers")


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
