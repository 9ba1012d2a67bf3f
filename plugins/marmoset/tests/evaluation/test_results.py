"""The table counts what it says it counts."""

from evaluation.results import Result, table


def test_the_file_of_answers_holds_the_score_of_the_closest_spelling():
    said = Result(("a",), "date?", ("12 May", "2020-05-12"), "12 MAY")
    refused = Result(("a",), "date?", ("12 May",), None)
    rightly_refused = Result(("a",), "date?", (), None)

    assert [one.as_json()["anls"] for one in (said, refused, rightly_refused)] == [1, 0, 1]


def test_rows_of_the_table():
    results = [
        Result(("a", "- b"), "?", ("x",), "x", page_is_right=True),
        Result(("a",), "?", ("x",), None),
        Result(("c",), "?", (), None),
    ]

    lines = table(results).splitlines()

    assert lines[2] == "| a | 2 | 0.50 | 50% | 50% | 100% |"
    assert lines[3] == "| - b | 1 | 1.00 | 100% | 0% | 100% |"
    assert lines[4] == "| c | 1 |  |  | 100% |  |"
