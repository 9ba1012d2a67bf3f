"""`monkey train` as a user meets it; how a run goes is tested with the training package."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from monkeycli.errors import ExitCode
from monkeycli.training import session
from tests.training.runs import write_mixture

SHORT = ("--set", "train.steps=1", "--log", "none", "--device", "cpu")


@pytest.fixture(autouse=True)
def plots(monkeypatch):
    """Draw nothing: it takes longer than the steps."""
    monkeypatch.setattr(session, "draw_loss", lambda _: None)
    monkeypatch.setattr(session, "draw_evaluations", lambda _: None)


@pytest.fixture
def mixture(folder, small_folder):
    return write_mixture(folder, small_folder)


def test_a_run_prints_its_folder_and_scores_and_nothing_else(monkey, folder, mixture):
    ended = monkey("train", "--data", mixture, "-o", "run", *SHORT)

    assert ended.code == ExitCode.OK, ended.err
    assert ended.lines == ["run", "held-out\tanls\t1\t0\t-\t-"]
    assert "step 1: held-out: anls 0, n=1" in ended.err
    assert re.search(r"1 of 1 steps done, loss \S+; kept are the weights of step 1", ended.err)
    command = (folder / "run" / "run.yaml").read_text()
    assert "command:\n- monkey\n" in command

    answered = monkey("ask", "other.pdf", "-q", "total?", "-m", "run", "--max-tokens", 8)
    assert answered.code == ExitCode.OK, answered.err


def test_quietly_only_results_are_said(monkey, mixture):
    ended = monkey("train", "--data", mixture, "-o", "run", "--quiet", *SHORT)
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    assert ended.lines[0] == "run"


def test_a_folder_in_use_is_a_usage_error(monkey, folder, mixture):
    (folder / "run").mkdir()
    (folder / "run" / "thing").write_text("")
    ended = monkey("train", "--data", mixture, "-o", "run", *SHORT)

    assert (ended.code, ended.out) == (ExitCode.USAGE, b"")
    assert "run is there already; go on with --resume, or choose another folder" in ended.err


def test_a_dry_run_shows_the_mix_and_makes_nothing(monkey, folder, mixture):
    before = sorted(folder.rglob("*"))
    ended = monkey("train", "--data", mixture, "--dry-run", "--device", "cpu")

    assert ended.code == ExitCode.OK, ended.err
    assert "vqa" in ended.out.decode() and "6 steps" in ended.out.decode()
    assert sorted(folder.rglob("*")) == before


def test_a_dry_run_names_every_problem(monkey, folder, mixture):
    with (folder / "learn.jsonl").open("a") as file:
        file.write('{"image": "nowhere.png", "question": "a?", "answer": "b"}\n{"image": 7}\n')
    ended = monkey("train", "--data", mixture, "--dry-run", "--device", "cpu")

    assert ended.code == ExitCode.USAGE
    assert re.search(r"learn\.jsonl:8: .*nowhere\.png does not exist", ended.err)
    assert "learn.jsonl:9: " in ended.err
    assert "2 problems in" in ended.err


def test_what_is_typed_counts_more_than_the_mixture_and_what_is_set_does_not(
    monkey, folder, mixture, monkeypatch
):
    monkeypatch.setenv("MONKEY_MODEL", "nowhere")
    words = ("train", "--data", mixture, "--dry-run", "--device", "cpu")
    assert monkey(*words).code == ExitCode.OK

    ended = monkey(*words, "-m", "nowhere")
    assert ended.code == ExitCode.USAGE
    assert "'nowhere' is neither a model's name nor a folder" in ended.err
    ended = monkey(*words, "--set", "tune.method=lora", "--method", "full")
    full = re.search(r"^(.*) weights learn, (.*)% of the model", ended.out.decode(), re.MULTILINE)
    assert full and float(full[2]) > 50


@pytest.mark.parametrize(
    "words, told",
    [
        ([], "Missing option '--data'"),
        (["--data", "mix.yaml"], "Missing option '-o' / '--output'"),
        (["--data", "nothing.yaml", "-o", "run"], "nothing.yaml is no file"),
        (["--data", "mix.yaml", "-o", "run", "--set", "train.lrr=1"], "'lrr'"),
        (["--data", "mix.yaml", "-o", "run", "--method", "magic"], "'magic' is not one of"),
        (["--data", "mix.yaml", "-o", "run", "--device", "abacus"], "device 'abacus' is not one"),
        (["--data", "mix.yaml", "-o", "run", "--eval-every", "0"], "0 is not in the range"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_made(monkey, folder, mixture, words, told):
    ended = monkey("train", *words)

    assert (ended.code, ended.out) == (ExitCode.USAGE, b"")
    assert told in ended.err
    assert not (folder / "run").exists()


def test_a_full_disk_has_its_own_code(monkey, folder, mixture, monkeypatch):
    (folder / "full").write_text("no folder")
    ended = monkey("train", "--data", mixture, "-o", "full/run", *SHORT)
    assert (ended.code, ended.out) == (ExitCode.OUTPUT, b"")
    assert "full/run cannot be made: Not a directory" in ended.err


@pytest.mark.slow
def test_ctrl_c_saves_says_how_to_go_on_and_ends_with_130(folder, mixture):
    words = [sys.executable, "-m", "monkeycli", "train", "--data", "mix.yaml", "-o", "run"]
    words += ["--device", "cpu", "--log", "none", "--set", "train.steps=100000"]
    words += ["--set", "train.save_every=100000", "--set", "train.eval_every=100000"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    log = folder / "run" / "log.jsonl"
    while process.poll() is None and not (log.exists() and log.read_bytes().count(b"\n") > 2):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)

    assert process.returncode == ExitCode.INTERRUPTED, err
    assert "stopping after the work in flight" in err
    assert "go on with: monkey train --data mix.yaml -o run" in err and "--resume" in err
    assert out.splitlines() == ["run"]
    last = json.loads(log.read_text().splitlines()[-1])["step"]
    assert (folder / "run" / f"step-{last}").is_dir()
    assert (folder / "run" / "model" / "config.json").is_file()
