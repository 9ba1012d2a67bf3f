"""Lines of text are sorted as a page is read."""

from hypothesis import given, settings
from hypothesis import strategies as st

from monkeycli.describing.evidence import Evidence
from monkeycli.describing.reading_order import join_texts, sort_texts
from tests.describing.test_overlap import boxes

SIZE = (896, 1344)


def text(words, left, top, right, bottom):
    return Evidence("text", words, (left, top, right, bottom), confidence=0.9)


PAGE = [
    text("HEAD", 0.1, 0.05, 0.5, 0.1),
    text("Total", 0.1, 0.5, 0.3, 0.53),
    text("$9.00", 0.7, 0.504, 0.8, 0.534),
    text("Thanks", 0.1, 0.9, 0.3, 0.93),
]


def test_rows_from_the_top_and_cells_from_the_left():
    assert sort_texts(PAGE[::-1], SIZE) == PAGE


def test_the_text_of_a_page_has_a_line_per_row():
    assert join_texts(PAGE[::-1], SIZE) == "HEAD\nTotal  $9.00\nThanks\n"


def test_text_up_the_side_comes_last_and_is_not_lost():
    side = text("sideways and long", 0.0, 0.2, 0.02, 0.8)

    assert sort_texts([side, *PAGE], SIZE) == [*PAGE, side]


def test_two_texts_of_one_place_both_stay():
    twice = [PAGE[0], PAGE[0]]

    assert sort_texts(twice, SIZE) == twice


def test_a_page_without_text():
    assert (sort_texts([], SIZE), join_texts([], SIZE)) == ([], "")


@settings(max_examples=40)
@given(st.lists(st.builds(Evidence, st.just("text"), st.text(max_size=5), boxes()), max_size=10))
def test_nothing_is_lost_and_nothing_added(texts):
    assert sorted(sort_texts(texts, SIZE), key=repr) == sorted(texts, key=repr)
