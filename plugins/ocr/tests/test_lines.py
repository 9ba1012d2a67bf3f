"""Lines become words whose boxes lie where the letters are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monkey_ocr.lines import Line, cut_line, cut_lines

from monkeycli.reading.layout import Word, join_words

FLAT = ((10, 20), (110, 20), (110, 30), (10, 30))


def test_words_share_the_line_by_their_letters_where_the_engine_says_nothing():
    words = list(cut_line(Line("ab cdef", 1.0, ((0, 0), (70, 0), (70, 10), (0, 10)))))

    assert [word.text for word in words] == ["ab", "cdef"]
    assert [word[:4] for word in words] == [
        pytest.approx((0, 0, 20, 10)),
        pytest.approx((30, 0, 70, 10)),
    ]


def test_words_lie_where_the_engine_saw_their_letters():
    spans = ((0.0, 0.1), (0.1, 0.2), (0.8, 0.9), (0.9, 1.0))
    words = list(cut_line(Line("ab cd", 1.0, FLAT, spans)))

    assert words == [Word(10, 20, 30, 30, "ab"), Word(90, 20, 110, 30, "cd")]


def test_a_wide_gap_parts_words_that_the_engine_wrote_together():
    spans = ((0.0, 0.1), (0.1, 0.2), (0.8, 0.9), (0.9, 1.0))
    words = cut_lines([Line("ab$9", 1.0, FLAT, spans)])

    assert join_words(words) == "ab  $9\n"


def test_letters_somewhat_apart_stay_one_word():
    spans = ((0.0, 0.1), (0.15, 0.25), (0.3, 0.4))

    assert [word.text for word in cut_line(Line("SUM", 1.0, FLAT, spans))] == ["SUM"]


def test_spans_that_do_not_fit_the_text_are_not_used():
    line = Line("ab cd", 1.0, FLAT, ((0.0, 0.5),))

    assert list(cut_line(line)) == list(cut_line(Line("ab cd", 1.0, FLAT)))


def test_words_of_a_slanted_line_lie_on_its_slant():
    """Else the box of every word would be as high as the slant of the whole line."""
    line = Line("ab cd", 1.0, ((0, 0), (100, 20), (100, 30), (0, 10)))
    first, second = cut_line(line)

    assert (first.top, first.bottom) == pytest.approx((0, 18))
    assert (second.top, second.bottom) == pytest.approx((12, 30))


def test_a_line_up_the_page_stays_whole():
    line = Line("ab cd", 1.0, ((0, 0), (10, 0), (10, 100), (0, 100)))

    assert list(cut_line(line)) == [Word(0, 0, 10, 100, "ab cd")]


@pytest.mark.parametrize(
    "width, height, is_tall", [(10, 10, False), (10, 14, False), (10, 15, True), (0, 5, True)]
)
def test_tall_is_one_and_a_half_times_as_high_as_wide(width, height, is_tall):
    line = Line("x", 1.0, ((0, 0), (width, 0), (width, height), (0, height)))

    assert line.is_tall == is_tall


@given(st.text(st.sampled_from("ab \u4e2d9."), max_size=30))
def test_no_letter_is_lost_and_every_word_lies_in_its_line(text):
    words = list(cut_line(Line(text, 1.0, FLAT)))

    assert "".join(word.text for word in words) == "".join(text.split())
    for word in words:
        assert 10 <= word.left < word.right <= 110 + 1e-9
        assert (word.top, word.bottom) == (20, 30)
    assert words == sorted(words)
