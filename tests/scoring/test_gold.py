"""Which gold line belongs to which prediction."""

import io
import json

import pytest

from monkeycli.errors import UsageError
from monkeycli.scoring.gold import carried, join, read_golds
from monkeycli.scoring.predictions import read_predictions


def _lines(*rows):
    return io.BytesIO(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def _join(predictions, golds):
    joined = join(read_predictions("-", _lines(*predictions)), read_golds("-", _lines(*golds)))
    return joined, [pair.answers for pair in joined.pairs]


@pytest.mark.parametrize(
    "prediction, gold",
    [
        ({"question_id": 7}, {"question_id": 7}),
        ({"question_id": 7}, {"id": "7"}),
        ({"id": 7}, {"question_id": "7"}),
        ({"question_id": "q1", "id": "abc", "v": 1}, {"id": "abc"}),
        ({"question": "total?"}, {"question": "total?"}),
        ({"question": "total?", "source": "docs/a.pdf"}, {"question": "total?", "image": "a.pdf"}),
        ({"question_id": 7, "source": "a.pdf"}, {"question_id": 7}),
        ({"question_id": 7}, {"question_id": 7, "document": "a.pdf"}),
        ({"source": "a.png"}, {"document": "x/a.png"}),
        ({"question_id": "q1", "question": "total?"}, {"question": "total?"}),
        ({"question_id": 7, "page": 3}, {"question_id": 7, "page": 2}),  # alone, it fits
        ({"question_id": 7, "question": "a?"}, {"question_id": 7, "question": "A ?"}),
    ],
    ids=str,
)
def test_fits(prediction, gold):
    joined, answers = _join([prediction | {"answer": "x"}], [gold | {"answer": "42"}])

    assert answers == [("42",)]
    assert not joined.without_gold
    assert not joined.without_prediction


@pytest.mark.parametrize(
    "prediction, gold",
    [
        ({"question_id": 7}, {"question_id": 8}),
        ({"question_id": 7, "source": "a.pdf"}, {"question_id": 7, "document": "b.pdf"}),
        ({"question_id": 7, "source": "x/a.pdf"}, {"question_id": 7, "document": "y/a.pdf"}),
        ({"question": "total?", "source": "a.pdf"}, {"question": "date?", "document": "a.pdf"}),
        ({"question": "total?"}, {"question_id": 7, "question": "total?"}),
    ],
    ids=str,
)
def test_does_not_fit(prediction, gold):
    """And neither is passed over in silence."""
    joined, answers = _join([prediction | {"answer": "x"}], [gold | {"answer": "42"}])

    assert answers == []
    assert [found.line.place for found in joined.without_gold] == ["<stdin>:1"]
    assert [found.line.place for found in joined.without_prediction] == ["<stdin>:1"]


def test_a_number_shared_by_documents_is_told_apart_by_the_document():
    """`-q` numbers the questions of every document q1, q2."""
    predictions = [
        {"question_id": "q1", "source": f"docs/{name}.pdf", "answer": "x"} for name in "abc"
    ]
    golds = [{"id": "q1", "document": f"{name}.pdf", "answer": name} for name in "cab"]

    assert _join(predictions, golds)[1] == [("a",), ("b",), ("c",)]


def test_pages_tell_apart_what_nothing_else_does():
    predictions = [{"question": "total?", "page": page, "answer": "x"} for page in (1, 2)]
    golds = [{"question": "total?", "page": page, "answer": page} for page in (2, 1)]

    assert _join(predictions, golds)[1] == [("1",), ("2",)]


def test_one_gold_line_serves_several_predictions():
    """As every page of a document that is asked page by page."""
    predictions = [{"question_id": 7, "page": page, "answer": "x"} for page in (1, 2)]
    joined, answers = _join(predictions, [{"question_id": 7, "answer": "42"}])

    assert answers == [("42",), ("42",)]
    assert not joined.without_prediction


def test_gold_lines_that_differ_and_both_fit_are_told():
    golds = [{"question_id": 7, "answer": "a"}, {"question_id": 7, "answer": "b"}]

    with pytest.raises(UsageError, match=r"<stdin>:1: <stdin>:1 and <stdin>:2 both fit it and"):
        _join([{"question_id": 7, "answer": "x"}], golds)


def test_gold_lines_that_say_the_same_twice_are_one():
    golds = [{"question_id": 7, "answer": "a"}] * 2
    joined, answers = _join([{"question_id": 7, "answer": "x"}], golds)

    assert answers == [("a",)]
    assert not joined.without_prediction


@pytest.mark.parametrize(
    "fields, answers",
    [
        ({"answer": None}, ()),
        ({"answer": ""}, ()),
        ({"answers": ["a", "b"], "answer": "c"}, ("a", "b")),
        ({"captions": ["a car", "a red car"]}, ("a car", "a red car")),
    ],
    ids=str,
)
def test_what_a_gold_line_calls_its_answers(fields, answers):
    (gold,) = read_golds("-", _lines({"question_id": 7, **fields}))

    assert gold.answers == answers


@pytest.mark.parametrize(
    "row, complaint",
    [
        ({"question_id": 7}, "<stdin>:1: has no 'answer'"),
        ({"answer": "42"}, "<stdin>:1: has no 'question_id', 'question' or 'document' to join"),
    ],
)
def test_a_line_that_is_no_gold_answer_is_told(row, complaint):
    with pytest.raises(UsageError, match=complaint):
        read_golds("-", _lines(row))


def test_an_empty_file_is_told():
    with pytest.raises(UsageError, match="<stdin>: there is no gold answer in it"):
        read_golds("-", _lines())


def test_predictions_carry_their_own():
    rows = [{"answer": "x", "gold": "42"}, {"answer": "x"}, {"answer": None, "gold": []}]
    joined = carried(read_predictions("-", _lines(*rows)))

    assert [pair.answers for pair in joined.pairs] == [("42",), ()]
    assert [found.line.place for found in joined.without_gold] == ["<stdin>:2"]


def test_thousands_of_documents_with_the_same_question_take_no_time():
    """Looked up by file name: every one against every other would be 10^8 comparisons."""
    predictions = [{"question_id": "q1", "source": f"{n}.pdf", "answer": "x"} for n in range(10**4)]
    golds = [{"id": "q1", "document": f"{n}.pdf", "answer": n} for n in range(10**4)]

    assert _join(predictions, golds)[1] == [(str(n),) for n in range(10**4)]
