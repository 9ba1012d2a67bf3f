"""Run the command line in this process, in a folder of its own, with the small checkpoint."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from monkeycli import cli


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: bytes
    """What it wrote to standard output."""
    err: str
    """What it wrote to standard error."""

    @property
    def lines(self) -> list[str]:
        """Its standard output, line by line."""
        return self.out.decode().splitlines()

    @property
    def records(self) -> list[dict[str, object]]:
        """Its standard output, which is JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder that the command runs in; what is installed beside us changes nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("monkeycli.api.has_text_reader", lambda: False)
    return tmp_path


@pytest.fixture
def monkey(
    small_folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ended]:
    """Give a function that runs a command: `monkey("ask", "a.pdf", "-q", "who?")`."""
    for name, value in {"MODEL": small_folder, "DEVICE": "cpu", "DTYPE": "float32"}.items():
        monkeypatch.setenv(f"MONKEY_{name}", str(value))

    def run(*words: object, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        code = cli.run([str(word) for word in words])
        out, err = capfdbinary.readouterr()
        return Ended(code, out, err.decode())

    return run
