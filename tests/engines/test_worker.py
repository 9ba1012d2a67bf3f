"""A worker answers as the run on one device does, and knows what need not be done again."""

from dataclasses import replace
from pathlib import Path

import pytest

from monkeycli.document import Document
from monkeycli.engines.work import Batch, Done, Failed, Found, Ready, read_reply
from monkeycli.engines.worker import Worker
from monkeycli.errors import ExitCode
from monkeycli.options import RunOptions
from monkeycli.questions import Question
from monkeycli.task import Task
from tests.drawn_documents import draw_pdf

QUESTIONS = (Question("who?", "q1"), Question("what?", "q2", gold="7"))


@pytest.fixture
def start(start_here, tmp_path, monkeypatch):
    draw_pdf(tmp_path / "a.pdf", "One", "Two")
    monkeypatch.chdir(Path.cwd())  # a worker changes it
    return start_here


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.close()


def say(worker, order):
    return [read_reply(message) for message in worker.reply(order.pack())]


def test_it_answers_batch_after_batch_as_one_run_does(worker, start, tmp_path, small_monkey):
    tasks = [Task(Document(name), QUESTIONS) for name in ("a.pdf", "b.png", "gone.pdf")]

    assert say(worker, start) == [Ready(small_monkey.name, None)]
    *found, done = say(worker, Batch(tasks[:2]))
    more = say(worker, Batch(tasks[2:]))

    options = RunOptions(each="page", with_text=True, model=small_monkey.name)
    run = small_monkey.run(options, start.work.raster, start.work.generate)
    alone = list(run.records(tasks))
    together = [one.record for one in [*found, *more[:-1]]]
    assert [replace(one, seconds=None) for one in together] == [
        replace(one, seconds=None) for one in alone
    ]
    assert [one.number for one in found] == [0, 0, 0, 0, 1, 1]
    assert done == more[-1] == Done()


def test_what_was_made_before_is_only_named(worker, start):
    tasks = [Task(Document("a.pdf"), QUESTIONS)]
    say(worker, start)
    ids = [one.record.id for one in say(worker, Batch(tasks))[:-1]]
    say(worker, replace(start, earlier=ids[:1]))

    found = say(worker, Batch(tasks, ids[3:]))[:-1]

    assert [one.record.id for one in found] == ids
    assert [one.is_earlier for one in found] == [True, False, False, True]
    assert [one.record.answer is None for one in found] == [True, False, False, True]
    assert found[3].record.gold == "7"
    assert not any(one.is_earlier for one in say(worker, Batch(tasks))[1:-1])


@pytest.mark.parametrize(
    "changed, code, message",
    [
        ({"model": "nothing"}, ExitCode.USAGE, "nothing"),
        ({"folder": "/no/such/folder"}, ExitCode.MODEL, "/no/such/folder"),
    ],
)
def test_what_it_cannot_do_is_told(worker, start, changed, code, message):
    (failed,) = say(worker, replace(start, work=replace(start.work, **changed)))

    assert isinstance(failed, Failed)
    assert failed.exit_code == code
    assert message in failed.message


def test_it_quantizes_as_it_is_told(worker, start, rounded, small_monkey):
    said = say(worker, replace(start, work=replace(start.work, quantize="int8")))

    assert said == [Ready(f"{small_monkey.name}+int8", None)]
    assert rounded == ["int8"]


def test_it_saves_windows_where_the_run_was_started(worker, start, tmp_path):
    say(worker, replace(start, work=replace(start.work, save_windows="seen")))
    found = say(worker, Batch([Task(Document("b.png"), (None,))]))

    assert isinstance(found[0], Found)
    assert list((tmp_path / "seen").glob("b-*-global.png"))
