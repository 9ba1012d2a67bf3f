"""`monkey describe` as a user meets it, with made-up generators that are installed like plugins."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monkeycli.describing import registry
from monkeycli.describing.providers import STAGES, group_of
from monkeycli.errors import ExitCode
from tests.describing import fake_generators as fakes
from tests.drawn_documents import draw_image, draw_pdf

ROOT = Path(__file__).parents[2]
GROUPS = {group_of(stage): getattr(fakes, fakes.NAMES[stage]) for stage in STAGES}
NAMES = ("--global", "--region", "--segment", "--text", "--match", "--fuse")
FAKES = [word for name in NAMES for word in (name, "fake")]


@pytest.fixture(autouse=True)
def generators(monkeypatch):
    monkeypatch.setattr(registry, "plugin_names", lambda group: ["fake"] * (group in GROUPS))
    monkeypatch.setattr(registry, "load_plugin", lambda group, _: GROUPS[group])
    monkeypatch.setattr(registry, "_reads_pixels", lambda: False)


@pytest.fixture(autouse=True)
def images(folder):
    for number, name in enumerate("abc"):
        draw_image(folder / f"{name}.png", seed=number, size=(300, 400))
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return folder


def records(folder, name="out.jsonl"):
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


def test_one_image_gives_its_description_alone(monkey):
    ended = monkey("describe", "a.png")

    assert ended.code == ExitCode.OK
    assert ended.lines[0].startswith("A ")
    assert len(ended.lines) == 1


def test_several_images_have_a_line_each(monkey):
    ended = monkey("describe", "a.png", "b.png")

    assert [line.split("\t")[:2] for line in ended.lines] == [["a.png", "1"], ["b.png", "1"]]
    assert "2 described, 0 failed, 0 skipped" in ended.err


def test_records_tell_everything(monkey, folder):
    ended = monkey("describe", "a.png", *FAKES, "-o", "out.jsonl")
    (record,) = records(folder)

    assert ended.code == ExitCode.OK
    assert record["kind"] == "description"
    assert record["stages"] == {stage: f"fake-{stage}@1" for stage in STAGES} | {
        "segment": "fake-segment@1"
    }
    assert {item["kind"] for item in record["evidence"]} == {"global", "region", "segment", "text"}
    assert [item["text"] for item in record["dropped"]] == ["a dog", "smudge"]
    assert all(item["why"] for item in record["dropped"])
    assert sorted(path.name for path in folder.glob("out*")) == ["out.jsonl", "out.jsonl.run.json"]


def test_a_stage_can_be_switched_off(monkey, folder):
    monkey("describe", "a.png", "--region", "none", "--fuse", "none", "-o", "out.jsonl")
    (record,) = records(folder)

    assert record["stages"]["region"] is None
    assert "region" not in {item["kind"] for item in record["evidence"]}
    assert record["description"] is None


def test_thresholds_are_options(monkey, folder):
    monkey("describe", "a.png", "--min-text", "0.4", "--max-overlap", "1", "-o", "out.jsonl")

    assert {item["text"] for item in records(folder)[0]["evidence"]} >= {"smudge"}


def test_bad_images_are_records_and_the_run_goes_on(monkey, folder):
    (folder / "list").write_text("a.png\nbad.png\nmissing.png\nc.png\n")
    ended = monkey("describe", "--files-from", "list", "-o", "out.jsonl")

    assert ended.code == ExitCode.PARTIAL
    codes = [record["error"] and record["error"]["code"] for record in records(folder)]
    assert codes == [None, "corrupt", "not_found", None]
    assert "monkey: bad.png" in ended.err
    assert "2 described, 2 failed" in ended.err


@pytest.mark.parametrize("stage", STAGES)
def test_a_generator_that_raises_is_a_record_and_can_be_tried_again(
    monkey, folder, monkeypatch, stage
):
    arguments = ["describe", "a.png", *FAKES, "-o", "out.jsonl"]
    monkeypatch.setenv("FAKE_FAULT", f"{stage}:raise:1")
    ended = monkey(*arguments)

    assert ended.code == ExitCode.FAILED
    (record,) = records(folder)
    assert (record["error"]["code"], record["error"]["stage"]) == ("internal", stage)
    assert (record["evidence"], record["description"]) == (None, None)
    assert (folder / "out.jsonl.stages").exists()

    monkeypatch.delenv("FAKE_FAULT")
    ended = monkey(*arguments, "--resume", "--retry-failed")
    assert ended.code == ExitCode.OK
    assert records(folder)[0]["status"] == "ok"
    assert not (folder / "out.jsonl.stages").exists()


def test_a_generator_without_weights_ends_the_run(monkey, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", "region:model:1")
    ended = monkey("describe", "a.png", "b.png")

    assert ended.code == ExitCode.MODEL
    assert ended.err.endswith("monkey: no weights; pull them\n")


def test_nothing_found_is_no_failure(monkey, folder, monkeypatch):
    class Blind(fakes.TextFinder):
        def answer(self, image):
            return []

    monkeypatch.setitem(GROUPS, group_of("text"), Blind)
    off = ["--global", "none", "--region", "none", "--segment", "none"]
    ended = monkey("describe", "a.png", *off, "-o", "out.jsonl")

    assert ended.code == ExitCode.OK
    assert records(folder)[0]["evidence"] == []
    assert "warning: nothing was found" in ended.err


def test_pages_of_a_pdf_are_images(monkey, folder):
    draw_pdf(folder / "d.pdf", "One", "Two", "Three")
    monkey("describe", "d.pdf", "--pages", "2-3", "-o", "out.jsonl")

    assert [(record["page"], record["pages"]) for record in records(folder)] == [(2, 3), (3, 3)]


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        ([], "no images to describe"),
        (["missing.png"], "missing.png"),
        (["a.png", "--text", "none", "--global", "none", "--region", "none"], "no generator that"),
        (["a.png", "--text", "nobody"], "--text 'nobody' is not one of fake, auto, none"),
        (["a.png", "--min-text", "2"], "--min-text"),
        (["a.png", "--task", "read"], "--task has no effect without --as-train"),
        (["a.png", "--captions", "none.jsonl"], "--captions none.jsonl cannot be read"),
        (["a.png", "--report", "-"], "standard output is for records"),
        (["a.png", "--report", "b.png"], "b.png exists already"),
        (["a.png", "--as-train", "a.png", "--overwrite", "-o", "o.jsonl"], "is an input as well"),
        (["a.png", "--report", "x", "--as-train", "./x"], "two outputs have the same path"),
        (["a.png", "--stages", "bad.png"], "is not a file of stages"),
        (["a.png", "--resume"], "--resume and --overwrite need a file"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(monkey, folder, arguments, complaint):
    before = sorted(folder.iterdir())
    ended = monkey("describe", *arguments)

    assert ended.code == ExitCode.USAGE
    assert complaint in ended.err
    assert sorted(folder.iterdir()) == before


def test_a_report_that_cannot_be_written_is_told_before_the_work(monkey):
    ended = monkey("describe", "a.png", "--report", "none/r.html")

    assert ended.code == ExitCode.OUTPUT


def test_everything_at_once(monkey, folder):
    (folder / "a.txt").write_text("Rex at play")
    ended = monkey(
        *("describe", "a.png", "bad.png", *FAKES, "--captions", "beside", "-o", "out.jsonl"),
        *("--report", "r.html", "--as-train", "t.jsonl", "--min-words", 2),
        *("--task", "detailed_caption", "--task", "read", "--task", "qa", "--task", "ground"),
    )

    assert ended.code == ExitCode.PARTIAL
    lines = records(folder, "t.jsonl")
    assert [line["task"] for line in lines] == [
        *("detailed_caption", "read", "ground", "ground", "vqa")
    ]
    assert lines[-1] == {
        "image": "a.png",
        "page": 1,
        "task": "vqa",
        "question": "What is the total?",
        "answer": "$12",
    }
    html = (folder / "r.html").read_text()
    assert html.count("<article>") == 2
    assert "Rex at play" in html
    assert "t.jsonl: 5 lines from 1 page to learn from." in ended.err


def test_an_earlier_runs_records_are_in_the_report_of_the_next(monkey, folder):
    monkey("describe", "a.png", "-o", "out.jsonl")
    ended = monkey(
        "describe", "a.png", "b.png", "-o", "out.jsonl", "--resume", "--report", "r.html"
    )

    assert "1 described, 0 failed, 1 skipped" in ended.err
    assert (folder / "r.html").read_text().count('<article>\n<figure><div class="page') == 2


def test_stages_that_are_kept_serve_a_run_with_other_thresholds(monkey, folder, monkeypatch):
    log = folder / "log"
    monkeypatch.setenv("FAKE_LOG", str(log))
    kept = ["describe", "a.png", *FAKES, "--stages", "kept"]
    monkey(*kept, "-o", "one.jsonl")
    first = log.read_text()
    monkey(*kept, "-o", "two.jsonl", "--min-text", "0.4")

    assert (folder / "kept").exists()
    assert [line.split()[0] for line in log.read_text()[len(first) :].splitlines()] == ["fuse"]
    assert records(folder, "one.jsonl")[0]["dropped"] != records(folder, "two.jsonl")[0]["dropped"]


def test_a_dry_run_shows_pages_and_who_would_look(monkey):
    ended = monkey("describe", "a.png", "bad.png", "--dry-run")

    assert ended.code == ExitCode.PARTIAL
    assert ended.lines == ["a.png\tpage 1 of 1\t300x400 px\tgrid 1x1"]
    assert "text: fake-text@1" in ended.err.splitlines()


def test_too_many_errors_stop_the_run(monkey):
    ended = monkey("describe", "bad.png", "a.png", "--max-errors", 1)

    assert ended.code == ExitCode.FAILED
    assert ended.out == b""


# A process that is killed.


@pytest.fixture
def installed(tmp_path_factory):
    """Install the made-up generators for another process."""
    site = tmp_path_factory.mktemp("site")
    info = site / "fakes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fakes\nVersion: 1.0\n")
    lines = []
    for stage in STAGES:
        target = f"tests.describing.fake_generators:{fakes.NAMES[stage]}"
        lines.append(f"[{group_of(stage)}]\nfake = {target}\n")
    (info / "entry_points.txt").write_text("\n".join(lines))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}


def start(environ, *words, fault=""):
    command = [sys.executable, "-m", "monkeycli", "describe", "a.png", "b.png", "c.png", *FAKES]
    command += ["--batch-size", "2", *words]
    environ = {**environ, "FAKE_FAULT": fault} if fault else environ
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def check_killed_run_gives_the_same_file(folder, installed, stage, number):
    assert start(installed, "-o", "whole.jsonl").returncode == 0
    killed = start(installed, "-o", "out.jsonl", fault=f"{stage}:kill:{number}")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (folder / "out.jsonl").exists()

    log = folder / "log"
    installed = {**installed, "FAKE_LOG": str(log)}
    ended = start(installed, "-o", "out.jsonl", "--resume")

    assert ended.returncode == 0, ended.stderr
    assert (folder / "out.jsonl").read_bytes() == (folder / "whole.jsonl").read_bytes()
    asked = [line.split()[0] for line in log.read_text().splitlines()]
    later = STAGES[STAGES.index(stage) :]
    assert stage in asked
    if number == 1 and stage != "global":
        assert asked.count("region") == (3 if "region" in later else 1)


def test_a_run_killed_while_matching_gives_the_same_file(folder, installed):
    check_killed_run_gives_the_same_file(folder, installed, "match", 1)


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("number", [1, 3])
def test_a_run_killed_in_any_stage_gives_the_same_file(folder, installed, stage, number):
    """At its first image, and after the first batch was written."""
    check_killed_run_gives_the_same_file(folder, installed, stage, number)
