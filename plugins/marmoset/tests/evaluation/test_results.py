"""The table counts what it says it counts."""

from evaluation.metrics import anls, exact
from evaluation.results import Result, table


def test_anls_is_that_of_the_closest_spelling_and_nothing_below_a_half():
    assert anls("12 MAY", ["12 May", "2020-05-12"]) == 1.0
    assert anls("$1,234.0", ["$1,234.00"]) == 8 / 9
    assert anls("cash", ["total"]) == 0.0
    assert anls(None, ["total"]) == 0.0


def test_exact_forgives_case_and_spaces_only():
    assert exact(" Net  30", ["net 30"])
    assert not exact("net 30 days", ["net 30"])
    assert not exact(None, ["net 30"])


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
