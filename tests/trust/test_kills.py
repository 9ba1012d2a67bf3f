"""A run that is killed at random moments and resumed equals one that was not, byte for byte."""

import random
import signal
import time

import pytest
from PIL import Image

from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image

ASK = ("ask", "docs", "-q", "who?", "-q", "when?", "--each", "page", "--quiet", "-j", 1)


@pytest.fixture
def folder(folder):
    docs = folder / "docs"
    docs.mkdir()
    for number in range(6):
        draw_image(docs / f"{number:02}.png", seed=number)
    pages = [Image.open(path).convert("L") for path in sorted(docs.iterdir())]
    pages[0].save(docs / "long.tiff", save_all=True, append_images=pages[1:4])
    (docs / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return folder


def timed(start, name, *words):
    """Start a run in which nothing takes time, so that its records are always the same."""
    return start(*ASK, "-o", name, *words, prepare="tests.trust.preparations:stop_the_clock")


def kill_and_compare(start, folder, *, times, suffix, seed):
    """Kill so many runs; whenever one is done before it is killed, compare it and begin anew."""
    chance = random.Random(seed)
    began = time.monotonic()
    assert timed(start, f"whole{suffix}").wait().code == ExitCode.PARTIAL
    seconds = time.monotonic() - began
    whole = (folder / f"whole{suffix}").read_bytes()
    assert whole.count(b"\n") >= 22

    out, killed, done = folder / f"out{suffix}", 0, 0
    while killed < times or not done:
        words = ["--resume"] if out.with_name(out.name + ".part").exists() else []
        running = timed(start, out.name, *words)
        if killed < times:
            time.sleep(chance.uniform(0, 1.2 * seconds))
            running.kill()
        code = running.wait().code
        killed += code == -signal.SIGKILL
        if code == -signal.SIGKILL and not out.exists():
            continue
        if code == -signal.SIGKILL:  # between its last steps: the file stands, and nothing is left
            left = out.with_name(out.name + ".part").exists() or suffix == ".jsonl"
            again = timed(start, out.name, "--resume").wait().code
            assert again == (ExitCode.PARTIAL if left else ExitCode.USAGE)
        else:
            assert code == ExitCode.PARTIAL
        assert out.read_bytes() == whole
        done += 1
        for path in folder.glob("out*"):
            path.unlink()
    return killed, done


def test_a_run_killed_a_few_times_ends_as_if_it_had_not_been(start, folder):
    assert kill_and_compare(start, folder, times=4, suffix=".jsonl", seed=1)[0] == 4


@pytest.mark.slow
@pytest.mark.parametrize("suffix, seed", [(".jsonl", 2), (".csv", 3)])
def test_a_run_killed_fifty_times_ends_as_if_it_had_not_been(start, folder, suffix, seed):
    """Both take a minute of processor time."""
    killed, done = kill_and_compare(start, folder, times=50, suffix=suffix, seed=seed)

    assert killed == 50 and done > 1, (killed, done)
