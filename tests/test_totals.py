from dataclasses import replace

import pytest

from monkeycli.errors import ExitCode, ItemError
from monkeycli.records import Record
from monkeycli.totals import MAX_FAILURES, Totals

WELL = Record(kind="answer", id="1", source="a.pdf", answer="x")
FAILED = Record(kind="answer", id="2", source="b.pdf", page=3).failed(ItemError("oom", "full"))


@pytest.mark.parametrize(
    "records,counts,code",
    [
        ([], (0, 0, 0), ExitCode.OK),
        ([(WELL, False)], (1, 0, 0), ExitCode.OK),
        ([(WELL, True)], (0, 0, 1), ExitCode.OK),
        ([(FAILED, False)], (0, 1, 0), ExitCode.FAILED),
        ([(FAILED, True)], (0, 1, 0), ExitCode.FAILED),
        ([(WELL, False), (FAILED, False)], (1, 1, 0), ExitCode.PARTIAL),
        ([(WELL, True), (FAILED, False)], (0, 1, 1), ExitCode.PARTIAL),
    ],
)
def test_the_exit_code_follows_from_the_counts(records, counts, code):
    totals = Totals()
    for record, is_earlier in records:
        totals.add(record, is_earlier=is_earlier)

    assert (totals.answered, totals.failed, totals.skipped) == counts
    assert totals.exit_code == code


def test_an_answer_that_is_not_on_the_page_is_no_failure():
    totals = Totals()
    totals.add(Record(kind="answer", id="1", source="a", answer=None, finish_reason="no_answer"))

    assert totals.exit_code == ExitCode.OK


def test_failures_are_named_up_to_a_number():
    totals = Totals()
    for page in range(1, MAX_FAILURES + 3):
        for _ in range(2):
            totals.add(replace(FAILED, page=page))

    assert totals.failures == {f"b.pdf p.{page} oom": 2 for page in range(1, MAX_FAILURES + 1)}
    assert totals.failed == 2 * (MAX_FAILURES + 2)
