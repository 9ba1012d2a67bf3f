import math
import os
import select
import sys
import time
from pathlib import Path

import pytest

from monkeycli.errors import ItemError
from monkeycli.grid import WindowGrid
from monkeycli.options import RasterOptions
from monkeycli.reading import child as child_module
from monkeycli.reading.child import Child, WorkerGoneError, _answers
from monkeycli.reading.messages import LENGTHS, Job, Reply

GRID = WindowGrid(1, 1)
PIXELS = bytes(3 * 448 * 448)


def job(task="open", path="no.pdf", number=0, **options):
    return Job(task, 0, path, number, RasterOptions(**options), has_data=False)


@pytest.fixture
def child(faulty):
    """Give a worker that knows the reader that misbehaves."""
    process = Child()
    yield process
    process.end()


def wait(child):
    """Receive until there is an answer."""
    while True:
        assert select.select([child], [], [], 30)[0]
        if (message := child.receive()) is not None:
            return message


def test_asks_and_hears(child, faulty):
    child.send(job(path=faulty("fine", "fine")), None)
    reply, body = wait(child)
    assert (reply.num_pages, len(reply.sha256), body, child.key) == (2, 64, b"", 0)

    child.send(job("render", faulty("fine"), 1), None)
    reply, body = wait(child)
    assert (reply.grid, len(body), child.num_jobs) == (GRID, len(PIXELS), 2)


def test_forgets_what_could_not_be_opened(child):
    child.send(job(), None)
    reply, _ = wait(child)

    assert reply.error.code == "not_found"
    assert child.key is None


def test_the_pages_time_begins_when_the_worker_has_started(child, faulty):
    assert child.deadline == math.inf
    child.send(job(path=faulty(opening="hang"), page_timeout=3.0), None)
    assert child.deadline > time.monotonic() + 30
    select.select([child], [], [], 30)
    assert child.receive() is None
    assert child.deadline <= time.monotonic() + 3

    assert child.give_up().code == "render_timeout"


def test_dies_with_its_pipe(child):
    child._process.stdin.close()

    assert child._process.wait(10) == 0


def test_survives_ctrl_c(child):
    child.send(job(), None)
    wait(child)
    os.kill(child._process.pid, 2)
    child.send(job(), None)

    assert wait(child)[0].error.code == "not_found"


def test_kills_itself_when_nobody_does(child, faulty):
    """As when its parent is killed while a page hangs."""
    child.send(job(path=faulty(opening="spin"), page_timeout=-4.0), None)  # 5 s of grace

    assert child._process.wait(20) == -14


def test_a_worker_that_cannot_start_says_so(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    lost = Child()
    lost._process.wait()
    with pytest.raises(WorkerGoneError):
        lost.send(job(), None)

    assert "did not start" in lost.bury().message


def test_the_working_directory_is_no_place_for_modules(monkeypatch):
    monkeypatch.setattr(sys, "path", ["", "/somewhere"])

    assert child_module._environment()["PYTHONPATH"] == f"{Path.cwd()}{os.pathsep}/somewhere"


@pytest.mark.parametrize(
    "piece",
    [
        LENGTHS.pack(3, 0) + b"{}}",
        LENGTHS.pack(2**31, 0),
        LENGTHS.pack(0, 2**40),
        LENGTHS.pack(len(Reply().pack()), 0) + Reply().pack(),  # no grid
        b"noise" * 10,
    ],
)
def test_nonsense_is_a_dead_worker(child, monkeypatch, piece):
    child.send(job("render", number=1), None)
    monkeypatch.setattr(child_module.os, "read", lambda descriptor, size: piece)

    with pytest.raises(WorkerGoneError):
        child.receive()


@pytest.mark.parametrize(
    "task, reply, body, expected",
    [
        ("open", Reply(num_pages=1), b"", True),
        ("open", Reply(num_pages=0), b"", False),
        ("open", Reply(num_pages=10**9), b"", False),
        ("open", Reply(num_pages=1), b"x", False),
        ("describe", Reply(grid=GRID), b"", True),
        ("describe", Reply(), b"", False),
        ("describe", Reply(grid=GRID), b"x", False),
        ("render", Reply(grid=GRID), PIXELS, True),
        ("render", Reply(grid=GRID), PIXELS[1:], False),
        ("render", Reply(error=ItemError("corrupt", "torn")), b"", True),
        ("render", Reply(error=ItemError("corrupt", "torn")), b"x", False),
    ],
)
def test_believes_what_can_be_true(task, reply, body, expected):
    assert _answers(job(task), reply, body) is expected
