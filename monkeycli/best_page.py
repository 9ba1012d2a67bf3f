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
    if not answered:
        if failed:
            return failed[0]
        silent = records[0]
        several = len(records) > 1
        return replace(silent, page=None, page_label=None) if several else silent
    best, *others = answered
    runners_up = tuple(
        RunnerUp(record.page or 0, record.text or "", record.confidence or 0) for record in others
    )
    unread = tuple(
        f"{UNREAD_PAGE}page {record.page}: {record.error.code}: {record.error.message}"
        for record in failed
        if record.error
    )
    seconds = sum(record.seconds or 0 for record in records)
    return replace(
        best,
        runners_up=runners_up,
        warnings=best.warnings + unread,
        seconds=round(seconds, 3),
    )
