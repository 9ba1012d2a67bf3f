"""Lines that are predictions, lines that are not, and what is told of those."""

import io
import json

import pytest

from monkeycli.errors import UsageError
from monkeycli.records import Record, RecordError, to_json
from monkeycli.scoring.predictions import read_predictions, to_golds

NOTHING = io.BytesIO()


def _read(folder, *lines):
    path = folder / "preds.jsonl"
    path.write_bytes(b"\n".join(lines))
    return read_predictions(str(path), NOTHING)


def _line(**fields):
    return json.dumps(fields).encode()


def test_records_are_read_as_they_were_written(tmp_path):
    record = Record(
        kind="answer", id="f" * 32, source="docs/a.pdf", doc_sha256="ab", page=3, pages=12,
        question_id="q1", question="total?", answer="42", gold=["42", "$42"], meta={"kind": "sum"},
    )  # fmt: skip
    failure = RecordError("corrupt", "open", "is damaged", None, retryable=False)
    failed = Record(kind="answer", id="e" * 32, source="b.pdf", status="error", error=failure)
    caption = Record(kind="caption", id="d" * 32, source="c.png", caption="a car", page=1)

    one, two, three = _read(tmp_path, *map(to_json, (record, failed, caption)))

    assert (one.text, one.gold, one.document) == ("42", ("42", "$42"), "ab")
    assert (one.line.ids, one.line.page) == (("q1", "f" * 32), "3")
    assert (one.line.question, one.line.document) == ("total?", "docs/a.pdf")
    assert not one.is_error
    assert not one.is_caption
    assert (two.text, two.gold, two.document, two.is_error) == (None, None, "b.pdf", True)
    assert (three.text, three.is_caption, three.gold) == ("a car", True, None)


@pytest.mark.parametrize(
    "fields, text, gold",
    [
        ({"question_id": 7, "answer": "42"}, "42", None),
        ({"id": "7", "answer": 42, "gold": 42.5}, "42", ("42.5",)),
        ({"prediction": "42", "answer": "43"}, "42", ("43",)),
        ({"prediction": "42", "answer": None}, "42", None),
        ({"answer": "42", "annotation": ["42", "forty-two"]}, "42", ("42", "forty-two")),
        ({"answer": "42", "answers": [{"answer": "42"}, {"answer": "43"}]}, "42", ("42", "43")),
        ({"answer": None, "gold": []}, None, ()),
        ({"answer": None, "gold": ""}, None, ()),
        ({"answer": None, "gold": None}, None, None),
        ({"caption": "a car", "golds": ["a red car"]}, "a car", ("a red car",)),
    ],
    ids=str,
)
def test_plain_lines(tmp_path, fields, text, gold):
    (found,) = _read(tmp_path, _line(**fields))

    assert (found.text, found.gold) == (text, gold)


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path):
    found = _read(tmp_path, b"\xef\xbb\xbf" + _line(answer="1"), b"", b"  ", _line(answer="2"), b"")

    assert [one.line.place.rsplit(":", 1)[1] for one in found] == ["1", "4"]


def test_boxes_of_the_record_stand_in_for_those_of_the_text(tmp_path):
    boxes = [[1, 2, 3, 4.5]]
    words, own, none = _read(
        tmp_path,
        _line(answer="here", boxes=boxes),
        _line(answer="(5,6),(7,8)", boxes=boxes),
        _line(answer="here", boxes=None),
    )

    assert words.boxes_text == "(1,2),(3,4.5)"
    assert own.boxes_text == "(5,6),(7,8)"
    assert none.boxes_text == "here"


@pytest.mark.parametrize(
    "boxes", [[1, 2, 3, 4], [[1, 2, 3]], "x", [[1, 2, 3, "4"]], [[1, 2, 3, True]]]
)
def test_boxes_that_are_none_are_told(tmp_path, boxes):
    (found,) = _read(tmp_path, _line(answer="here", boxes=boxes))

    with pytest.raises(UsageError, match=r"preds.jsonl:1: 'boxes' must be a list of boxes"):
        _ = found.boxes_text


@pytest.mark.parametrize(
    "line, complaint",
    [
        (b'{"answer": ', r"preds.jsonl:17: not JSON: "),
        (b'["answer"]', r"preds.jsonl:17: must be a JSON object"),
        (b"{}", r"preds.jsonl:17: is no prediction: it has none of 'prediction', 'answer'"),
        (b'{"answer": ["a"]}', r"preds.jsonl:17: 'answer' must be a text or a number"),
        (b'{"answer": true}', r"preds.jsonl:17: 'answer' must be a text or a number"),
        (b'{"answer": "a", "gold": {}}', r"preds.jsonl:17: 'gold' must be a text or a number"),
        (b'{"answer": "a", "gold": [null]}', r"preds.jsonl:17: 'gold' must be a text"),
        (b'{"answer": "a", "document": []}', r"preds.jsonl:17: 'document' must be a text"),
        (b'{"answer": "\xff"}', r"preds.jsonl:17: not JSON: "),
        (b"NULL\x00", r"preds.jsonl:17: not JSON: "),
    ],
    ids=str,
)
def test_a_broken_line_is_named(tmp_path, line, complaint):
    with pytest.raises(UsageError, match=complaint):
        _read(tmp_path, *[_line(answer="1")] * 16, line)


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(tmp_path, data):
    with pytest.raises(UsageError, match=r"preds.jsonl: there is no prediction in it"):
        _read(tmp_path, data)


def test_a_table_is_told_what_is_wanted(tmp_path):
    with pytest.raises(
        UsageError, match=r"preds.jsonl:1: not JSON: .*JSON object, as in -o a.jsonl"
    ):
        _read(tmp_path, b"source,page,answer")


@pytest.mark.parametrize("name, reason", [("none.jsonl", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_read_is_told(tmp_path, name, reason):
    with pytest.raises(UsageError, match=f"cannot be read: {reason}"):
        read_predictions(str(tmp_path / name), NOTHING)


def test_standard_input(tmp_path):
    (found,) = read_predictions("-", io.BytesIO(_line(answer="42")))

    assert (found.text, found.line.place) == ("42", "<stdin>:1")


def test_gold_boxes_are_one_answer():
    assert to_golds([[1, 2, 3, 4], [5, 6, 7, 8]], "gold") == ("(1,2),(3,4) (5,6),(7,8)",)
