"""Datasets as they lie on disk, line by line: samples, and what is wrong with the other lines.

A file is a JSON array or JSON lines, which its first character tells. A line is one of

- our own form, a question file's, a record that monkey wrote, or a plain VQA line (`own_lines`),
- a conversation in the published form or LLaVA's (`conversations`).

An image may be a page of a document: `report.pdf#page=3`, or a `page` beside it. No image is
opened here.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from monkeycli.questions import Json
from monkeycli.training.conversations import read_conversation
from monkeycli.training.drafts import Draft, LineError
from monkeycli.training.mixture import Dataset, Evaluation
from monkeycli.training.own_lines import read_own_line
from monkeycli.training.sample import ImageSource, Sample, TaskName

_PAGE = re.compile(r"#page=(\d{1,9})$", re.ASCII)
_BLANK = re.compile(r"[ \t\r\n]*")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Problem:
    """Something that cannot be learnt from."""

    origin: str
    """`docvqa.jsonl:17`, or the file alone."""
    message: str
    """What is wrong, in lower case."""

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"


def read_samples(dataset: Dataset | Evaluation, number: int) -> Iterator[Sample | Problem]:
    """Read a dataset. No line is skipped: each gives samples or a problem.

    Args:
        dataset: of the mixture.
        number: its place among the mixture's, from 0, for the samples to carry.

    Yields:
        In the file's order. A file that cannot be read, or is empty, is a problem itself.
    """
    is_empty = True
    for origin, item in _read_items(dataset.path):
        is_empty = False
        try:
            if isinstance(item, LineError):
                raise item
            for draft in _read_line(item, dataset.task):
                yield _to_sample(draft, dataset, number, origin)
        except LineError as error:
            yield Problem(origin, str(error))
    if is_empty:
        yield Problem(str(dataset.path), "is empty: it holds no sample")


def _read_line(item: Json, task: TaskName | None) -> list[Draft]:
    if not isinstance(item, dict):
        raise LineError("must be an object with an 'image' or 'conversations'")
    if "conversations" in item:
        return [read_conversation(item, task)]
    return read_own_line(item, task)


def _to_sample(draft: Draft, dataset: Dataset | Evaluation, number: int, origin: str) -> Sample:
    return Sample(
        origin=origin,
        dataset=number,
        task=draft.task,
        image=_to_source(draft, dataset.images or dataset.path.parent),
        question=draft.question,
        answers=draft.answers,
        prompt=draft.prompt,
        id=draft.id,
    )


def _to_source(draft: Draft, folder: Path) -> ImageSource:
    """Find out where an image lies; whether it is there is seen when it is opened."""
    name, page = draft.image, draft.page
    if match := _PAGE.search(name):
        name, written = name[: match.start()], int(match[1])
        if written < 1 or page not in (None, written):
            raise LineError(f"{draft.image} is no page, or another one than its 'page' says")
        page = written
    if not name:
        raise LineError(f"{draft.image} names a page of no file")
    if name.lower().startswith(("http://", "https://")):
        raise LineError(f"{name} is a URL, and monkey opens no network; download it")
    return ImageSource(folder / name, page or 1)


def _read_items(path: Path) -> Iterator[tuple[str, Json | LineError]]:
    """Give each line or item of a file, and where it stands; or what is wrong with it."""
    try:
        with path.open("rb") as file:
            head = file.read(4096).removeprefix(_BOM).lstrip()
            if head.startswith(b"["):
                file.seek(0)
                yield from _array_items(path, file.read().removeprefix(_BOM))
                return
            file.seek(0)
            for number, line in enumerate(file, 1):
                text = line.removeprefix(_BOM) if number == 1 else line
                if text.strip():
                    yield f"{path}:{number}", _parse_line(text)
    except OSError as error:
        yield str(path), LineError(f"cannot be read: {error.strerror}")


def _parse_line(line: bytes) -> Json | LineError:
    try:
        parsed: Json = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return LineError(f"not JSON: {error.msg}")
    return parsed


def _array_items(path: Path, data: bytes) -> Iterator[tuple[str, Json | LineError]]:
    """Give each item of a JSON array, with the line it begins at."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        yield f"{path}:{line}", LineError("not UTF-8; save the file as UTF-8")
        return
    line, counted = 1, 0
    for place, item in _decode_array(text):
        line, counted = line + text.count("\n", counted, place), place
        yield f"{path}:{line}", item


def _decode_array(text: str) -> Iterator[tuple[int, Json | LineError]]:
    """Give each item and where it begins; behind an error there is no telling what is an item."""
    decoder = json.JSONDecoder()
    place = _skip(text, text.index("[") + 1)
    while not text.startswith("]", place):
        try:
            item, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            yield error.pos, LineError(f"not JSON: {error.msg}; nothing behind it is read")
            return
        except (ValueError, RecursionError):  # a number of too many digits; too deep
            yield place, LineError("not JSON that can be parsed; nothing behind it is read")
            return
        yield place, item
        place = _skip(text, end)
        if text.startswith(",", place):
            place = _skip(text, place + 1)
        elif not text.startswith("]", place):
            yield place, LineError("not JSON: a comma or ] is missing; nothing behind it is read")
            return
    rest = _skip(text, place + 1)
    if rest < len(text):
        yield rest, LineError("not JSON: something follows the list's end")


def _skip(text: str, place: int) -> int:
    match = _BLANK.match(text, place)
    assert match is not None
    return match.end()
