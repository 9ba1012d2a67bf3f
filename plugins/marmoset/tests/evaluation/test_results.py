"""The table counts what it says it counts."""

import pytest
from evaluation.results import Result, table


def test_the_file_of_answers_holds_the_score_of_the_closest_spelling():
    said = Result(("a",), "date?", ("12 May", "2020-05-12"), "12 MAY")
    refused = Result(("a",), "date?", ("12 May",), None)
    rightly_refused = Result(("a",), "date?", (), None)

    assert [one.as_json()["anls"] for one in (said, refused, rightly_refused)] == [1, 0, 1]


@pytest.mark.parametrize(
    "answer, is_contained",
    [
        ("The total is rm 80.90.", True),
        ("The total is 80.90.", True),
        ("The total is 8090.", False),
        ("", False),
        (None, False),
    ],
)
def test_a_right_answer_may_stand_in_a_sentence(answer, is_contained):
    result = Result(("a",), "total?", ("RM80.90", "80.90"), answer)

    assert result.is_contained == result.as_json()["contained"] == is_contained


def test_rows_stand_under_the_row_they_belong_to():
    rows = [("a", "- total"), ("b", "- total"), ("a", "- date"), ("b",)]
    lines = table(Result(names, "?", ("x",), "x") for names in rows).splitlines()[2:]

    assert [line.split(" | ")[:2] for line in lines] == [
        ["| a", "2"],
        ["| - total", "1"],
        ["| - date", "1"],
        ["| b", "2"],
        ["| - total", "1"],
    ]


def test_rows_of_the_table():
    results = [
        Result(("a", "- b"), "?", ("x",), "x", page_is_right=True),
        Result(("a",), "?", ("x",), None),
        Result(("c",), "?", (), None),
    ]

    lines = table(results).splitlines()

    assert lines[2] == "| a | 2 | 0.50 | 50% | 50% | 50% | 100% |"
    assert lines[3] == "| - b | 1 | 1.00 | 100% | 100% | 0% | 100% |"
    assert lines[4] == "| c | 1 |  |  |  | 100% |  |"
