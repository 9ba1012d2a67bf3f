"""Rows by field, and differences of two files."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.errors import UsageError
from monkeycli.scoring.board import differences_of, field_of, rows_of, score_pairs, share
from monkeycli.scoring.gold import carried
from monkeycli.scoring.metrics import metric_named
from monkeycli.scoring.predictions import read_predictions

EXACT = metric_named("exact")


def _pairs(*rows):
    lines = b"".join(json.dumps({"gold": "1", **row}).encode() + b"\n" for row in rows)
    return carried(read_predictions("-", io.BytesIO(lines))).pairs


def _score(*rows, metric=EXACT, name="a.jsonl"):
    return score_pairs(name, _pairs(*rows), metric)


ROWS = st.lists(
    st.fixed_dictionaries(
        {"answer": st.sampled_from(["1", "2", None]), "document": st.sampled_from("abc")}
    ),
    min_size=1,
    max_size=12,
)


def _numbered(rows):
    return [{**row, "question_id": number} for number, row in enumerate(rows)]


@given(ROWS, ROWS)
def test_a_paired_difference_is_antisymmetric(one, two):
    size = min(len(one), len(two))
    two = [row | {"document": other["document"]} for row, other in zip(two, one, strict=False)]
    before, after = _score(*_numbered(one[:size])), _score(*_numbered(two[:size]))
    there, back = share(before.pairs, after.pairs), share(after.pairs, before.pairs)

    (gained,) = differences_of(before, after, there, EXACT)
    (lost,) = differences_of(after, before, back, EXACT)

    assert gained.interval.mean == pytest.approx(-lost.interval.mean)
    if gained.interval.low is not None:
        assert gained.interval.low == pytest.approx(-lost.interval.high)


@given(ROWS)
def test_the_groups_are_all_of_the_records(rows):
    scored = _score(*_numbered(rows))
    whole, *groups = rows_of(scored, EXACT, by="document")

    assert sum(row.interval.n for row in groups) == whole.interval.n == len(rows)
    total = sum(row.interval.n * row.interval.mean for row in groups)
    assert total == pytest.approx(whole.interval.n * whole.interval.mean)


def test_an_error_scores_nothing_even_where_there_is_no_answer_to_find():
    scored = _score({"answer": None, "gold": [], "status": "error"}, {"answer": None, "gold": []})

    assert scored.scores == (0, 1)


def test_rows_count_documents_where_they_are_known():
    named = _score({"answer": "1", "document": "a"}, {"answer": "1", "document": "a"})
    unnamed = _score({"answer": "1"}, {"answer": "1"})

    assert rows_of(named, EXACT)[0].num_documents == 1
    assert rows_of(named, EXACT)[0].interval.low is None
    assert rows_of(unnamed, EXACT)[0].num_documents is None
    assert rows_of(unnamed, EXACT)[0].interval.low is not None


def test_fields_lie_inside_others_and_in_order_of_appearance():
    scored = _score(
        {"answer": "1", "meta": {"kind": "sum"}},
        {"answer": "2", "meta": {"kind": ["date"]}},
        {"answer": "1", "meta": {}},
        {"answer": "2", "meta": {"kind": "sum"}},
    )

    rows = rows_of(scored, EXACT, by="meta.kind")
    assert [(row.value, row.interval.n, row.interval.mean) for row in rows] == [
        (None, 4, 0.5),
        ("sum", 2, 0.5),
        ('["date"]', 1, 0),
        ("(none)", 1, 1),
    ]


def test_a_field_that_no_record_has_is_told():
    with pytest.raises(
        UsageError, match=r"no record of a.jsonl has a field 'kind'; .*gold, answer"
    ):
        rows_of(_score({"answer": "1"}), EXACT, by="kind")


def test_a_field_may_stand_in_a_text():
    (pair,) = _pairs({"answer": "1", "meta": "kind"})

    assert field_of(pair, "meta.kind") is None


def test_records_that_only_one_file_has_are_counted():
    before = _pairs(*[{"question_id": n, "answer": "1"} for n in (1, 2, 3)])
    after = _pairs(*[{"question_id": n, "answer": "1"} for n in (3, 2, 5, 6)])
    shared = share(before, after)

    assert (shared.before, shared.after) == ((1, 2), (1, 0))
    assert (shared.only_before, shared.only_after) == (1, 2)


@pytest.mark.parametrize(
    "one, two, is_same",
    [
        ({"question_id": "q1", "question": "a?"}, {"question_id": "q1", "question": "a?"}, True),
        ({"question_id": "q1", "question": "a?"}, {"question_id": "q1", "question": "b?"}, False),
        ({"question_id": "q1", "question": "a?"}, {"question_id": "q1"}, True),
        ({"question": "a?", "source": "a"}, {"question": "a?", "source": "b"}, False),
        ({"v": 1, "id": "x", "question": "a?"}, {"v": 1, "id": "y", "question": "a?"}, True),
        ({"id": "x"}, {"id": "y"}, False),
        ({"question_id": 7, "source": "x/a.pdf"}, {"question_id": "7", "image": "a.pdf"}, True),
        ({"question_id": 7, "source": "x/a.pdf"}, {"question_id": 7}, True),
        ({"question": "a?", "page": 1}, {"question": "a?", "page": 2}, True),  # answered elsewhere
    ],
    ids=str,
)
def test_same_records(one, two, is_same):
    before, after = _pairs(one | {"answer": "1"}), _pairs(two | {"answer": "1"})
    if is_same:
        assert share(before, after).before == (0,)
    else:
        with pytest.raises(UsageError, match="have no record in common; a record is known by its"):
            share(before, after)


def test_documents_of_one_name_are_told_apart_by_their_folders():
    rows = [{"question": "a?", "source": f"{folder}/a.pdf", "answer": "1"} for folder in "xy"]

    assert share(_pairs(*rows), _pairs(*rows[::-1])).after == (1, 0)


def test_pages_are_told_apart_where_each_was_asked():
    before = _pairs(*[{"question": "a?", "page": n, "answer": "1"} for n in (1, 2)])
    after = _pairs(*[{"question": "a?", "page": n, "answer": "1"} for n in (2, 1)])

    assert share(before, after).after == (1, 0)


def test_records_that_cannot_be_told_apart_are_named():
    twice = _pairs(*[{"question": "a?", "page": 1, "answer": "1"}] * 2)

    with pytest.raises(UsageError, match=r"<stdin>:2: has the same document, .* as <stdin>:1"):
        share(_pairs({"question": "a?", "page": 1, "answer": "1"}), twice)


def test_a_gold_answer_that_does_not_suit_is_named():
    with pytest.raises(UsageError, match=r"<stdin>:2: iou: there is no box in '1'"):
        _score(
            {"answer": "(0,0),(1,1)", "gold": "(0,0),(1,1)"}, {"answer": "x"},
            metric=metric_named("iou"),
        )  # fmt: skip
    with pytest.raises(UsageError, match=r"<stdin>:1: cider needs a gold answer for every"):
        _score({"caption": "a car", "gold": []}, metric=metric_named("cider"))


def test_boxes_of_records_count_for_iou():
    row = {"answer": "there", "boxes": [[0, 0, 1, 1]], "gold": [[0, 0, 1, 2]]}

    assert _score(row, metric=metric_named("iou")).scores == (0.5,)
