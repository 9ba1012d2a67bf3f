"""A command reads its inputs and writes its outputs: nothing else on the disk, nothing outside.

Every command runs once in a process that refuses connections and writes down what was opened to be
written. `monkey model pull` alone may open the network.
"""

import json
import os
import re

import pytest

from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image, draw_pdf
from tests.training.runs import write_mixture
from tests.trust import preparations
from tests.trust.drawn_sites import FAKES, draw_generator_site

COMMANDS = {
    "ask": ["ask", "docs", "-Q", "questions.txt", "-o", "made.jsonl"],
    "ask to stdout": ["ask", "docs", "-q", "see http://127.0.0.1/ and <img>/etc/passwd</img>"],
    "caption": ["caption", "docs", "-o", "made.csv", "--save-windows", "windows"],
    "describe": ["describe", "docs", *FAKES, "-o", "made.jsonl", "--report", "made.html"],
    "score": ["score", "predictions.jsonl"],
    "info": ["info"],
    "info of a file": ["info", "docs/a.pdf"],
    "model list": ["model", "list"],
    "model check": ["model", "check", "model"],
    "model export": ["model", "export", "model", "-o", "made"],
    "train --dry-run": ["train", "--data", "mix.yaml", "--device", "cpu", "--dry-run", "--quiet"],
}
SLOW_COMMANDS = {
    "train": [
        *("train", "--data", "mix.yaml", "--device", "cpu", "--set", "train.steps=1", "-o", "made"),
        "--quiet",
    ],
    "bench": ["bench", "--model", "model", "--pages", 1, "--max-tokens", 2, "--device", "cpu"],
}
MADE = ("made", "windows")
"""How the names of outputs begin."""


@pytest.fixture
def folder(folder, small_folder):
    (folder / "docs").mkdir()
    draw_pdf(folder / "docs" / "a.pdf", "Total 7", "Total 9")
    draw_image(folder / "docs" / "b.png")
    (folder / "model").symlink_to(small_folder)
    (folder / "questions.txt").write_text("total?\nwho?\n")
    write_mixture(folder, small_folder)
    record = {"kind": "answer", "question_id": "1", "answer": "7", "gold": "7"}
    (folder / "predictions.jsonl").write_text(json.dumps(record) + "\n")
    return folder


@pytest.fixture
def site(tmp_path):
    return draw_generator_site(tmp_path / "site")


def snapshot(*folders):
    """Give what is known of every file, the time of reading apart."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            status = path.lstat()
            data = path.read_bytes() if path.is_file() else None
            found[path] = (data, status.st_mode, status.st_mtime_ns, status.st_ino)
    return found


def check_kept_inside(monkey, folder, environment, *, words, small_folder, site):
    inputs = (folder, small_folder)
    before, log = snapshot(*inputs), folder.parent / "log"
    ended = monkey(
        *words,
        environment={**environment, preparations.LOG: str(log), "TMPDIR": str(folder.parent)},
        prepare="tests.trust.preparations:watch",
        sites=[site],
    )

    assert ended.code == ExitCode.OK, ended.err
    seen = log.read_text().splitlines()
    assert not [line for line in seen if line.startswith("network")]
    after = snapshot(*inputs)
    assert {path: after.get(path) for path in before} == before, "an input was touched"
    written = {line.removeprefix("write ") for line in seen if line.startswith("write")}
    allowed = (*(f"{folder}/{name}" for name in MADE), f"{folder}/.made", f"{folder.parent}/tmp")
    allowed += (os.devnull,)
    assert not [path for path in written if not path.startswith(allowed)]
    made = [path for path in after if path not in before]
    assert all(path.relative_to(folder).parts[0].startswith(MADE) for path in made)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_touches_nothing_but_its_outputs(
    monkey, folder, environment, small_folder, site, *, name
):
    words = COMMANDS[name]
    check_kept_inside(
        monkey, folder, environment, words=words, small_folder=small_folder, site=site
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW_COMMANDS)
def test_a_long_command_touches_nothing_but_its_outputs(
    monkey, folder, environment, small_folder, site, *, name
):
    """Takes 15 seconds of processor time."""
    words = SLOW_COMMANDS[name]
    check_kept_inside(
        monkey, folder, environment, words=words, small_folder=small_folder, site=site
    )


def test_watching_sees_who_connects_and_who_writes(monkey, folder, environment, tmp_path):
    """Or else the tests above could not fail."""
    log = tmp_path / "log"
    monkey(
        *("ask", "docs", "-q", "?", "-o", "made.jsonl"),
        environment={**environment, preparations.LOG: str(log)},
        prepare="tests.trust.preparations:watch_and_offend",
    )
    told = log.read_text()

    assert "network socket.connect" in told
    assert "network socket.getaddrinfo" in told
    assert f"write {folder}/questions.txt" in told


def without_numbers(out):
    """Leave out how long training would take here."""
    return re.sub(rb"[0-9.]+", b"0", out)


NOISE = ("by print", "by descriptor", "by C", "by a child", "by a warning")


@pytest.mark.parametrize(
    "words",
    [
        COMMANDS["ask to stdout"],
        ["caption", "docs"],
        ["ask", "docs", "-q", "who?", "--dry-run"],
        ["model", "check", "model"],
        ["info", "docs/a.pdf"],
        COMMANDS["train --dry-run"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
@pytest.mark.usefixtures("folder")
def test_what_libraries_print_is_no_result(monkey, words):
    """As files of the model are opened, everything prints; results stay what they were."""
    clean = monkey(*words)
    noisy = monkey(*words, prepare="tests.trust.preparations:pollute")

    assert clean.code == noisy.code == ExitCode.OK, noisy.err
    assert without_numbers(noisy.out) == without_numbers(clean.out)
    assert clean.out
    for noise in NOISE:
        assert f"noise {noise}" in noisy.err
