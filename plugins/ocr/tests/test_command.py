"""`monkey ocr` as a user meets it; the engine is made up, all else is real."""

import io
import json
import subprocess
import sys
from contextlib import nullcontext
from importlib.metadata import entry_points

import pytest
from monkey_ocr import run as run_module
from monkey_ocr.command import ocr
from monkey_ocr.engine import OcrReader
from monkey_ocr.lines import Line
from PIL import Image

from monkeycli.cli import monkey as group
from monkeycli.cli import run as run_cli
from monkeycli.errors import ItemError
from monkeycli.signals import StopRequest


class Finder:
    """Finds a line that names the corner's grey; nothing on white, and fails on red."""

    def find(self, image):
        if image.getpixel((0, 0)) == (255, 0, 0):
            raise ItemError("internal", "RapidOCR failed on the page", stage="encode")
        if image.getpixel((0, 0)) == (255, 255, 255):
            return []
        corners = ((10, 10), (90, 10), (90, 30), (10, 30))
        return [Line(f"grey {image.getpixel((0, 0))[0]}", 0.95, corners)]


@pytest.fixture
def monkey(tmp_path, monkeypatch, capfdbinary):
    """Run `monkey ocr` in a folder of its own, and give (code, out, err)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_module, "OcrReader", lambda: OcrReader(Finder()))
    monkeypatch.setattr(run_module, "engine_name", lambda: "rapidocr@test")
    monkeypatch.setitem(group.commands, "ocr", ocr)

    def run(*words, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        code = run_cli(["ocr", *words])
        out, err = capfdbinary.readouterr()
        return int(code), out.decode(), err.decode()

    return run


def _draw(name, color):
    Image.new("RGB", (300, 300), color).save(name)


def test_one_page_gives_its_text_alone(monkey):
    _draw("a.png", (7, 7, 7))

    assert monkey("a.png") == (0, "grey 7\n", "")


def test_several_pages_stand_under_headings_in_order(monkey):
    _draw("b.png", (8, 8, 8))
    _draw("a.png", (7, 7, 7))
    code, out, err = monkey("b.png", "a.png")

    assert code == 0
    assert out == "==> b.png p.1 <==\ngrey 8\n\n==> a.png p.1 <==\ngrey 7\n\n"
    assert "2 pages read, 0 failed" in err


def test_records_have_words_and_boxes(monkey):
    _draw("a.png", (7, 7, 7))
    code, out, _ = monkey("a.png", "--format", "jsonl")
    record = json.loads(out)

    assert code == 0
    assert record["text"] == "grey 7\n"
    assert record["words"] == ["grey", "7"]
    assert len(record["boxes"]) == 2
    assert record["model"] == "rapidocr@test"


def test_a_blank_page_is_no_failure_but_said(monkey):
    _draw("a.png", "white")

    assert monkey("a.png") == (0, "", "monkey: a.png p.1: no text found\n")
    assert monkey("a.png", "--quiet") == (0, "", "")


@pytest.mark.parametrize("good, code", [(True, 3), (False, 4)])
def test_what_fails_is_a_record_and_the_run_goes_on(monkey, tmp_path, good, code):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    _draw("b.png", (255, 0, 0))
    _draw("c.png", (7, 7, 7))
    ended, _, err = monkey("a.png", "b.png", *["c.png"] * good, "-o", "out.jsonl", "--quiet")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]

    assert ended == code
    assert [record["status"] for record in records] == ["error", "error", "ok"][: 2 + good]
    assert records[0]["error"]["code"] == "corrupt"
    assert records[1]["error"]["code"] == "internal"
    assert len(err.splitlines()) == 2


def test_stdin_is_read(monkey):
    data = io.BytesIO()
    Image.new("RGB", (300, 300), (7, 7, 7)).save(data, "PNG")

    assert monkey("-", stdin=data.getvalue())[:2] == (0, "grey 7\n")


def test_an_existing_file_needs_overwrite(monkey, tmp_path):
    _draw("a.png", (7, 7, 7))
    (tmp_path / "out.txt").write_text("kept")

    assert monkey("a.png", "-o", "out.txt")[0] == 2
    assert (tmp_path / "out.txt").read_text() == "kept"
    assert monkey("a.png", "-o", "out.txt", "--overwrite")[0] == 0
    assert (tmp_path / "out.txt").read_text() == "grey 7\n"


def test_pages_that_were_read_are_kept_when_it_is_stopped(monkey, tmp_path, monkeypatch):
    class SecondTime(StopRequest):
        """Is made when it is asked the second time, as if Ctrl-C came during the first page."""

        asked = 0

        @property
        def is_made(self):
            self.asked += 1
            if self.asked == 2:
                self.number = 2
            return super().is_made

    monkeypatch.setattr(run_module, "stop_on_signals", lambda: nullcontext(SecondTime()))
    for name in "abc":
        _draw(f"{name}.png", (7, 7, 7))
    code, _, err = monkey("a.png", "b.png", "c.png", "-o", "out.jsonl")

    assert code == 130
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 1
    assert "stopped by SIGINT" in err


@pytest.mark.parametrize(
    "words", [(), ("none.png",), ("a.png", "--pages", "0"), ("a.png", "-f", "csv")]
)
def test_wrong_usage_runs_nothing(monkey, words):
    _draw("a.png", (7, 7, 7))
    code, out, err = monkey(*words)

    assert (code, out) == (2, "")
    assert err


def test_help_imports_nothing_heavy():
    heavy = {"numpy", "PIL", "torch", "pymupdf", "rapidocr", "cv2"}
    program = (
        f"import sys; import monkey_ocr.command; sys.exit(' '.join({heavy} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
    )

    assert done.stderr.strip() == ""


@pytest.mark.parametrize("name, thing", [("texts", OcrReader), ("commands", ocr)])
def test_entry_points_lead_to_the_code(name, thing):
    found = entry_points(group=f"monkeycli.{name}", name="ocr")
    if not found:
        pytest.skip("monkey-ocr is not installed: pip install ./plugins/ocr")
    (entry,) = found

    assert entry.load() is thing
