"""What the machine may do to a run: a full disk, a folder that goes, a clock, a second run."""

import json
import os
import shutil

import pytest

from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image
from tests.trust.drawn_sites import FAKES, draw_faulty_site, draw_generator_site, write_faulty

ASK = ("ask", "docs", "-q", "who?", "--each", "page", "--quiet")
CAPTION = ("caption", "docs", "--quiet")
DESCRIBE = ("describe", "docs", *FAKES, "--batch-size", 2, "--quiet")
PREPARATIONS = "tests.trust.preparations:"


@pytest.fixture
def folder(folder):
    (folder / "docs").mkdir()
    for number in range(9):
        draw_image(folder / "docs" / f"{number}.png", seed=number)
    return folder


@pytest.fixture
def sites(tmp_path):
    return [draw(tmp_path / draw.__name__) for draw in (draw_faulty_site, draw_generator_site)]


def loads(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def known(records):
    return [{key: value for key, value in one.items() if key != "seconds"} for one in records]


@pytest.mark.parametrize(
    "words, size, full",
    [
        (ASK, 3000, "out.jsonl.part"),
        (CAPTION, 3000, "out.jsonl.part"),
        (DESCRIBE, 6000, "out.jsonl.part"),
        ((*DESCRIBE, "--report", "out.html"), 40_000, "out.html"),
    ],
    ids=["ask", "caption", "describe", "report"],
)
def test_a_full_disk_ends_a_run_that_can_be_resumed(monkey, folder, sites, *, words, size, full):
    whole = monkey(*words[: words.index("--quiet") + 1], "-o", "whole.jsonl", sites=sites)
    stopped = monkey(*words, "-o", "out.jsonl", sites=sites, max_file=size)
    left = sorted(path.name for path in folder.glob("out*"))
    resumed = monkey(*words, "-o", "out.jsonl", "--resume", sites=sites)

    assert (whole.code, stopped.code, resumed.code) == (ExitCode.OK, ExitCode.OUTPUT, ExitCode.OK)
    assert f"monkey: {full}: the disk is full after " in stopped.err
    assert stopped.err.endswith("mend that, then run again with --resume\n")
    assert "out.jsonl" not in left and "out.jsonl.part" in left
    assert known(loads(folder / "out.jsonl")) == known(loads(folder / "whole.jsonl"))


def test_a_disk_that_is_full_before_the_first_record_is_told(monkey, folder):
    ended = monkey(*ASK, "-o", "out.jsonl", max_file=200)

    assert ended.code == ExitCode.OUTPUT
    assert ended.err.startswith("monkey: out.jsonl.run.json: the disk is full after ")
    assert not (folder / "out.jsonl").exists()


def remove_folder(folder):
    shutil.rmtree(folder / "there")


def move_folder(folder):
    (folder / "there").rename(folder / "moved")


def remove_journal(folder):
    (folder / "there" / "out.jsonl.part").unlink()


def replace_folder(folder):
    shutil.rmtree(folder / "there")
    (folder / "there").mkdir()


@pytest.mark.parametrize("harm", [remove_folder, move_folder, remove_journal, replace_folder])
def test_a_run_whose_output_is_removed_stops_and_says_so(start, folder, sites, harm):
    """It neither goes on for hours for nothing nor writes where something else may be now."""
    (folder / "there").mkdir()
    write_faulty(folder / "slow.faulty", *["fine"] * 3, *["sleep0.3"] * 300)
    running = start(
        *("ask", "slow.faulty", "-q", "who?", "--each", "page", "-o", "there/out.jsonl"),
        sites=sites,
    )
    part = folder / "there" / "out.jsonl.part"
    running.wait_until(lambda: part.exists() and part.read_bytes().count(b"\n") > 2)
    harm(folder)
    ended = running.wait()

    assert ended.code == ExitCode.OUTPUT
    told = "monkey: there/out.jsonl.part was removed, moved or replaced while it was written"
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert not (folder / "there" / "out.jsonl").exists()


def test_a_folder_that_was_moved_can_be_gone_on_with(start, monkey, folder, sites):
    (folder / "there").mkdir()
    write_faulty(folder / "slow.faulty", *["fine"] * 3, *["sleep0.1"] * 30)
    words = ("ask", "slow.faulty", "-q", "who?", "--each", "page", "-o")
    running = start(*words, "there/out.jsonl", sites=sites)
    part = folder / "there" / "out.jsonl.part"
    running.wait_until(lambda: part.exists() and part.read_bytes().count(b"\n") > 2)
    move_folder(folder)
    assert running.wait().code == ExitCode.OUTPUT

    resumed = monkey(*words, "moved/out.jsonl", "--resume", sites=sites)
    assert resumed.code == ExitCode.OK
    assert " 0 skipped" not in resumed.err
    assert len(loads(folder / "moved" / "out.jsonl")) == 33


def test_a_clock_that_goes_backwards_changes_nothing(monkey, folder):
    ended = monkey(*ASK, "-o", "out.jsonl", prepare=f"{PREPARATIONS}turn_back_the_clock")
    usual = monkey(*ASK, "-o", "usual.jsonl")

    assert (ended.code, usual.code) == (ExitCode.OK, ExitCode.OK)
    assert known(loads(folder / "out.jsonl")) == known(loads(folder / "usual.jsonl"))
    facts = json.loads((folder / "out.jsonl.run.json").read_bytes())
    assert facts["seconds"] >= 0
    assert facts["started"] <= facts["ended"]


def test_an_input_from_the_future_is_an_input(monkey, folder):
    path = folder / "docs" / "0.png"
    os.utime(path, (2**33, 2**33))

    assert monkey(*ASK, "-o", "out.jsonl").code == ExitCode.OK


@pytest.mark.parametrize("words", [[], ["--resume"], ["--overwrite"]], ids=str)
def test_a_second_run_on_one_output_is_refused(start, monkey, folder, sites, words):
    """And the first goes on as if nothing had been."""
    write_faulty(folder / "slow.faulty", *["sleep0.2"] * 5, "sleep8")
    ask = ("ask", "slow.faulty", "-q", "who?", "--each", "page", "-o", "out.jsonl")
    first = start(*ask, sites=sites)
    part = folder / "out.jsonl.part"
    first.wait_until(lambda: part.exists() and part.read_bytes().count(b"\n") > 1)
    second = monkey(*ask, *words, sites=sites)

    assert second.code == ExitCode.OUTPUT
    assert f"out.jsonl.part is being written by process {first.pid} on " in second.err
    assert first.wait().code == ExitCode.OK
    assert len(loads(folder / "out.jsonl")) == 6


def test_two_runs_share_a_file_of_stages_one_after_the_other(start, monkey, folder, sites):
    write_faulty(folder / "slow.faulty", *["sleep0.2"] * 5, "sleep8")
    words = ("describe", "slow.faulty", *FAKES, "--batch-size", 1, "--stages", "kept", "-o")
    first = start(*words, "first.jsonl", sites=sites)
    part = folder / "first.jsonl.part"
    first.wait_until(lambda: part.exists() and part.read_bytes().count(b"\n") > 1)
    second = monkey(*words, "second.jsonl", sites=sites)

    assert second.code == ExitCode.OUTPUT
    assert "kept is being written by another run" in second.err
    assert first.wait().code == ExitCode.OK
    assert monkey(*words, "second.jsonl", "--resume", sites=sites).code == ExitCode.OK
    assert loads(folder / "first.jsonl") == loads(folder / "second.jsonl")
