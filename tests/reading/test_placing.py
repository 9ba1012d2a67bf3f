"""Boxes in thousandths lie on the page and hold their words."""

from hypothesis import given
from hypothesis import strategies as st

from monkeycli.document import SIDE
from monkeycli.reading.layout import Row, Word, order_words
from monkeycli.reading.placing import place_lines

places = st.floats(-2000, 2000, allow_nan=False)
sides = st.floats(0.5, 15_000)


@st.composite
def words(draw):
    left, right = sorted(draw(st.tuples(places, places)))
    top, bottom = sorted(draw(st.tuples(places, places)))
    return Word(left, top, right, bottom, draw(st.sampled_from(["a", "bc", "a long one"])))


@given(st.lists(st.lists(words(), max_size=4), max_size=4), sides, sides)
def test_a_box_lies_on_the_page_and_holds_its_words_middle(lines, height, width):
    placed = place_lines(lines, height=height, width=width)
    kept = [
        (number, word)
        for number, line in enumerate(lines)
        for word in line
        if 0 <= word.middle <= height and 0 <= (word.left + word.right) / 2 <= width
    ]

    assert [(word.line, word.text) for word in placed] == [(n, w.text) for n, w in kept]
    for box, (_, word) in zip(placed, kept, strict=True):
        assert 0 <= box.left <= (word.left + word.right) / 2 / width * SIDE <= box.right <= SIDE
        assert 0 <= box.top <= word.middle / height * SIDE <= box.bottom <= SIDE


def test_what_reaches_over_the_edge_ends_there():
    over = Word(-10, 90, 30, 105, "over")
    off = Word(-30, 0, 20, 10, "off")

    ((*found, left, top, right, bottom),) = place_lines([[off], [over]], height=100, width=100)

    assert found == ["over", 1]
    assert (left, top, right, bottom) == (0, 900, 300, 1000)


def test_words_without_bounds_are_left_out_or_end_at_the_edge():
    endless = Word(float("-inf"), 0, float("inf"), 10, "x")
    long = Word(5, 0, float("inf"), 10, "y")

    assert place_lines([[endless, long]], height=100, width=100) == ()


def test_rows_give_words_as_they_stand_on_the_page():
    lines = [
        Word(10 * n, 20 * row, 10 * n + 9, 20 * row + 10, "abc"[n])
        for row in (0, 1)
        for n in (0, 1, 2)
    ]
    note = Word(90, 10, 95, 60, "note")
    double = Word(10.5, 0, 19.5, 10, "b")

    rows = order_words([note, double, *lines])

    assert [[word.text for word in row.placed] for row in rows] == [[*"abc"], [*"abc"], ["note"]]
    assert rows[-1].is_sideways
    assert rows[-1].placed == (note,)
    assert {word for row in rows for word in row.placed} == {note, *lines}
    assert Row((note,)).placed == (note,)
