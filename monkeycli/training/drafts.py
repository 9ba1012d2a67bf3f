"""What one line of a dataset says, before it is known which file's line it is."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monkeycli.questions import Json, is_utf8
from monkeycli.training.sample import TASKS, TaskName
from monkeycli.training.yaml_fields import nearest_hint

_BOX = re.compile(r"\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*,\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)")
BOX_SIDE = 1000
"""Boxes are given on a page of this height and width, whatever its shape."""


class LineError(ValueError):
    """A line cannot be learnt from; its text says why, in lower case."""


@dataclass(frozen=True)
class Draft:
    """One thing to learn; see `Sample` for the fields."""

    image: str
    """As the file writes it: a path, perhaps with `#page=3` behind it."""
    task: TaskName
    question: str | None = None
    answers: tuple[str, ...] = ()
    prompt: str | None = None
    page: int | None = None
    """As a field of its own; None if there is none."""
    id: str | None = None


def first_of(fields: Mapping[str, Json], names: Sequence[str]) -> Json:
    """Give the first of some fields that is there and not null."""
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def to_task(value: Json) -> TaskName | None:
    """Read a line's own task; None if it names none.

    Raises:
        LineError: there is no such task.
    """
    if value is not None and value not in TASKS:
        raise LineError(f"unknown task {value!r}; {nearest_hint(str(value), TASKS)}")
    return value


def to_text(value: Json, name: str) -> str:
    """Read a text, or a number as a text.

    Raises:
        LineError: it is neither, empty, or no Unicode.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise LineError(f"{name!r} must be a text that is not empty")
    if not is_utf8(value):
        raise LineError(f"{name!r} holds half a character (a lone surrogate)")
    return value


def to_path(value: Json) -> str:
    """Read the name of an image's file, which need not be Unicode.

    Raises:
        LineError: it is no text, empty, or no file can have it.
    """
    if not isinstance(value, str) or not value.strip():
        raise LineError("'image' must be the name of a file")
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        raise LineError("'image' holds half a character (a lone surrogate)") from None
    if "\0" in value:
        raise LineError("'image' holds a NUL character")
    return value


def to_answers(value: Json, name: str) -> tuple[str, ...]:
    """Read one answer or a list of them; in a list each may be an object with an `answer`.

    Raises:
        LineError: one of them is no text.
    """
    values = value if isinstance(value, list) else [value]
    plain = [item.get("answer") if isinstance(item, dict) else item for item in values]
    return tuple(to_text(item, name) for item in plain)


def to_page(value: Json) -> int | None:
    """Read a page's number, None for none.

    Raises:
        LineError: it is no number from 1.
    """
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:10])
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 10**9:
        raise LineError(f"'page' must be one page's number from 1, not {value!r}")
    return value


def to_boxes(value: Json) -> tuple[str, ...]:
    """Read boxes as `(left,top),(right,bottom)` or four numbers, on a page of 1000 by 1000.

    Several are all right, as several answers are.

    Raises:
        LineError: there is none, one is no box, or lies outside the page.

    >>> to_boxes([12, 20.4, 400, 51]), to_boxes("<box>(1, 2),(30,40)</box>")
    (('(12,20),(400,51)',), ('(1,2),(30,40)',))
    """
    if isinstance(value, list) and not (value and isinstance(value[0], int | float)):
        boxes = [box for item in value for box in to_boxes(item)]
    elif isinstance(value, str):
        corners = _BOX.findall(value)
        rest = re.sub(r"</?box>|\s", "", _BOX.sub("", value))
        boxes = [] if rest else [_to_box([float(corner) for corner in box]) for box in corners]
    elif isinstance(value, list):
        boxes = [_to_box(value)]
    else:
        boxes = []
    if not boxes:
        raise LineError("a 'ground' line needs a 'box': [left, top, right, bottom], each 0 to 1000")
    return tuple(boxes)


def _to_box(numbers: Sequence[Json]) -> str:
    corners = [number for number in numbers if isinstance(number, int | float)]
    if len(corners) != 4 or len(numbers) != 4:
        raise LineError("a box has four numbers: left, top, right, bottom")
    left, top, right, bottom = corners
    if not (0 <= left < right <= BOX_SIDE and 0 <= top < bottom <= BOX_SIDE):
        shown = ", ".join(f"{corner:g}" for corner in corners)
        raise LineError(f"box [{shown}] does not lie between 0 and 1000, its left top corner first")
    return "({},{}),({},{})".format(*(round(corner) for corner in corners))
