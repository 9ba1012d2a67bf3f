"""A reader that misbehaves on demand, installed as a plugin, and a look at what processes live."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monkeycli import plugins

FAULTY_READER = '''
import json, os, signal, sys, time
from monkeycli.errors import ItemError
from monkeycli.reading.reader import PageShape


def behave(act):
    """A page is a word that says what happens when it is read."""
    if act == "hang":
        time.sleep(1000)
    elif act == "spin":
        while True:
            pass
    elif act == "exit":
        os._exit(7)
    elif act == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif act == "print":
        print("noise")
        sys.stdout.flush()
        os.write(1, b"noise" * 1000)
        os.write(2, b"noise" * 100_000)
        assert sys.stdin.read() == ""
    elif act == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
    elif act == "divide":
        1 / 0
    elif act == "refuse":
        raise ItemError("corrupt", "as ordered", "order something else", stage="render")
    elif act == "eat":
        bytearray(8 << 30)
    elif act == "write":
        with open("/tmp/monkey-must-not-write", "w") as file:
            file.write("x")
    elif act.startswith("sleep"):
        time.sleep(float(act.removeprefix("sleep")))


class Faulty:
    def __init__(self, data, options):
        self.acts = bytes(data).decode().splitlines()[1:]
        self.num_pages = len(self.acts)

    def describe(self, number):
        return PageShape(100, 100, has_pixels=True, label=f"p{number}")

    def render(self, number, canvas):
        behave(self.acts[number - 1])
        size = 3 * canvas[0] * canvas[1]
        return bytes([number % 256]) * (size - (self.acts[number - 1] == "short"))

    def text(self, number):
        if self.acts[number - 1] == "odd text":
            return "a\\udcff\\0b\\n"
        return json.dumps({"environment": dict(os.environ), "pid": os.getpid()})


def open_faulty(data, options):
    behave(bytes(data).decode().splitlines()[0])
    return Faulty(data, options)
'''


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Install the reader for `.faulty` files; give a function that writes one and names it."""
    site = tmp_path / "site"
    info = site / "faulty-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[monkeycli.readers]\nfaulty = faulty_reader:open_faulty\nbroken = nowhere:open\n"
    )
    (site / "faulty_reader.py").write_text(FAULTY_READER)
    monkeypatch.syspath_prepend(site)
    plugins._find_plugins.cache_clear()

    def write(*acts: str, opening: str = "", name: str = "a") -> str:
        path = tmp_path / f"{name}.faulty"
        path.write_text("\n".join([opening, *acts]))
        return str(path)

    yield write
    plugins._find_plugins.cache_clear()


def _children() -> set[int]:
    """Give the living children of this process, zombies included."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text()
            except OSError:
                continue
            if int(status.rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(entry.name))
    return found


@pytest.fixture
def children() -> Callable[[], set[int]]:
    """Give a function that gives the children this test has started and not reaped."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("there is no /proc here")
    before = _children()
    return lambda: _children() - before
