from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.describing.evidence import Dropped, Evidence
from monkeycli.errors import ItemError
from monkeycli.records import (
    Record,
    RunnerUp,
    from_json,
    quote_path,
    record_id,
    to_json,
    unquote_path,
)

ANSWER = Record(
    kind="answer",
    id="9f2c",
    source="docs/report.pdf",
    doc_sha256="ab",
    page=3,
    page_label="iii",
    pages=12,
    question_id="q7",
    question="total revenue?",
    answer="$1,234",
    confidence=0.93,
    finish_reason="stop",
    runners_up=(RunnerUp(1, "..", 0.2),),
    boxes=((0.0, 1.0, 2.0, 3.0),),
    text_source="layer",
    grid=(3, 2),
    size=(1344, 896),
    prompt_tokens=1811,
    output_tokens=6,
    seconds=0.41,
    model="marmoset@0.1.0",
    warnings=("cut off",),
    gold=["$1,234"],
    meta={"split": {"fold": 1}},
)
CAPTION = Record(kind="caption", id="1", source="a.png", caption="A dog.")
DESCRIPTION = Record(
    kind="description",
    id="1",
    source="a.png",
    description="A dog.",
    evidence=(Evidence("region", "a dog", (0.1, 0.2, 0.3, 0.4), 0.9, None, "florence2@1"),),
    dropped=(Dropped("text", "smudge", (0.5, 0.5, 0.6, 0.6), None, 0.4, "ocr@1", "too weak"),),
    stages={"text": "ocr@1", "fuse": None},
    fused_by="template",
    checks={"sentences": 1},
)
FAILED = ANSWER.failed(ItemError("corrupt", "page 3 is torn", "repair it", stage="render"))

ANSWER_KEYS = [
    *["v", "kind", "status", "id", "source", "doc_sha256", "page", "page_label", "pages"],
    *["question_id", "question", "answer", "confidence", "finish_reason", "runners_up", "boxes"],
    *["text_source", "grid", "size", "prompt_tokens", "output_tokens", "seconds", "model"],
    *["adapter", "warnings", "error", "gold", "meta"],
]


def test_the_keys_of_an_answer_are_these_in_this_order():
    assert list(orjson.loads(to_json(ANSWER))) == ANSWER_KEYS
    assert list(orjson.loads(to_json(FAILED))) == ANSWER_KEYS


def test_a_caption_has_the_same_keys_without_those_of_a_question():
    expected = ["caption" if key == "answer" else key for key in ANSWER_KEYS]
    for key in ("question_id", "question", "runners_up", "gold"):
        expected.remove(key)

    assert list(orjson.loads(to_json(CAPTION))) == expected


def test_a_description_has_what_was_found_and_nothing_of_generated_tokens():
    """No time either: a run that was resumed gives the same file."""
    expected = [
        *["v", "kind", "status", "id", "source", "doc_sha256", "page", "page_label", "pages"],
        *["description", "evidence", "dropped", "stages", "fused_by", "checks"],
        *["grid", "size", "warnings", "error", "meta"],
    ]

    assert list(orjson.loads(to_json(DESCRIPTION))) == expected
    assert list(orjson.loads(to_json(DESCRIPTION))["evidence"][0]) == [
        *["kind", "text", "box", "match", "confidence", "by"]
    ]


def test_a_failed_description_has_no_evidence():
    failed = DESCRIPTION.failed(ItemError("internal", "no luck", stage="text"))

    assert (failed.evidence, failed.dropped, failed.description) == (None, None, None)
    assert failed.stages == DESCRIPTION.stages


@pytest.mark.parametrize(
    "record",
    [ANSWER, CAPTION, DESCRIPTION, FAILED],
    ids=["answer", "caption", "description", "failed"],
)
def test_a_record_survives_its_line(record):
    line = to_json(record)

    assert from_json(line) == record
    assert to_json(from_json(line)) == line
    assert line.count(b"\n") == 1


def test_a_failed_record_keeps_what_is_known_and_has_no_answer():
    line = orjson.loads(to_json(FAILED))

    assert (line["status"], line["page"], line["question_id"]) == ("error", 3, "q7")
    assert (line["answer"], line["confidence"], line["runners_up"]) == (None, None, None)
    assert line["error"] == {
        "code": "corrupt",
        "stage": "render",
        "message": "page 3 is torn",
        "hint": "repair it",
        "retryable": False,
    }


def test_keys_of_a_newer_version_are_left_out():
    line = orjson.dumps({**orjson.loads(to_json(ANSWER)), "mood": "fine"})

    assert from_json(line) == ANSWER


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b'{"v":2}',
        b'{"v":1,"kind":"song","status":"ok","id":"1","source":"a"}',
        b'{"v":1,"kind":"answer","status":"ok","source":"a"}',
        b'{"v":1,"kind":"answer","status":"ok","id":"1"}',
        b'{"v":1,"kind":"answer","status":"ok","id":"1","source":3}',
        b'{"v":1,"kind":"answer","status":"ok","id":"1","source":"a","error":{"code":1}}',
        b'{"v":1,"kind":"answer","status":"ok","id":"1","source":"a","grid":3}',
        b'{"v":1,"kind":"answer","status":"ok","id":"1","source":"$\'\\\\xzz\'"}',
    ],
)
def test_what_is_no_record_is_refused(line):
    with pytest.raises(ValueError, match=r"."):
        from_json(line)


@given(st.binary(min_size=1, max_size=30))
def test_any_file_name_survives_its_line(name):
    source = name.decode(errors="surrogateescape")
    record = from_json(to_json(replace(CAPTION, source=source)))

    assert record.source == source


@pytest.mark.parametrize(
    "path",
    ["plain.pdf", "tab\there", "back\\slash\\xe9", "$'quoted'", "$'", "a'b\\c\udce9", "\ud800"],
)
def test_quoting_a_path_can_be_undone(path):
    assert unquote_path(quote_path(path)) == path


def test_a_message_that_names_a_broken_path_can_be_written():
    error = ItemError("not_found", "caf\udce9.pdf does not exist")
    line = to_json(replace(CAPTION, source="caf\udce9.pdf").failed(error))

    assert orjson.loads(line)["error"]["message"] == r"caf\xe9.pdf does not exist"
    assert list(orjson.loads(line)) == list(orjson.loads(to_json(CAPTION)))


WORK = {
    "document": "ab",
    "page": 3,
    "question_id": "q1",
    "question": "total?",
    "prompt": "{question} Answer:",
    "model": "marmoset@0.1.0",
    "adapter": None,
    "settings": {"grid": [3, 2], "max_tokens": 512},
}


@pytest.mark.parametrize(
    "change",
    [
        {"document": "cd"},
        {"page": 4},
        {"page": "document"},
        {"question_id": "q2"},
        {"question": "sum?"},
        {"prompt": "other"},
        {"model": "marmoset@0.2.0"},
        {"adapter": "x"},
        {"settings": {"grid": [3, 2], "max_tokens": 64}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_work_has_another_id(change):
    assert record_id(**WORK) != record_id(**{**WORK, **change})


def test_an_id_depends_on_nothing_but_the_work():
    turned = {**WORK, "settings": {"max_tokens": 512, "grid": [3, 2]}}

    # The figure is fixed: with other ids, nobody could resume what an older version began.
    assert record_id(**WORK) == record_id(**turned) == "484e7b2b654ed28466ed4f702964a226"


def test_a_document_that_cannot_be_read_has_an_id_by_its_path():
    assert len(record_id(**{**WORK, "document": "caf\udce9.pdf"})) == 32
