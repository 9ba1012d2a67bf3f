"""From files to rows: what is chosen, what is left out and that it is said."""

import io
import json

import pytest

from monkeycli.errors import UsageError
from monkeycli.scoring.report import ScoreOptions, make_report

STDIN = io.BytesIO()


@pytest.fixture
def score(tmp_path, monkeypatch):
    """Give a function that writes files of rows and scores them: `score(a=[...], by="page")`."""
    monkeypatch.chdir(tmp_path)

    def run(*, gold=None, **named):
        files = {name: rows for name, rows in named.items() if name in ("a", "b")}
        options = {name: value for name, value in named.items() if name not in files}
        if gold is not None:
            options["gold"] = "gold.jsonl"
            files |= {"gold": gold}
        for name, rows in files.items():
            text = "".join(json.dumps(row) + "\n" for row in rows)
            (tmp_path / f"{name}.jsonl").write_text(text)
        paths = tuple(f"{name}.jsonl" for name in files if name != "gold")
        return make_report(ScoreOptions(files=paths, **options), STDIN)

    return run


RIGHT = {"answer": "1", "gold": "1"}
WRONG = {"answer": "2", "gold": "1"}
ERROR = {"answer": None, "gold": "1", "status": "error"}


def _means(report):
    return [(row.metric, row.interval.n, row.interval.mean) for row in report.rows]


def test_errors_count_as_zero_unless_they_are_ignored(score):
    counted = score(a=[RIGHT, ERROR])
    ignored = score(a=[RIGHT, ERROR], ignore_errors=True)

    assert _means(counted) == [("anls", 2, 0.5)]
    assert counted.notes == ["a.jsonl: 1 error record scored 0"]
    assert _means(ignored) == [("anls", 1, 1)]
    assert ignored.notes == ["a.jsonl: 1 error record left out"]
    assert counted.unscored == ignored.unscored == {}
    assert counted.errors == ignored.errors == {"a.jsonl": 1}


def test_a_file_of_errors_alone(score):
    assert _means(score(a=[ERROR])) == [("anls", 1, 0)]
    with pytest.raises(UsageError, match=r"a.jsonl: there are only error records in it"):
        score(a=[ERROR], ignore_errors=True)


def test_nothing_is_skipped_in_silence(score):
    report = score(
        a=[{"question_id": n, "answer": "1"} for n in (1, 2, 3)],
        gold=[{"question_id": n, "answer": "1"} for n in (3, 4, 5, 6)],
    )

    assert _means(report) == [("anls", 1, 1)]
    assert report.notes == [
        "a.jsonl: 2 predictions without a gold answer, not scored; first a.jsonl:1",
        "a.jsonl: 3 gold answers without a prediction, not scored; first gold.jsonl:2",
    ]
    assert sorted(report.unscored.values()) == [2, 3]


def test_a_gold_file_counts_more_than_what_is_carried(score):
    report = score(a=[RIGHT | {"id": 1}], gold=[{"id": 1, "answer": "2"}])

    assert _means(report) == [("anls", 1, 0)]


@pytest.mark.parametrize(
    "gold, complaint",
    [
        (None, r"a.jsonl: no prediction has a gold answer; name a file that has them with --gold"),
        ([{"id": 2, "answer": "1"}], r"a.jsonl: no prediction has a gold answer in gold.jsonl"),
    ],
)
def test_no_gold_answer_at_all_is_told(score, gold, complaint):
    with pytest.raises(UsageError, match=complaint):
        score(a=[{"id": 1, "answer": "1"}], gold=gold)


CAPTION = {"kind": "caption", "caption": "a car", "gold": ["a car"]}


@pytest.mark.parametrize(
    "rows, compare, metrics, names",
    [
        ([RIGHT], None, ("auto",), ["anls"]),
        ([CAPTION, CAPTION], None, ("auto",), ["cider"]),
        ([CAPTION, RIGHT], None, ("auto",), ["anls"]),
        ([{"answer": "x", "gold": [[0, 0, 1, 1]]}], None, ("auto",), ["iou"]),
        ([RIGHT], "chartqa", ("auto",), ["relaxed-qwen"]),
        ([RIGHT], "mme", ("auto",), ["anls"]),
        ([RIGHT], "chartqa", ("relaxed", "exact"), ["relaxed", "exact"]),
        ([RIGHT], None, ("anls", "auto", "exact", "anls"), ["anls", "exact"]),
    ],
)
def test_the_metric(score, rows, compare, metrics, names):
    report = score(a=rows, compare=compare, metrics=metrics)

    assert [row.metric for row in report.rows] == names
    assert bool(report.published) == bool(compare)


def test_cider_is_scored_over_all_records_before_they_are_grouped(score):
    rows = [
        {"caption": text, "gold": [text], "kind": "caption", "page": page}
        for page, text in enumerate(["a red car", "two dogs", "a blue boat"])
    ]
    report = score(a=rows, by="page")

    assert [round(row.interval.mean, 6) > 0 for row in report.rows] == [True] * 4


def test_a_difference_is_over_what_both_files_have(score):
    report = score(
        a=[RIGHT | {"id": 1}, WRONG | {"id": 2}, WRONG | {"id": 3}],
        b=[RIGHT | {"id": 2}, WRONG | {"id": 3}, RIGHT | {"id": 4}, RIGHT | {"id": 5}],
        metrics=("exact", "anls"),
    )

    assert [row.predictions for row in report.rows] == ["a.jsonl", "b.jsonl"] * 2
    assert [(row.predictions, row.metric) for row in report.differences] == [
        ("b.jsonl - a.jsonl", "exact"),
        ("b.jsonl - a.jsonl", "anls"),
    ]
    assert report.differences[0].interval.n == 2
    assert report.differences[0].interval.mean == 0.5
    assert report.not_shared == {"a.jsonl": 1, "b.jsonl": 2}
    assert report.notes == [
        "a.jsonl: 1 record only there, not in the difference",
        "b.jsonl: 2 records only there, not in the difference",
    ]


def test_paths_that_end_alike_are_told_apart(score, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.jsonl").write_text(json.dumps(RIGHT | {"id": 1}))
    score(a=[RIGHT | {"id": 1}])
    report = make_report(ScoreOptions(files=("old/a.jsonl", "a.jsonl")), STDIN)

    assert [row.predictions for row in report.rows] == ["old/a.jsonl", "a.jsonl"]


def test_doubtful_uses_of_a_metric_are_told(score):
    assert "none can reach 1" in score(a=[RIGHT], metrics=("vqa",)).notes[0]
    assert "always 0" in score(a=[CAPTION]).notes[0]
    assert not score(a=[RIGHT | {"gold": ["1"] * 10}], metrics=("vqa",)).notes
