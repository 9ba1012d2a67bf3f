"""A real cluster of two workers, one of which is killed: the records are those of one machine."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install ./plugins/ray")

from monkey_ray import engine  # noqa: E402
from monkey_ray.engine import RayCrew  # noqa: E402

from monkeycli.engines.crew import Gone  # noqa: E402
from monkeycli.errors import ExitCode  # noqa: E402
from tests.drawn_documents import draw_image, draw_pdf  # noqa: E402
from tests.installed_plugin import ROOT, install_plugin  # noqa: E402
from tests.small_checkpoint import draw_small  # noqa: E402

ASK = ("ask", "docs", "-q", "who?", "-q", "what?", "--each", "page", "--max-tokens", "8")
RAY = ("--engine", "ray:workers=2,cpus=1")
WAIT = 300.0
"""Seconds to wait for a busy machine."""


@pytest.mark.parametrize(
    "error, gone",
    [
        (ray.exceptions.ActorDiedError(), Gone("its process or its machine is gone")),
        (
            ray.exceptions.OutOfMemoryError("Task was killed: node running low on memory"),
            Gone("Ray ended it, memory being short", is_memory=True),
        ),
        (ray.exceptions.RayError("first\nRuntimeError: last"), Gone("RuntimeError: last")),
    ],
)
def test_what_ray_says_of_a_death_is_said_in_a_few_words(error, gone):
    assert engine._bury(error) == gone


class Streams:
    """Stands in for Ray: streams that end, or say one thing after another."""

    def __init__(self, *said):
        self.said = iter(said)

    def __next__(self):
        return next(self.said)


def test_workers_are_heard_in_turn(monkeypatch):
    monkeypatch.setattr(engine.ray, "wait", lambda streams, timeout: (streams[:1], streams[1:]))
    monkeypatch.setattr(engine.ray, "get", lambda said: said)
    crew = RayCrew.__new__(RayCrew)
    crew._replies = {0: Streams("a", "b"), 1: Streams("c")}

    heard = [crew.receive(0.0) for _ in range(6)]

    assert heard == [(0, "a"), (1, "c"), (0, "b"), None, None, None]
    assert crew._replies == {}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder with documents, a small checkpoint, and the plugin as if installed."""
    folder = tmp_path_factory.mktemp("ray")
    draw_small(folder / "small")
    (folder / "docs").mkdir()
    for number in range(6):
        draw_pdf(folder / f"docs/{number}.pdf", *["One", "Two", "Three"][: 1 + number % 3])
    draw_image(folder / "docs/photo.png")
    (folder / "docs/empty.pdf").touch()
    with pytest.MonkeyPatch.context() as patch:
        install_plugin("ray", folder / "site", patch)
    return folder


@pytest.fixture
def start(folder):
    """Give a function that starts `monkey` in a process of its own."""
    paths = [ROOT, ROOT / "plugins/ray", folder / "site"]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "MONKEY_MODEL": str(folder / "small"),
        "MONKEY_DEVICE": "cpu",
        "MONKEY_DTYPE": "float32",
        "RAY_worker_niceness": "0",  # else the workers starve on a busy machine
    }
    environment.pop("RAY_ADDRESS", None)
    running = []

    def run(*words):
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "monkeycli", *words],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        return running[-1]

    yield run
    for process in running:
        process.kill()
        process.communicate()


def records(path):
    lines = path.read_text().splitlines()
    return [{**json.loads(line), "seconds": None} for line in lines]


def workers_of(session_parent: int) -> list[int]:
    """Give the processes of our actors that came from a driver."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::Hand") and session_parent in _ancestors(path):
                found.append(int(path.parent.name))
        except OSError:  # it has ended
            continue
    return found


def _ancestors(path: Path) -> set[int]:
    found, pid = set(), int(path.parent.name)
    while pid > 1:
        stat = Path(f"/proc/{pid}/stat").read_text()
        pid = int(stat.rpartition(")")[2].split()[1])
        found.add(pid)
    return found


def wait_for_records(process, part, count):
    """Wait until so many records are on the disk."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline and process.poll() is None:
        if part.exists() and part.read_bytes().count(b"\n") > count:
            return
        time.sleep(0.05)
    pytest.fail(f"the run ended, or gave no {count} records: {process.poll()}")


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing_and_a_run_can_be_resumed(start, folder):
    one = start(*ASK, "-o", "one.jsonl")
    out, _ = one.communicate()
    assert one.returncode == ExitCode.PARTIAL, out
    expected = records(folder / "one.jsonl")

    run = start(*ASK, *RAY, "-o", "two.jsonl")
    wait_for_records(run, folder / "two.jsonl.part", 1)
    workers = workers_of(run.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    out, err = run.communicate()

    assert run.returncode == ExitCode.PARTIAL, err.decode()
    assert out == b""
    assert records(folder / "two.jsonl") == expected
    assert err.endswith(b"retry with --resume --retry-failed\n"), err.decode()
    assert b"Traceback" not in err, err.decode()

    run = start(*ASK, *RAY, "-o", "three.jsonl")
    wait_for_records(run, folder / "three.jsonl.part", 2)
    workers = workers_of(run.pid)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate()

    assert run.returncode == ExitCode.INTERRUPTED, err.decode()
    assert b"go on with: monkey ask docs" in err
    assert not [pid for pid in workers if Path(f"/proc/{pid}/cmdline").exists()]
    kept = (folder / "three.jsonl.part").read_bytes().splitlines()[1:]
    assert 2 <= len(kept) < len(expected)

    run = start(*ASK, *RAY, "-o", "three.jsonl", "--resume")
    run.communicate()

    assert run.returncode == ExitCode.PARTIAL
    assert records(folder / "three.jsonl") == expected
    assert set(kept) <= set((folder / "three.jsonl").read_bytes().splitlines())


@pytest.mark.slow
def test_results_on_standard_output_are_alone_there(start, folder):
    run = start("ask", "-", "-q", "who?", "--max-tokens", "8", *RAY)
    out, err = run.communicate((folder / "docs/photo.png").read_bytes())

    assert run.returncode == ExitCode.OK, err.decode()
    alone = start("ask", "docs/photo.png", "-q", "who?", "--max-tokens", "8")
    assert out == alone.communicate()[0] != b""
