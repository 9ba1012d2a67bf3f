"""What was answered and read is reported, all of it if that is wanted."""

from evaluation.made_up import report
from evaluation.reading import Reading
from evaluation.results import Result

FOUND = [
    (Result(("scans",), "total?", ("5.00",), "5.00"), Reading("scans", "Total 5.00", "Total 500")),
    (Result(("scans",), "date?", ("May 1",), None), None),
]


def test_a_report_has_the_table_and_what_was_read():
    printed = report(FOUND, show=False)

    assert "| scans | 2 |" in printed
    assert printed.endswith("scans: 88.9% of characters, 50.0% of words read\n")
    assert "5.00" not in printed


def test_a_report_shows_every_page_once_before_its_answers():
    printed = report(FOUND, show=True)

    assert printed == (
        "---- scans\nTotal 5.00\n  >>\nTotal 500\n? total? = ('5.00',) : 5.00\n"
        f"? date? = ('May 1',) : None\n{report(FOUND, show=False)}"
    )
