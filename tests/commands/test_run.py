"""What a run says on standard error, and the code it ends with."""

import csv
import os
import signal
import subprocess
import sys

import pytest

from monkeycli import pipeline
from monkeycli.commands import run as run_module
from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image, draw_pdf

SHORT = ("--max-tokens", 8)


@pytest.fixture(autouse=True)
def files(folder):
    draw_pdf(folder / "a.pdf", "One", "Two", "Three")
    draw_image(folder / "b.png")
    (folder / "empty.pdf").touch()


@pytest.mark.parametrize(
    "inputs, code, last",
    [
        (["b.png"], ExitCode.OK, "monkey: b.png p.1: warning: cut off after 8 tokens"),
        (["b.png", "a.pdf"], ExitCode.OK, "2 answered, 0 failed, 0 skipped in "),
        (["b.png", "empty.pdf"], ExitCode.PARTIAL, "1 answered, 1 failed, 0 skipped in "),
        (["empty.pdf"], ExitCode.FAILED, "monkey: empty.pdf: corrupt: "),
    ],
)
def test_the_code_tells_how_it_went_and_so_does_the_last_line(monkey, inputs, code, last):
    ended = monkey("ask", *inputs, "-q", "who?", *SHORT)

    assert ended.code == code
    assert ended.err.splitlines()[-1].startswith(last)


def test_a_document_with_an_unread_page_is_answered_in_part(monkey, monkeypatch, small_monkey):
    encode = run_module.api.Answerer.encode

    def encode_or_fail(answerer, pages, *, with_text):
        if any(page.number == 2 for page in pages):
            raise RuntimeError("no")
        return encode(answerer, pages, with_text=with_text)

    monkeypatch.setattr(run_module.api.Answerer, "encode", encode_or_fail)
    ended = monkey("ask", "a.pdf", "-q", "who?", *SHORT)

    assert ended.code == ExitCode.PARTIAL
    assert ended.out.strip()
    assert "warning: page not read: page 2: internal: RuntimeError: no" in ended.err


@pytest.mark.parametrize("words", [(), ("--quiet",)], ids=["plainly", "quietly"])
def test_a_run_that_memory_is_short_for_goes_on_with_less(monkey, monkeypatch, small_monkey, words):
    """All is answered as ever, and it is said once."""
    ask = ("ask", "a.pdf", "b.png", "--each", "page", "-q", "who?", "-q", "when?", *SHORT, *words)
    usual = monkey(*ask)
    model = type(small_monkey.model.model)
    read_on = model.read_on

    def read_or_fail(self, ids, cache):
        if len(ids) > 2:
            raise MemoryError
        return read_on(self, ids, cache)

    monkeypatch.setattr(model, "read_on", read_or_fail)
    ended = monkey(*ask)

    assert (ended.code, ended.out) == (usual.code, usual.out)
    told = "monkey: memory ran out over 8 answers at once: it goes on with fewer;"
    assert ended.err.count(told) == ended.err.count("memory") == (not words)


def test_what_is_said_of_a_page_is_said_once(monkey):
    questions = ["-q", "1?", "-q", "2?", "-q", "3?"]
    ended = monkey("ask", "empty.pdf", "b.png", *questions, *SHORT)

    assert ended.code == ExitCode.PARTIAL
    assert ended.err.count("monkey: empty.pdf: corrupt: ") == 1
    assert ended.err.count("monkey: b.png p.1: warning: cut off after 8 tokens") == 1
    assert ended.err.endswith(" Failures: empty.pdf corrupt (3 times)\n")


@pytest.mark.parametrize(
    "inputs, code",
    [(["empty.pdf", "b.png"], ExitCode.FAILED), (["b.png", "empty.pdf"], ExitCode.PARTIAL)],
)
def test_a_run_that_is_cut_short_tells_whether_anything_succeeded(monkey, inputs, code):
    ended = monkey("ask", *inputs, "-q", "who?", "--max-errors", 1, *SHORT)

    assert ended.code == code
    assert ended.err.endswith("monkey: stopped after 1 failed record (--max-errors)\n")


