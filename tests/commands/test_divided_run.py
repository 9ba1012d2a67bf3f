"""A run that several workers do gives what one worker gives, record for record."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monkeycli.commands import run as run_module
from monkeycli.engines.worker import Worker
from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image, draw_pdf
from tests.scripted_crew import ScriptedCrew

ASK = ("ask", ".", "-q", "who?", "-q", "what?", "--max-tokens", 8)


@pytest.fixture(autouse=True)
def files(folder):
    for number in range(6):
        draw_pdf(folder / f"{number}.pdf", *["One", "Two", "Three"][: 1 + number % 3])
    draw_image(folder / "photo.png")
    (folder / "empty.pdf").touch()


@pytest.fixture
def divide(monkeypatch):
    """Give a function that puts a crew in this process in the place of every other."""

    def replace(**script):
        crew = ScriptedCrew(3, Worker, **script)
        monkeypatch.setattr(run_module, "open_crew", lambda choice, device: crew)
        return crew

    return replace


def records(path):
    lines = Path(path).read_text().splitlines()
    return [{**json.loads(line), "seconds": None} for line in lines]


@pytest.mark.parametrize("each", ["page", "document"])
def test_the_file_is_that_of_a_run_on_one_device(monkey, divide, each):
    one = monkey(*ASK, "--each", each, "-o", "one.jsonl")
    crew = divide(deaths={"./2.pdf": 1, "2.pdf": 1}, deaths_after=1)
    more = monkey(*ASK, "--each", each, "-o", "more.jsonl")

    assert one.code == more.code == ExitCode.PARTIAL
    assert records("more.jsonl") == records("one.jsonl")
    assert crew.num_started == 4
    assert crew.is_closed


def test_a_run_goes_on_where_another_kind_of_run_stopped(monkey, divide):
    monkey(*ASK, "-o", "all.jsonl")
    stopped = monkey(*ASK, "-o", "some.jsonl", "--max-errors", 1)
    assert "stopped after 1 failed record" in stopped.err
    before = Path("some.jsonl.part").read_bytes()

    crew = divide(seed=5)
    ended = monkey(*ASK, "-o", "some.jsonl", "--resume")

    assert records("some.jsonl") == records("all.jsonl")
    assert all(line in Path("some.jsonl").read_bytes() for line in before.splitlines()[1:])
    num_answered = before.count(b'"status":"ok"')
    assert f" {num_answered} skipped in " in ended.err
    assert sum(map(len, crew.batches)) == 8


def test_windows_are_saved_by_the_workers(monkey, divide):
    divide()
    monkey("ask", "photo.png", "-q", "who?", "--save-windows", "seen", "--max-tokens", 4)

    assert list(Path("seen").glob("photo-*-global.png"))


@pytest.mark.usefixtures("rounded")
def test_workers_quantize_as_one_device_does(monkey, divide):
    words = ("ask", "photo.png", "0.pdf", "-q", "who?", "--max-tokens", 8, "--quantize", "int4")
    monkey(*words, "-o", "one.jsonl")
    divide()
    monkey(*words, "-o", "more.jsonl")

    assert records("more.jsonl") == records("one.jsonl")
    assert {record["model"] for record in records("more.jsonl")} == {"small@1.0+int4"}


def test_what_comes_from_standard_input_goes_along(monkey, divide):
    data = Path("photo.png").read_bytes()
    one = monkey("ask", "-", "-q", "who?", "-f", "jsonl", "--max-tokens", 8, stdin=data)
    divide()
    more = monkey("ask", "-", "-q", "who?", "-f", "jsonl", "--max-tokens", 8, stdin=data)

    assert one.code == more.code == ExitCode.OK
    assert more.records[0]["answer"] == one.records[0]["answer"]


def test_an_engine_that_is_not_there_is_told_before_anything_is_written(monkey, folder):
    ended = monkey(*ASK, "--engine", "nothing", "-o", "out.jsonl")

    assert ended.code == ExitCode.MODEL
    assert ended.err.startswith("monkey: engine 'nothing' is not installed; those there are: ")
    assert not list(folder.glob("out*"))


@pytest.mark.slow
def test_a_process_that_is_killed_costs_nothing(monkey):
    """The real thing: two processes, one of which is killed as soon as a record is on the disk."""
    ask = [*map(str, ASK), "--each", "page", "--text", "layer"]  # whether or not OCR is installed
    monkey(*ask, "-o", "one.jsonl")
    words = [*ask, "--device", "cpu,cpu", "-o", "two.jsonl"]
    root = Path(__file__).parents[2]
    run = subprocess.Popen(
        [sys.executable, "-m", "monkeycli", *words],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    part = Path("two.jsonl.part")
    while run.poll() is None and (not part.exists() or part.read_bytes().count(b"\n") < 2):
        time.sleep(0.05)
    workers = _children(run.pid)
    assert len(workers) == 2, "the run was over before a worker could be killed"
    os.kill(workers[0], signal.SIGKILL)
    out, _ = run.communicate()

    assert run.returncode == ExitCode.PARTIAL
    assert out == b""
    assert records("two.jsonl") == records("one.jsonl")


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return sorted({int(child) for task in tasks for child in task.read_text().split()})
