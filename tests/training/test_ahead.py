"""Items come as they would without the thread, errors in their place, and nothing is left over."""

import threading
import time

import pytest

from monkeycli.training.ahead import ahead


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_order_and_items_stay():
    assert list(ahead(iter(range(100)), 3)) == list(range(100))
    assert list(ahead([], 1)) == []
    assert list(ahead([None, None], 1)) == [None, None]


def test_it_runs_ahead_by_what_may_wait_and_no_more():
    made = []
    items = ahead((made.append(n) or n for n in range(100)), 2)
    assert next(items) == 0

    assert wait_for(lambda: len(made) == 4)  # one was taken, two wait, one is in the making
    time.sleep(0.3)
    assert len(made) == 4
    items.close()


def test_an_error_comes_where_its_item_would_have():
    def items():
        yield 1
        yield 2
        raise ZeroDivisionError("three")

    drawn = ahead(items(), 5)
    assert [next(drawn), next(drawn)] == [1, 2]
    with pytest.raises(ZeroDivisionError, match="three"):
        next(drawn)


def test_closing_ends_the_thread():
    before = threading.active_count()
    items = ahead(iter(range(1000)), 1)
    next(items)
    assert threading.active_count() == before + 1

    items.close()
    assert threading.active_count() == before
