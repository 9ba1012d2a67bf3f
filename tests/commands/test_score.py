"""`monkey score` through the real entry point."""

import json
import os
import subprocess
import sys

import pytest

from monkeycli.errors import ExitCode
from monkeycli.records import Record, to_json
from monkeycli.scoring.definitions import DEFINITIONS
from tests.drawn_documents import draw_pdf

HEAVY = {"torch", "transformers", "pymupdf", "PIL"}


@pytest.fixture
def preds(folder):
    """Write a small file of predictions: three right answers of four, about two documents."""
    rows = [
        ("q1", "a", "1", "1"),
        ("q2", "a", "2", "3"),
        ("q3", "b", None, []),
        ("q4", "b", "4", "4"),
    ]
    records = [
        Record(
            kind="answer", id=name, source=f"{document}.pdf", question_id=name, question=f"{name}?",
            answer=answer, gold=gold, meta={"kind": "sum" if name < "q3" else "date"},
        )
        for name, document, answer, gold in rows
    ]  # fmt: skip
    path = folder / "preds.jsonl"
    path.write_bytes(b"".join(map(to_json, records)))
    return path


def test_people_get_a_table(monkey, preds):
    ended = monkey("score", "preds.jsonl", "--metric", "exact", "--by", "meta.kind")

    assert ended.code == ExitCode.OK
    assert ended.lines == [
        "metric  meta.kind  n  documents   mean  95 % interval",
        "exact   all        4          2  0.750  0.000 to 1.000",
        "exact   sum        2          1  0.500  -",
        "exact   date       2          1  1.000  -",
    ]
    assert ended.err == ""


def test_programs_get_data(monkey, preds):
    ended = monkey("score", preds, "--json", "--metric", "exact", "--compare", "docvqa")

    assert ended.code == ExitCode.OK
    data = json.loads(ended.out)
    assert data["scores"][0]["mean"] == 0.75
    assert data["published"][0]["scores"]["Monkey"] == 66.5
    assert data["unscored"] == data["not_shared"] == {}


def test_published_scores_stand_beside(monkey, preds):
    ended = monkey("score", preds, "--compare", "docvqa")

    assert [line.split()[0] for line in ended.lines[:3]] == ["predictions", "preds.jsonl", "Monkey"]
    assert "arXiv 2311.06607" in ended.lines[-2]


def test_two_files_are_compared(monkey, preds, folder):
    better = preds.read_bytes().replace(b'"answer":"2"', b'"answer":"3"')
    (folder / "after.jsonl").write_bytes(better)
    ended = monkey("score", "preds.jsonl", "after.jsonl", "--metric", "exact")

    assert ended.code == ExitCode.OK
    assert ended.lines[3].split() == [
        *("after.jsonl", "-", "preds.jsonl", "exact", "4", "2", "+0.250"),
        *("-1.000", "to", "+1.000"),
    ]


def test_what_monkey_answers_can_be_scored(monkey, folder):
    """Whatever the small model says: the files fit together."""
    draw_pdf(folder / "a.pdf", "One")
    (folder / "questions.jsonl").write_text(
        '{"id": "x", "document": "a.pdf", "question": "one?", "answer": "One"}\n'
        '{"id": "y", "document": "missing.pdf", "question": "two?", "answer": "Two"}\n'
    )
    asked = monkey("ask", "-Q", "questions.jsonl", "-o", "answers.jsonl", "--max-tokens", 2)
    assert asked.code == ExitCode.PARTIAL

    for extra in ([], ["--gold", "questions.jsonl"]):
        ended = monkey("score", "answers.jsonl", *extra, "--json")
        assert ended.code == ExitCode.OK
        assert json.loads(ended.out)["scores"][0]["n"] == 2
        assert ended.err == "monkey: answers.jsonl: 1 error record scored 0\n"


def test_standard_input(monkey, preds):
    ended = monkey("score", "-", stdin=preds.read_bytes())

    assert ended.code == ExitCode.OK
    assert ended.lines[1].startswith("anls")


def test_a_name_that_is_no_utf_8_does_no_harm(monkey, preds, folder):
    name = os.fsdecode(b"caf\xe9.jsonl")
    preds.rename(folder / name)

    for words in (["--json"], ["--compare", "docvqa"], [name]):
        ended = monkey("score", name, *words)
        assert ended.code == ExitCode.OK
        assert rb"$'caf\xe9.jsonl'" in ended.out.replace(rb"\\", b"\\")
    ended = monkey("score", name, "--metric", "iou")
    assert ended.code == ExitCode.USAGE
    assert "there is no box" in ended.err


def test_what_is_not_scored_is_told_and_in_the_exit_code(monkey, preds, folder):
    (folder / "gold.jsonl").write_text('{"id": "q1", "answer": "1"}\n{"id": "q9", "answer": "9"}\n')
    ended = monkey("score", preds, "--gold", "gold.jsonl", "--json")

    assert ended.code == ExitCode.PARTIAL
    assert "3 predictions without a gold answer, not scored; first " in ended.err
    assert "1 gold answer without a prediction, not scored; first gold.jsonl:2" in ended.err
    assert sorted(json.loads(ended.out)["unscored"].values()) == [1, 3]


@pytest.mark.parametrize(
    "words, complaint",
    [
        ([], "name one file of predictions, or two to compare"),
        (["preds.jsonl"] * 3, "name one file of predictions, or two to compare"),
        (["missing.jsonl"], "missing.jsonl cannot be read: No such file or directory"),
        (["empty.jsonl"], "empty.jsonl: there is no prediction in it"),
        (["broken.jsonl"], "broken.jsonl:2: not JSON: "),
        (["preds.jsonl", "--gold", "empty.jsonl"], "empty.jsonl: there is no gold answer in it"),
        (["preds.jsonl", "--gold", "none.jsonl"], "none.jsonl cannot be read: No such file"),
        (["preds.jsonl", "--by", "colour"], "no record of preds.jsonl has a field 'colour'"),
        (["preds.jsonl", "--compare", "docqva"], "no published scores for 'docqva'; known are "),
        (["preds.jsonl", "--metric", "bleu"], "'bleu' is not one of 'auto', 'anls'"),
        (["preds.jsonl", "--metric", "iou"], "preds.jsonl:1: iou: there is no box in '1'"),
        (["-", "-"], "standard input (-) is asked for twice"),
        (["-", "--gold", "-"], "standard input (-) is asked for twice"),
        (["preds.jsonl", "other.jsonl"], "the two files have no record in common"),
    ],
    ids=str,
)
def test_bad_input_is_told_and_prints_nothing(monkey, preds, folder, words, complaint):
    (folder / "empty.jsonl").write_bytes(b"")
    (folder / "broken.jsonl").write_bytes(b'{"answer": "1"}\n{"answer": \n')
    (folder / "other.jsonl").write_bytes(b'{"id": 1, "answer": "1", "gold": "1"}\n')
    ended = monkey("score", *words)

    assert ended.code == ExitCode.USAGE
    assert complaint in ended.err
    assert ended.out == b""


def test_the_help_defines_every_metric(monkey):
    said = " ".join(monkey("score", "--help").out.decode().split())

    for name, definition in DEFINITIONS.items():
        assert f"{name}: {' '.join(definition.split())}." in said


def test_scoring_loads_no_model(preds):
    program = (
        "import sys\n"
        "from monkeycli.cli import run\n"
        f"assert run(['score', {str(preds)!r}, '--compare', 'docvqa']) == 0\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.startswith("predictions")
    assert not HEAVY & set(done.stderr.split())
