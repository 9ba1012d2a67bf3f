"""Workers that are processes: they answer, they die, they end."""

import os
import signal
import time

import pytest

from monkeycli.document import Document
from monkeycli.engines.crew import Gone
from monkeycli.engines.processes import Processes
from monkeycli.engines.work import Batch, Done, Found, Ready, read_reply
from monkeycli.questions import Question
from monkeycli.task import Task

WAIT = 300.0
"""Seconds to wait for a process on a busy machine."""


@pytest.fixture
def crew():
    crew = Processes(["cpu"])
    yield crew
    crew.close()


def hear(crew):
    heard = crew.receive(WAIT)
    assert heard is not None
    return heard[1] if isinstance(heard[1], Gone) else read_reply(heard[1])


def test_a_worker_that_is_killed_is_told_of_and_another_takes_its_place(crew, start_here, capfd):
    batch = Batch([Task(Document("b.png"), (Question("who?", "q1"),))])
    crew.start(0)
    os.kill(crew._processes[0].pid, signal.SIGKILL)
    crew.send(0, start_here.pack())
    assert hear(crew) == Gone("SIGKILL")

    crew.start(0)
    crew.send(0, start_here.pack())
    assert isinstance(hear(crew), Ready)
    os.kill(crew._processes[0].pid, signal.SIGINT)  # Ctrl-C is the parent's to handle
    crew.send(0, batch.pack())

    assert isinstance(hear(crew), Found)
    assert hear(crew) == Done()
    assert capfd.readouterr().out == ""


def test_to_close_does_not_wait_for_the_work(crew, start_here):
    crew.start(0)
    crew.send(0, start_here.pack())
    process = crew._processes[0]
    begun = time.monotonic()

    crew.close()

    assert process.returncode == -signal.SIGKILL
    assert time.monotonic() - begun < WAIT / 10


def test_nothing_is_heard_of_workers_that_say_nothing(crew):
    assert crew.receive(0.01) is None


def test_the_cores_are_shared_among_the_workers_that_need_them(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    crew = Processes(["cpu", "cpu", "cuda:0"])

    assert crew._environment("cpu")["OMP_NUM_THREADS"] == "4"
    assert "OMP_NUM_THREADS" not in crew._environment("cuda:0")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert crew._environment("cpu")["OMP_NUM_THREADS"] == "1"
