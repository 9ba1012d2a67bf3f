"""What was asked of `monkey describe`, in one piece."""

from pathlib import Path

import pytest

from monkeycli.commands.describe import describe
from monkeycli.commands.description import DescribeRequest
from monkeycli.describing.filtering import Thresholds
from monkeycli.errors import OutputError, UsageError


def request(*words):
    """Give the request as the command line makes it."""
    options = dict(describe.make_context("describe", list(words)).params)
    return DescribeRequest(global_=options.pop("global"), **options)


def test_the_published_thresholds_are_the_defaults():
    assert request("a.png").options.thresholds == Thresholds()
    assert Thresholds() == Thresholds(region=0.4, segment=0.5, text=0.85, overlap=0.6)


def test_thresholds_that_are_typed():
    words = ["--min-region", "0.1", "--min-segment", "0.2", "--min-text", "0.3"]
    made = request("a.png", *words, "--max-overlap", "0.4", "--max-segments", "5")

    assert made.options.thresholds == Thresholds(region=0.1, segment=0.2, text=0.3, overlap=0.4)
    assert made.options.max_segments == 5


def test_every_stage_looks_for_somebody_but_the_last_which_has_the_template():
    assert list(request("a.png", "--match", "none").generators.values()) == [
        *["auto"] * 4,
        "none",
        "template",
    ]


@pytest.mark.parametrize(
    "words, path",
    [
        ([], None),
        (["-o", "-"], None),
        (["-o", "out.jsonl"], Path("out.jsonl.stages")),
        (["-o", "out.jsonl", "--stages", "kept"], Path("kept")),
        (["--stages", "kept"], Path("kept")),
    ],
)
def test_where_stages_are_kept(words, path):
    assert request("a.png", *words).stage_path == path


def test_how_many_images_go_together():
    assert request("a.png", "--batch-size", "7").options.batch_size == 7
    assert request("a.png").options.batch_size == 4


@pytest.mark.parametrize(
    "words, error",
    [
        (["--task", "qa"], UsageError),
        (["--report", "r.html", "-o", "r.html"], UsageError),
        (["--as-train", "-"], UsageError),
        (["--as-train", "a.png", "-o", "o.jsonl", "--overwrite"], UsageError),
        (["--as-train", "old.jsonl"], UsageError),
        (["--stages", "none/kept"], OutputError),
        (["--report", "none/r.html"], OutputError),
    ],
)
def test_mistakes_are_found_before_any_work(tmp_path, monkeypatch, words, error):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").touch()
    (tmp_path / "old.jsonl").touch()

    with pytest.raises(error):
        request("a.png", *words).check()


def test_what_is_read_may_not_be_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.jsonl").touch()

    with pytest.raises(UsageError, match="is an input as well"):
        request("a.png", "--captions", "c.jsonl", "-o", "c.jsonl", "--overwrite").check()


def test_shards_share_the_documents_out(tmp_path):
    paths = []
    for number in range(12):
        path = tmp_path / f"{number}.png"
        path.write_bytes(bytes([number]))
        paths.append(str(path))
    shards = [
        [document.path for document in request(*paths, "--shard", f"{n}/3").documents()]
        for n in (1, 2, 3)
    ]

    assert sorted(path for shard in shards for path in shard) == sorted(paths)
    assert max(map(len, shards)) < len(paths)


def test_without_images_there_is_nothing_to_do():
    with pytest.raises(UsageError, match="no images to describe"):
        request().documents()
