"""Whatever a generator does costs the image that it did it to."""

import math

import pytest

from monkeycli.describing.asking import (
    MAX_TEXT,
    ask_each,
    check_founds,
    check_masks,
    check_number,
    check_share,
    tidy_text,
)
from monkeycli.describing.providers import Found
from monkeycli.errors import ItemError, ModelError


def double_or(error):
    """Give a generator that doubles numbers, and raises at 3."""
    calls = []

    def ask(items):
        calls.append(list(items))
        if 3 in items:
            raise error
        return [2 * item for item in items]

    return ask, calls


def test_all_are_asked_about_together():
    ask, calls = double_or(RuntimeError("no"))

    assert ask_each("text", [1, 2], ask) == [2, 4]
    assert calls == [[1, 2]]


def test_after_a_failure_each_is_asked_about_alone():
    ask, calls = double_or(RuntimeError("no luck"))
    one, two, three = ask_each("region", [1, 2, 3], ask)

    assert (one, two) == (2, 4)
    assert calls == [[1, 2, 3], [1], [2], [3]]
    assert (three.code, three.stage, three.retryable) == ("internal", "region", False)
    assert "RuntimeError: no luck" in three.message


@pytest.mark.parametrize(
    "error, code",
    [
        (MemoryError(), "oom"),
        (RuntimeError("CUDA out of memory"), "oom"),
        (ItemError("empty_output", "nothing", stage="x", retryable=True), "empty_output"),
        (SystemError("odd"), "internal"),
    ],
)
def test_the_error_says_what_it_was_and_where(error, code):
    ask, _ = double_or(error)
    (failed,) = ask_each("text", [3], ask)

    assert (failed.code, failed.stage) == (code, "text")


def test_a_generator_that_cannot_work_at_all_ends_the_run():
    ask, calls = double_or(ModelError("no weights"))

    with pytest.raises(ModelError):
        ask_each("text", [1, 3], ask)
    assert calls == [[1, 3]]


def test_ctrl_c_is_no_failure_of_an_image():
    ask, _ = double_or(KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        ask_each("text", [3], ask)


def test_too_few_results_are_a_failure_of_those_images_that_have_none():
    results = ask_each("text", [1, 2], lambda items: items[:1] if len(items) > 1 else [])

    assert all(isinstance(result, ItemError) for result in results)
    assert "0 results instead of 1" in results[0].message


def test_nothing_to_ask_about():
    assert ask_each("text", [], lambda _: 1 / 0) == []


@pytest.mark.parametrize(
    "founds",
    [
        None,
        7,
        ["a dog"],
        [Found("a", (1, 2, 3))],
        [Found("a", (1, 2, 3, "x"))],
        [Found("a", (1, 2, 3, 4), math.nan)],
        [Found("a", (1, 2, 3, 4), 1.5)],
    ],
    ids=["none", "number", "text", "three sides", "no number", "nan", "above 1"],
)
def test_what_is_no_finding_is_refused(founds):
    with pytest.raises((TypeError, ValueError)):
        check_founds(founds)


def test_findings_are_tidied():
    (found,) = check_founds([Found(" a\n dog\x07 ", (1, 2, 3, 4), 0.123456)])

    assert found == Found("a dog", (1.0, 2.0, 3.0, 4.0), 0.1235)


def test_masks_are_masks():
    assert check_masks([]) == []
    with pytest.raises(TypeError):
        check_masks([Found("a", (1, 2, 3, 4))])


def test_shares_a_hair_off_are_mended():
    assert [check_share(value) for value in (None, -1e-9, 1 + 1e-9)] == [None, 0.0, 1.0]


def test_numbers_of_results():
    assert check_number([1], 1) == [1]
    with pytest.raises(ValueError, match="1 results instead of 2"):
        check_number([1], 2)


def test_words_are_cut_and_can_always_be_written():
    assert len(tidy_text("x" * 9999)) == MAX_TEXT
    assert tidy_text("a\ud800b").encode()
    assert tidy_text(None) == ""
