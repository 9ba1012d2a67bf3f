import pytest

from monkeycli.training.drafts import (
    LineError,
    first_of,
    to_answers,
    to_boxes,
    to_page,
    to_task,
    to_text,
)


def test_the_first_field_that_is_there_counts():
    assert first_of({"b": None, "c": 0, "d": 1}, ("a", "b", "c", "d")) == 0
    assert first_of({}, ("a",)) is None


@pytest.mark.parametrize(
    "value, answers",
    [("12", ("12",)), (12, ("12",)), (["a", 1.5], ("a", "1.5")), ([{"answer": "x"}], ("x",))],
)
def test_answers_are_texts_numbers_or_lists_of_them(value, answers):
    assert to_answers(value, "answer") == answers


@pytest.mark.parametrize("value", ["", " \n", None, True, ["a", ""], [None], {"a": 1}, [[]]])
def test_what_is_no_text_is_no_answer(value):
    with pytest.raises(LineError, match="'answer' must be a text that is not empty"):
        to_answers(value, "answer")


def test_half_a_character_is_no_text():
    """JSON can spell it, no tokenizer can read it."""
    with pytest.raises(LineError, match="lone surrogate"):
        to_text("a\ud800", "question")


@pytest.mark.parametrize(
    "value, page", [(None, None), (1, 1), ("12", 12), (999_999_999, 10**9 - 1)]
)
def test_a_page_is_a_number_from_one(value, page):
    assert to_page(value) == page


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "1-3", "iii", [1], 10**12, "9" * 40, "\u0663"])
def test_what_is_no_page_is_said_so(value):
    with pytest.raises(LineError, match="'page' must be one page's number from 1"):
        to_page(value)


def test_a_task_is_one_of_ours():
    assert to_task("read") == "read"
    assert to_task(None) is None
    with pytest.raises(LineError, match="unknown task 'detailed'; did you mean 'detailed_caption"):
        to_task("detailed")
    with pytest.raises(LineError, match="unknown task 7"):
        to_task(7)


@pytest.mark.parametrize(
    "value, boxes",
    [
        ([1, 2, 30, 40], ("(1,2),(30,40)",)),
        ([0, 0, 1000, 1000], ("(0,0),(1000,1000)",)),
        ([1.4, 2, 30.6, 40], ("(1,2),(31,40)",)),
        ([[1, 2, 30, 40], [5, 6, 7, 8]], ("(1,2),(30,40)", "(5,6),(7,8)")),
        ("(1,2),(30,40)", ("(1,2),(30,40)",)),
        ("<box>(1, 2), (30, 40)</box><box>(5,6),(7,8)</box>", ("(1,2),(30,40)", "(5,6),(7,8)")),
        (["(1,2),(30,40)"], ("(1,2),(30,40)",)),
    ],
)
def test_boxes_are_read_in_all_their_forms(value, boxes):
    assert to_boxes(value) == boxes


@pytest.mark.parametrize(
    "value, complaint",
    [
        (None, "needs a 'box'"),
        ([], "needs a 'box'"),
        ("here", "needs a 'box'"),
        ("(1,2),(30,40) perhaps", "needs a 'box'"),
        ({"x": 1}, "needs a 'box'"),
        ([1, 2, 3], "four numbers"),
        ([1, 2, "x", 4], "four numbers"),
        ([1, 2, 1001, 40], r"box \[1, 2, 1001, 40\] does not lie between 0 and 1000"),
        ([-1, 2, 30, 40], "does not lie"),
        ([30, 2, 1, 40], "its left top corner first"),
        ([1, 2, 1, 40], "its left top corner first"),
        ("(30,40),(1,2)", "its left top corner first"),
        ([0.1, 0.1, float("nan"), 0.9], "does not lie"),
    ],
)
def test_what_is_no_box_is_said_so(value, complaint):
    with pytest.raises(LineError, match=complaint):
        to_boxes(value)
