"""What a run and its workers say to each other: JSON headers, raw bytes behind them, no pickle.

    to a worker: Start, then Batch after Batch
    from it:     Ready, or Failed | for each batch: Found after Found, then Done, or Failed

A message is a pair of bytes: a JSON object whose key `is` names its kind, and a body.
"""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from monkeycli.document import Document
from monkeycli.grid import GridRule, WindowGrid
from monkeycli.options import GenerateOptions, Quantization, RasterOptions
from monkeycli.questions import Question
from monkeycli.records import Record, from_json, to_json
from monkeycli.task import Task

Message = tuple[bytes, bytes]
"""Header and body."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """All that a worker must know of a run, besides its documents."""

    folder: str
    """Where the run was started: relative paths begin there, on every machine."""
    model: str | None
    adapter: str | None
    dtype: str
    each: Literal["page", "document"]
    with_text: bool
    with_ocr: bool
    short: bool
    raster: RasterOptions
    generate: GenerateOptions
    save_windows: str | None = None
    """Folder for pictures of what the model sees."""
    cache: str | None = None
    """Folder for the features of pages."""
    quantize: Quantization = "none"


@dataclass(frozen=True)
class Start:
    """Load the model."""

    work: Work
    device: str
    earlier: Sequence[str] = ()
    """Ids of records that an earlier run has made."""

    def pack(self) -> Message:
        """Write the message."""
        return _pack("start", **dataclasses.asdict(self))


@dataclass(frozen=True)
class Batch:
    """Ask these documents."""

    tasks: Sequence[Task]
    earlier: Sequence[str] = ()
    """Ids of their records that have arrived: another worker died on the way."""

    def pack(self) -> Message:
        """Write the message."""
        bodies = [task.document.data or b"" for task in self.tasks]
        tasks = [
            {
                "path": task.document.path,
                "pages": task.document.pages,
                "length": None if task.document.data is None else len(task.document.data),
                "questions": [
                    None if question is None else dataclasses.asdict(question)
                    for question in task.questions
                ],
            }
            for task in self.tasks
        ]
        return _pack("batch", b"".join(bodies), tasks=tasks, earlier=list(self.earlier))


@dataclass(frozen=True)
class Ready:
    """The model is loaded: this is what records call it."""

    model: str
    adapter: str | None

    def pack(self) -> Message:
        """Write the message."""
        return _pack("ready", **vars(self))


@dataclass(frozen=True)
class Found:
    """A record."""

    number: int
    """Of its document in the batch, from 0."""
    record: Record
    is_earlier: bool = False
    """Whether the record was made before: then only its id is told."""

    def pack(self) -> Message:
        """Write the message."""
        return _pack("found", to_json(self.record), number=self.number, is_earlier=self.is_earlier)


@dataclass(frozen=True)
class Done:
    """The batch is done."""

    def pack(self) -> Message:
        """Write the message."""
        return _pack("done")


@dataclass(frozen=True)
class Failed:
    """The run cannot go on, here or on any other worker."""

    exit_code: int
    message: str
    hint: str | None

    def pack(self) -> Message:
        """Write the message."""
        return _pack("failed", **vars(self))


Reply = Ready | Found | Done | Failed


def read_order(message: Message) -> Start | Batch:
    """Read what a worker is told."""
    fields, body = json.loads(message[0]), message[1]
    if fields.pop("is") == "start":
        work = fields.pop("work")
        raster = work.pop("raster")
        raster["grid"] = raster["grid"] and WindowGrid(**raster["grid"])
        raster["rule"] = GridRule.unpack(raster["rule"])
        generate = GenerateOptions(**work.pop("generate"))
        return Start(Work(raster=RasterOptions(**raster), generate=generate, **work), **fields)
    tasks = []
    for task in fields["tasks"]:
        length = task["length"]
        data = None if length is None else body[:length]
        body = body[length or 0 :]
        questions = [question and Question(**question) for question in task["questions"]]
        tasks.append(Task(Document(task["path"], task["pages"], data), tuple(questions)))
    return Batch(tasks, fields["earlier"])


def read_reply(message: Message) -> Reply:
    """Read what a worker says."""
    fields = json.loads(message[0])
    kind = fields.pop("is")
    if kind == "found":
        return Found(record=from_json(message[1]), **fields)
    kinds: dict[str, type[Ready | Done | Failed]] = {
        "ready": Ready,
        "done": Done,
        "failed": Failed,
    }
    return kinds[kind](**fields)


def _pack(kind: str, body: bytes = b"", **fields: Any) -> Message:
    return json.dumps({"is": kind, **fields}).encode(), body
