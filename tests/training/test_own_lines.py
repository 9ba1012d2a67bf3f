import orjson
import pytest

from monkeycli.errors import ItemError
from monkeycli.records import Record, to_json
from monkeycli.training.drafts import Draft, LineError
from monkeycli.training.own_lines import read_own_line


@pytest.mark.parametrize(
    "fields, draft",
    [
        (
            {"image": "a.png", "question": "Q?", "answer": "A"},
            Draft("a.png", "vqa", "Q?", ("A",)),
        ),
        (
            {"image": "a.png", "question": "Q?", "answers": ["A", "B"], "question_id": 7},
            Draft("a.png", "vqa", "Q?", ("A", "B"), id="7"),
        ),
        (
            {"document": "a.pdf", "page": 3, "question": "Q?", "gold": "A", "id": "x"},
            Draft("a.pdf", "vqa", "Q?", ("A",), page=3, id="x"),
        ),
        (
            {"pdf": "a.pdf", "pages": "3", "question": "Q?", "answer": 12, "more": [1]},
            Draft("a.pdf", "vqa", "Q?", ("12",), page=3),
        ),
        ({"image": "a.png", "question": "Q?", "answer": None}, Draft("a.png", "no_answer", "Q?")),
        ({"image": "a.png", "question": "Q?", "answers": []}, Draft("a.png", "no_answer", "Q?")),
        (
            {"image": "a.png", "question": "Q?", "task": "no_answer", "answer": "A"},
            Draft("a.png", "no_answer", "Q?"),
        ),
        ({"image": "a.png", "caption": "C"}, Draft("a.png", "caption", answers=("C",))),
        (
            {"image": "a.png", "caption": "C", "task": "detailed_caption"},
            Draft("a.png", "detailed_caption", answers=("C",)),
        ),
        ({"image": "a.png", "text": "All\nof it"}, Draft("a.png", "read", answers=("All\nof it",))),
        (
            {"image": "a.png", "text": "total", "box": [1, 2, 30, 40]},
            Draft("a.png", "ground", "total", ("(1,2),(30,40)",)),
        ),
        (
            {"image": "a.png", "task": "ground", "question": "total", "answer": "(1,2),(30,40)"},
            Draft("a.png", "ground", "total", ("(1,2),(30,40)",)),
        ),
    ],
)
def test_a_line_says_what_it_asks_for(fields, draft):
    assert read_own_line(fields, None) == [draft]


def test_the_lines_own_task_counts_more_than_the_mixtures():
    line = {"image": "a.png", "answer": "A"}

    assert read_own_line(line, "read")[0].task == "read"
    assert read_own_line({**line, "task": "caption"}, "read")[0].task == "caption"


def test_questions_about_one_image_are_samples_of_their_own():
    line = {
        "image": "a.png",
        "page": 2,
        "questions": [
            {"question": "Q1?", "answer": "A1"},
            {"question": "Q2?", "answer": None},
            {"task": "caption", "caption": "C"},
        ],
    }

    assert read_own_line(line, None) == [
        Draft("a.png", "vqa", "Q1?", ("A1",), page=2),
        Draft("a.png", "no_answer", "Q2?", page=2),
        Draft("a.png", "caption", answers=("C",), page=2),
    ]


@pytest.fixture
def record():
    return Record(
        kind="answer", id="1", source="a.pdf", page=2, question_id="q7", question="Q?", answer="A"
    )


def fields_of(record, **changed):
    return {**orjson.loads(to_json(record)), **changed}


def test_a_record_teaches_its_gold_answer_or_else_its_own(record):
    assert read_own_line(fields_of(record), None) == [
        Draft("a.pdf", "vqa", "Q?", ("A",), page=2, id="q7")
    ]
    (draft,) = read_own_line(fields_of(record, gold=["B", "C"]), None)
    assert draft.answers == ("B", "C")
    (draft,) = read_own_line(fields_of(record, answer=None, finish_reason="no_answer"), None)
    assert (draft.task, draft.answers) == ("no_answer", ())


def test_a_caption_of_ours_is_a_detailed_one():
    record = Record(kind="caption", id="1", source="caf\udce9.png", page=1, caption="C")

    assert read_own_line(fields_of(record), None) == [
        Draft("caf\udce9.png", "detailed_caption", answers=("C",), page=1)
    ]
    assert read_own_line(fields_of(record), "caption")[0].task == "caption"


def test_a_failed_record_is_not_learnt_from(record):
    failed = record.failed(ItemError("corrupt", "it is broken"))

    with pytest.raises(LineError, match="the record of a failed page"):
        read_own_line(fields_of(failed), None)


@pytest.mark.parametrize(
    "fields, complaint",
    [
        ({}, "names no 'image' or 'document'"),
        ({"image": "", "caption": "C"}, "'image' must be the name of a file"),
        ({"image": 3, "caption": "C"}, "'image' must be the name of a file"),
        ({"image": "a\0.png", "caption": "C"}, "'image' holds a NUL character"),
        ({"image": "a\ud800.png", "caption": "C"}, "'image' holds half a character"),
        ({"image": "a.png"}, "there is nothing to learn"),
        ({"image": "a.png", "question": "Q?"}, "a 'vqa' line needs 'answer'"),
        ({"image": "a.png", "question": "Q?", "answer": " "}, "'answer' must be a text"),
        ({"image": "a.png", "question": "", "answer": "A"}, "'question' must be a text"),
        ({"image": "a.png", "question": ["Q?"], "answer": "A"}, "'question' must be a text"),
        ({"image": "a.png", "task": "vqa", "answer": "A"}, "'question' must be a text"),
        ({"image": "a.png", "task": "read"}, "a 'read' line needs 'text'"),
        ({"image": "a.png", "task": "caption", "caption": None}, "a 'caption' line needs"),
        ({"image": "a.png", "task": "ground", "text": "total"}, "needs a 'box'"),
        ({"image": "a.png", "task": "ground", "box": [1, 2, 3, 4]}, "'text' must be a text"),
        ({"image": "a.png", "task": "vqq", "question": "Q?"}, "unknown task 'vqq'"),
        ({"image": "a.png", "page": "1-3", "caption": "C"}, "'page' must be one page's number"),
        ({"image": "a.png", "questions": []}, "'questions' must be a list"),
        ({"image": "a.png", "questions": ["Q?"]}, "question 1 of its 'questions' must be"),
    ],
)
def test_a_line_that_cannot_be_learnt_from_says_why(fields, complaint):
    with pytest.raises(LineError, match=complaint):
        read_own_line(fields, None)
