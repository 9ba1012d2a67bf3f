import itertools

import pytest

from monkeycli.best_page import choose_best_page, has_unread_pages
from monkeycli.errors import ItemError
from monkeycli.records import Record, RunnerUp


def answered(page, confidence, text="yes", **known):
    return Record(
        kind="answer",
        id="1",
        source="a.pdf",
        page=page,
        answer=text,
        confidence=confidence,
        seconds=0.25,
        **known,
    )


def silent(page):
    return answered(page, 0.99, None, finish_reason="no_answer", grid=(3, 2), page_label="i")


def failed(page, code="corrupt"):
    blank = Record(kind="answer", id="1", source="a.pdf", page=page)
    return blank.failed(ItemError(code, f"page {page} is broken", "mend it"))


def test_the_surest_page_wins_and_the_others_are_runners_up():
    pages = [answered(1, 0.5, "a"), answered(2, 0.9, "b"), answered(3, 0.7, "c")]
    best = choose_best_page(pages)

    assert (best.page, best.answer, best.confidence) == (2, "b", 0.9)
    assert best.runners_up == (RunnerUp(3, "c", 0.7), RunnerUp(1, "a", 0.5))
    assert best.seconds == 0.75


def test_of_equals_the_first_page_wins():
    pages = [answered(page, 0.5, str(page)) for page in (4, 2, 3)]

    assert choose_best_page(pages).page == 4


def test_the_order_of_pages_changes_nothing():
    pages = [answered(1, 0.5), silent(2), failed(3), answered(4, 0.6)]
    best = choose_best_page(pages)

    assert all(choose_best_page(order) == best for order in itertools.permutations(pages))


def test_a_page_that_says_it_has_no_answer_is_out_of_the_race():
    best = choose_best_page([silent(1), answered(2, 0.01), silent(3)])

    assert (best.page, best.runners_up) == (2, ())


def test_if_no_page_has_the_answer_there_is_none_and_no_page():
    best = choose_best_page([silent(1), silent(2)])

    assert (best.status, best.answer, best.finish_reason) == ("ok", None, "no_answer")
    assert (best.page, best.page_label, best.grid, best.confidence) == (None, None, None, None)
    assert (best.runners_up, best.seconds) == ((), 0.5)


def test_the_only_page_of_a_document_is_named_even_so():
    best = choose_best_page([silent(1)])

    assert (best.page, best.page_label, best.confidence) == (1, "i", 0.99)


def test_a_page_that_could_not_be_read_is_warned_of():
    best = choose_best_page([failed(1), answered(2, 0.5, warnings=("cut",)), failed(3, "oom")])

    assert best.status == "ok"
    assert best.warnings == (
        "cut",
        "page not read: page 1: corrupt: page 1 is broken",
        "page not read: page 3: oom: page 3 is broken",
    )
    assert has_unread_pages(best)
    assert not has_unread_pages(answered(1, 0.5, warnings=("cut",)))


@pytest.mark.parametrize("others", [[], [silent(1)], [silent(1), silent(4)]])
def test_no_answer_and_an_unread_page_is_an_error(others):
    """The answer may stand on the page that could not be read."""
    best = choose_best_page([*others, failed(2), failed(3, "oom")])

    assert (best.status, best.page, best.error.code) == ("error", 2, "corrupt")
    assert best.warnings == ("page not read: page 3: oom: page 3 is broken",)
