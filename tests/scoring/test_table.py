"""The table for people and the data for programs."""

from monkeycli.scoring.board import Row
from monkeycli.scoring.definitions import DEFINITIONS
from monkeycli.scoring.interval import Interval
from monkeycli.scoring.published import published_for
from monkeycli.scoring.table import to_json, to_text

ROWS = [
    Row("a.jsonl", "anls", None, Interval(120, 0.70149, 0.65, 0.75, 14), 14),
    Row("a.jsonl", "relaxed-qwen", None, Interval(9, 1.0, None, None, 1), 1),
]


def test_columns_are_aligned():
    assert to_text(ROWS).splitlines() == [
        "metric          n  documents   mean  95 % interval",
        "anls          120         14  0.701  0.650 to 0.750",
        "relaxed-qwen    9          1  1.000  -",
    ]


def test_documents_are_left_out_where_none_are_known():
    row = Row("a.jsonl", "anls", None, Interval(120, 0.7, 0.65, 0.75, 120), None)

    assert to_text([row]).splitlines()[0] == "metric    n   mean  95 % interval"


def test_groups_have_a_column():
    group = Row("a.jsonl", "anls", "sum", Interval(2, 0.5, 0, 1, 2), 2)

    lines = to_text([ROWS[0], group], by="meta.kind").splitlines()
    assert [line.split()[1] for line in lines] == ["meta.kind", "all", "sum"]


def test_a_value_is_a_line_and_not_a_long_one():
    group = Row("a.jsonl", "anls", "total\nrevenue " + "x" * 99, Interval(2, 0.5, 0, 1, 2), 2)

    _, line = to_text([group], by="question").splitlines()
    assert f"  total revenue {'x' * 43}...  " in line


def test_differences_have_a_sign_and_files_a_name():
    difference = Row("b - a", "anls", None, Interval(9, 0.0, -0.25, 0.25, 9), 9)

    lines = to_text(ROWS[:1], [difference]).splitlines()
    assert lines[0].startswith("predictions")
    assert lines[2].endswith("+0.000  -0.250 to +0.250")


def test_published_scores_stand_below_with_metric_and_source():
    lines = to_text(ROWS[:1], (), published_for("docvqa")).splitlines()

    assert lines[2].split() == ["Monkey", "(published)", "anls", "-", "-", "0.665"]
    assert lines[4].split() == ["Monkey", "(published)", "contains", "-", "-", "0.501"]
    assert lines[5] == ""
    assert lines[6].startswith("DocVQA, ANLS: Li et al., Monkey")


def test_a_measure_that_no_metric_here_is_has_its_own_name():
    lines = to_text(ROWS[:1], (), published_for("mme")).splitlines()

    assert "points of 2000" in lines[2]
    assert lines[2].endswith("1505.3")


def test_data_is_not_rounded():
    data = to_json(ROWS, (), published_for("docvqa"))

    assert data["scores"][0]["mean"] == 0.70149
    assert data["scores"][1]["low"] is None
    assert data["published"][0]["scores"] == {"Monkey": 66.5, "Qwen-VL": 65.1}
    assert data["differences"] == []
    assert data["metrics"] == {name: DEFINITIONS[name] for name in ("anls", "relaxed-qwen")}
