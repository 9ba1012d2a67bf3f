"""What is said arrives as it was meant."""

import dataclasses

import pytest

from monkeycli.document import Document
from monkeycli.engines.work import (
    Batch,
    Done,
    Failed,
    Found,
    Ready,
    Start,
    Work,
    read_order,
    read_reply,
)
from monkeycli.grid import GridRule, WindowGrid
from monkeycli.options import GenerateOptions, RasterOptions
from monkeycli.questions import Question
from monkeycli.records import Record, RecordError, RunnerUp
from monkeycli.task import Task

WORK = Work(
    folder="/somewhere",
    model="small",
    adapter=None,
    dtype="float32",
    each="document",
    with_text=True,
    with_ocr=False,
    short=True,
    raster=RasterOptions(
        grid=WindowGrid(2, 3),
        rule=GridRule((WindowGrid(1, 1), WindowGrid(2, 2)), by="size"),
        password="p\u00e4ss",
    ),
    generate=GenerateOptions(max_tokens=7, batch_size=None),
    save_windows="windows",
    cache="features",
    quantize="int4",
)


@pytest.mark.parametrize(
    "work",
    [
        WORK,
        dataclasses.replace(
            WORK, raster=RasterOptions(rule=GridRule((WindowGrid(3, 1),))), cache=None
        ),
    ],
)
def test_what_a_worker_must_know(work):
    assert read_order(Start(work, "cuda:1", ["a", "b"]).pack()) == Start(work, "cuda:1", ["a", "b"])


def test_documents_and_questions_and_bytes_that_have_no_file():
    tasks = [
        Task(
            Document("a.pdf", "1-3"),
            (Question("\u00fc <img>?", "q1", gold=["1"], meta={"k": [1]}),),
        ),
        Task(Document("-", data=b"\0%PDF"), (None,)),
        Task(Document("caf\udce9.pdf"), (None,)),  # Latin-1 bytes on disk
        Task(Document("-", data=b""), (None,)),
        Task(Document("-", data=b"123"), (None,)),
    ]

    assert read_order(Batch(tasks, ["x"]).pack()) == Batch(tasks, ["x"])


@pytest.mark.parametrize(
    "reply",
    [
        Ready("small@1.0", "run@1"),
        Done(),
        Failed(5, "no such model", None),
        Found(3, Record(kind="caption", id="aa", source="caf\udce9.pdf", caption="a b")),
        Found(
            0,
            Record(
                kind="answer",
                id="aa",
                source="a.pdf",
                status="error",
                question="q?",
                error=RecordError("oom", "answer", "it is full", None, retryable=True),
                runners_up=(RunnerUp(1, "b", 0.5),),
                grid=(2, 3),
                size=(896, 1344),
                warnings=("mind",),
                meta={"k": {"a": 1}},
            ),
            is_earlier=True,
        ),
    ],
)
def test_replies(reply):
    assert read_reply(reply.pack()) == reply
