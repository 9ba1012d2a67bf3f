"""Checkpoints are whole or not there; nothing that was saved is ever lost to a later failure."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from monkeycli.errors import OutputError, UsageError
from monkeycli.training.run_folder import MANIFEST, Best, RunFolder
from monkeycli.training.run_log import RunLog
from tests.small_disk import small_disk


@pytest.fixture
def run(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.open(resume=False)
    folder.write("run.yaml", b"{}\n")
    return folder


def save(run: RunFolder, step: int) -> Path:
    (run.start_checkpoint(step) / "weights").write_bytes(b"w" * step)
    return run.finish_checkpoint(step)


def test_a_checkpoint_counts_only_when_it_is_finished(run):
    (run.start_checkpoint(5) / "weights").write_bytes(b"www")
    assert run.checkpoints() == {}

    folder = run.finish_checkpoint(5)
    assert run.checkpoints() == {5: folder}
    assert folder == run.path / "step-5"


def test_a_run_that_is_being_written_is_left_as_it_is(run):
    """A draft of it is no leftover."""
    draft = run.start_checkpoint(5)
    log = RunLog(run.log)
    with pytest.raises(OutputError, match=r"log.jsonl is being written by another run"):
        run.open(resume=True)
    assert draft.is_dir()

    log.close()
    run.open(resume=True)
    assert not draft.exists()


@pytest.mark.parametrize(
    "tear",
    [
        lambda folder: (folder / "weights").write_bytes(b"short"),
        lambda folder: (folder / "weights").unlink(),
        lambda folder: (folder / MANIFEST).unlink(),
        lambda folder: (folder / MANIFEST).write_text('{"files": {"wei'),
        lambda folder: (folder / MANIFEST).write_text("[]"),
    ],
    ids=["cut file", "missing file", "no manifest", "cut manifest", "other manifest"],
)
def test_a_torn_checkpoint_is_ignored(run, tear):
    first = save(run, 10)
    tear(save(run, 20))

    assert run.checkpoints() == {10: first}


def test_checkpoints_are_told_by_number_not_by_name(run):
    for step in (9, 10, 100):
        save(run, step)
    (run.path / "step-007").mkdir()
    (run.path / "step-8.part").mkdir()

    assert list(run.checkpoints()) == [9, 10, 100]


def test_the_newest_stay_and_the_best(run):
    for step in range(1, 7):
        save(run, step)
    run.mark_best(Best(2, 0.5))
    run.prune(keep=2)

    assert list(run.checkpoints()) == [2, 5, 6]
    assert not list(run.path.glob("*.old"))


def test_a_best_step_without_its_checkpoint_is_none(run):
    run.mark_best(Best(3, 0.25))
    assert run.best is None

    save(run, 3)
    assert run.best == Best(3, 0.25)


def test_a_folder_in_use_needs_resume(run):
    with pytest.raises(UsageError, match="run is there already; go on with --resume"):
        RunFolder(run.path).open(resume=False)
    RunFolder(run.path).open(resume=True)


def test_a_folder_of_something_else_is_never_resumed(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(UsageError, match=r"holds no run: it has no run\.yaml"):
        RunFolder(tmp_path).open(resume=True)
    assert (tmp_path / "thesis.tex").exists()


def test_resuming_what_never_began_begins(tmp_path):
    RunFolder(tmp_path / "new").open(resume=True)
    assert (tmp_path / "new").is_dir()


def test_what_a_killed_run_left_half_done_goes(run):
    save(run, 1)
    run.start_checkpoint(2)
    (run.path / "step-0.old").mkdir()
    run.open(resume=True)

    assert sorted(path.name for path in run.path.iterdir()) == ["run.yaml", "step-1"]


def test_a_folder_under_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file/run cannot be made: Not a directory"):
        RunFolder(tmp_path / "file" / "run").open(resume=False)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(bytes(200_000)),
        lambda path: torch.save({"a": torch.zeros(50_000)}, path),
        lambda path: save_file({"a": torch.zeros(50_000)}, path),
    ],
    ids=["python", "torch", "safetensors"],
)
def test_a_full_disk_is_told_with_path_and_bytes_and_leaves_nothing(run, write):
    save(run, 1)
    with (
        pytest.raises(OutputError, match=r"step-2\.part: the disk is full.* after \d+ bytes; what"),
        small_disk(100_000),
        run.writing(draft := run.start_checkpoint(2)),
    ):
        write(draft / "weights")

    assert not draft.exists()
    assert list(run.checkpoints()) == [1]


def test_a_small_file_is_replaced_or_stays(run):
    run.write("best", b"old")
    with pytest.raises(OutputError, match=r"best\.part: the disk is full"), small_disk(10):
        run.write("best", b"new" * 100)

    assert (run.path / "best").read_bytes() == b"old"
    run.write("best", b"new")
    assert (run.path / "best").read_bytes() == b"new"


def test_a_folder_is_replaced_as_a_whole_or_stays(run):
    def write(content, divisor=1):
        with run.replacing(run.adapter) as draft:
            (draft / "weights").write_text(content)
            _ = 1 / divisor

    write("one")
    write("two")
    with pytest.raises(ZeroDivisionError):
        write("three", divisor=0)

    assert (run.adapter / "weights").read_text() == "two"
    assert sorted(path.name for path in run.path.iterdir()) == ["adapter", "run.yaml"]


def test_the_manifest_names_files_in_folders_too(run):
    draft = run.start_checkpoint(4)
    (draft / "inner").mkdir()
    (draft / "inner" / "a").write_bytes(b"12345")
    folder = run.finish_checkpoint(4)

    assert json.loads((folder / MANIFEST).read_text())["files"] == {"inner/a": 5}
