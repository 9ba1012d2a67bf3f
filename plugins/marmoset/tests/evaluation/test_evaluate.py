"""Of the sets those are asked that can be, and what is asked is in the table and in the file."""

import json

import pytest
from evaluation import evaluate

from tests.drawn_documents import draw_image
from tests.small_checkpoint import draw_small


@pytest.fixture
def run(monkeypatch, capsys):
    """Give a function that runs the command line, and gives what it prints."""

    def run_with(*arguments):
        monkeypatch.setattr("sys.argv", ["evaluate", *map(str, arguments)])
        evaluate.main()
        return capsys.readouterr().out

    return run_with


@pytest.mark.parametrize(
    "name, given, missing",
    [
        ("pdfs", (), "--data"),
        ("receipts-ocr", ("--data", "."), "--ocr-cache"),
        ("baseline-prints", ("--data", "."), "--ocr-cache"),
    ],
)
def test_a_set_that_lacks_something_is_refused_before_anything_is_loaded(
    name, given, missing, run, capsys
):
    with pytest.raises(SystemExit, match="2"):
        run("--sets", name, "--model", "not there", *given)

    assert f"{name} needs {missing}" in capsys.readouterr().err


def test_receipts_are_asked_and_written_down(run, tmp_path):
    model = draw_small(tmp_path / "small")
    (tmp_path / "sroie").mkdir()
    draw_image(tmp_path / "sroie" / "a.png")
    item = {"image": "sroie/a.png", "question": "total?", "answer": ["9"], "field": "total"}
    (tmp_path / "sroie" / "questions.jsonl").write_text(json.dumps(item))
    answers = tmp_path / "answers.jsonl"

    printed = run(
        *("--model", model, "--data", tmp_path, "--sets", "receipts-none", "--answers", answers)
    )

    (answer,) = [json.loads(line) for line in answers.read_text().splitlines()]
    assert answer["rows"] == ["scanned receipts, none", "- total"]
    assert [line.split(" | ")[:2] for line in printed.splitlines()[2:4]] == [
        ["| scanned receipts, none", "1"],
        ["| - total", "1"],
    ]