def test_what_a_library_prints_is_no_result(monkey, monkeypatch):
    """Not even from below Python; what Python prints is seen to in `test_cli`."""
    load = run_module.api.load

    def load_and_print(*arguments, **options):
        os.write(1, b"from below\n")
        subprocess.run(["echo", "from a child"], check=True)
        return load(*arguments, **options)

    monkeypatch.setattr(run_module.api, "load", load_and_print)
    ended = monkey("ask", "b.png", "-q", "who?", *SHORT)

    assert ended.code == ExitCode.OK
    assert len(ended.lines) == 1
    assert not ended.out.startswith(b"from")
    assert {"from below", "from a child"} <= set(ended.err.splitlines())


@pytest.fixture
def interrupt(monkeypatch):
    """Give a function that sends this process signals before a batch of pages is answered."""

    def send(number, *, at, times=1):
        finish, calls = pipeline.Run._finish, []

        def finish_or_stop(run, sheets):
            calls.append(sheets)
            if len(calls) == at:
                for _ in range(times):
                    os.kill(os.getpid(), number)
            return finish(run, sheets)

        monkeypatch.setattr(pipeline, "PAGES_AT_ONCE", {"cpu": 1})
        monkeypatch.setattr(pipeline.Run, "_finish", finish_or_stop)

    return send


@pytest.mark.parametrize(
    "number, times, code, num_done",
    [
        (signal.SIGINT, 1, ExitCode.INTERRUPTED, 2),
        (signal.SIGTERM, 1, ExitCode.TERMINATED, 2),
        (signal.SIGINT, 2, ExitCode.INTERRUPTED, 1),
    ],
)
def test_a_run_that_is_stopped_keeps_what_it_has_and_says_how_to_go_on(
    monkey, interrupt, folder, *, number, times, code, num_done
):
    words = ["ask", "a.pdf", "b.png", "-q", "who's?", "--each", "page", "-o", "out.jsonl"]
    interrupt(number, at=2, times=times)
    stopped = monkey(*words, *SHORT)

    assert stopped.code == code
    assert stopped.out == b""
    told = stopped.err.splitlines()
    assert told[-2] == f"monkey: stopped by {signal.Signals(number).name}"
    assert told[-1] == (
        "monkey: go on with: monkey ask a.pdf b.png -q 'who'\"'\"'s?' --each page -o out.jsonl"
        " --max-tokens 8 --resume"
    )
    assert (folder / "out.jsonl.part").read_bytes().count(b"\n") == 1 + num_done
    assert not (folder / "out.jsonl").exists()


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(monkey, interrupt, folder):
    words = ["ask", "a.pdf", "b.png", "-q", "who?", "-q", "when?", "--each", "page", *SHORT]
    monkey(*words, "-o", "whole.csv")
    interrupt(signal.SIGINT, at=3)
    stopped = monkey(*words, "-o", "out.csv")
    resumed = monkey(*words, "-o", "out.csv", "--resume")

    assert stopped.code == ExitCode.INTERRUPTED
    assert resumed.code == ExitCode.OK
    assert "2 answered, 0 failed, 6 skipped" in resumed.err
    assert timeless(folder / "out.csv") == timeless(folder / "whole.csv")


def timeless(path):
    with path.open(newline="") as file:
        return [{**row, "seconds": "", "confidence": ""} for row in csv.DictReader(file)]


def test_the_progress_is_not_shown_where_nobody_wants_it(monkey, monkeypatch):
    shown = []
    monkeypatch.setattr(
        run_module.Progress, "show_page", lambda self, totals: shown.append(self._is_quiet)
    )
    for words in ([], ["--quiet"], ["--no-progress"]):
        monkey("ask", "b.png", "-q", "who?", *SHORT, *words)

    assert shown == [False, True, True]


def test_facts_tell_what_ran(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["monkey", "ask", "x"])
    request = type("Request", (), {"checkpoint": "small", "adapter": None})()
    facts = run_module._facts(request)

    assert facts["command"] == ["monkey", "ask", "x"]
    assert facts["model"] == "small"
    assert {"monkeycli", "torch"} <= set(facts["versions"])
