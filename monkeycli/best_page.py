"""One answer for a whole document: that of the page the model is surest of.

The model reads one page at a time, so this is a choice among answers, not a reading across pages.
A page that says the answer is not on it is out of the race.
"""

from collections.abc import Sequence
from dataclasses import replace

from monkeycli.records import Record, RunnerUp

UNREAD_PAGE = "page not read: "
"""Begins the warning that one of a document's pages could not be read."""


def choose_best_page(records: Sequence[Record]) -> Record:
    """Make one record of those of a document's pages.

    Args:
        records: of all pages asked, each with its answer, its `no_answer` or its error; at least
            one, in the order the pages were asked.

    Returns:
        The surest page's record, the others' answers as runners-up, best first. With no answer at
        all it is an error if a page could not be read, for the answer may be there. Pages that
        could not be read are warned of.
    """
    answered = [record for record in records if record.text is not None]
    answered.sort(key=lambda record: -(record.confidence or 0))
    failed = [record for record in records if record.error]
    seconds = round(sum(record.seconds or 0 for record in records), 3) or None
    if answered:
        best = replace(answered[0], runners_up=tuple(map(_runner_up, answered[1:])))
    elif failed:
        best, *failed = failed
    else:
        best = replace(records[0], runners_up=())
        if len(records) > 1:
            best = replace(best, page=None, page_label=None, grid=None, size=None, confidence=None)
    return replace(best, seconds=seconds, warnings=best.warnings + tuple(map(_warning, failed)))


def has_unread_pages(record: Record) -> bool:
    """Say whether a document's record is warned of pages that could not be read."""
    return any(warning.startswith(UNREAD_PAGE) for warning in record.warnings)


def _runner_up(record: Record) -> RunnerUp:
    return RunnerUp(record.page or 0, record.text or "", record.confidence or 0)


def _warning(record: Record) -> str:
    assert record.error is not None
    return f"{UNREAD_PAGE}page {record.page}: {record.error.code}: {record.error.message}"
