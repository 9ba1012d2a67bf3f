"""How a run of `monkey describe` ends; what it writes is tested with the command."""

import json
import os
import signal
import subprocess
import sys

import pytest

from monkeycli import cli
from monkeycli.commands import description_run
from monkeycli.describing.providers import Providers
from monkeycli.describing.registry import Choice
from monkeycli.errors import ExitCode
from tests.describing import fake_generators as fakes
from tests.drawn_documents import draw_image


@pytest.fixture(autouse=True)
def chosen(monkeypatch, folder):
    """Choose a reader of text, and give what else to say."""
    remarks = []
    providers = Providers(text_finder=fakes.TextFinder())
    monkeypatch.setattr(
        description_run, "choose_providers", lambda *_, **__: Choice(providers, tuple(remarks))
    )
    draw_image(folder / "a.png", seed=1)
    draw_image(folder / "b.png", seed=2)
    return remarks


def describe(*words):
    return cli.run(["describe", *words])


def test_who_cannot_be_had_is_told_but_not_quietly(chosen, capfd):
    chosen.append("--text ocr is installed, but cannot be had: no")
    describe("a.png")
    assert capfd.readouterr().err.startswith("monkey: --text ocr is installed")

    describe("a.png", "--quiet")
    assert capfd.readouterr().err == ""


def test_the_facts_of_a_run_name_its_generators(folder):
    describe("a.png", "-o", "out.jsonl")
    facts = json.loads((folder / "out.jsonl.run.json").read_bytes())

    assert facts["status"] == "finished"
    assert facts["stages"]["text"] == "fake-text@1"
    assert facts["command"] == sys.argv


def test_a_signal_stops_it_between_two_stages_and_what_was_done_is_kept(folder, monkeypatch, capfd):
    class Stopper(fakes.TextFinder):
        def answer(self, image):
            if self.num_seen == 2:
                os.kill(os.getpid(), signal.SIGINT)
            return super().answer(image)

    stopping = Choice(Providers(text_finder=Stopper()))
    monkeypatch.setattr(description_run, "choose_providers", lambda *_, **__: stopping)
    words = ["a.png", "b.png", "--batch-size", "1", "-o", "out.jsonl"]
    code = describe(*words, "--report", "r.html")

    assert code == ExitCode.INTERRUPTED
    err = capfd.readouterr().err
    assert "monkey: go on with: monkey describe a.png b.png" in err
    assert not (folder / "r.html").exists()
    assert (folder / "out.jsonl.part").read_bytes().count(b"\n") == 2  # its head, and one record
    assert (folder / "out.jsonl.stages").read_bytes().count(b"\n") == 3


def test_torch_is_not_imported_where_nobody_needs_it(folder):
    program = (
        "import sys\n"
        "from monkeycli import cli\n"
        "code = cli.run(['describe', 'a.png', '--captions', 'beside', '--text', 'none'"
        ", '--global', 'none', '--region', 'none', '--segment', 'none'])\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules\n"
        "sys.exit(code)\n"
    )
    (folder / "a.txt").write_text("Rex at play")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout == b'The caption that came with it reads "Rex at play".\n'
