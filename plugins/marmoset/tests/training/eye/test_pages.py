"""A page on paper says what the made-up page says."""

import numpy as np
import pymupdf
import pytest
from training.eye.pages import print_page, scan_slip, short_page
from training.synthesis.draft import NO_ANSWER, Page


@pytest.mark.parametrize("size, longest", [(14, 50), (24, 28)])
def test_print_has_the_text_of_the_page(tmp_path, size, longest):
    page = short_page("held-out", 3, longest)
    print_page(page, tmp_path / "page.pdf", size=size, seed="3", held_out=False)

    with pymupdf.open(tmp_path / "page.pdf") as document:
        hyphens = str.maketrans("\u00ad\u2010", "--")  # of some fonts, by their glyph
        words = document[0].get_text().translate(hyphens).split()
        spans = [
            span
            for block in document[0].get_text("dict")["blocks"]
            for line in block["lines"]
            for span in line["spans"]
        ]
        assert {round(span["size"]) for span in spans} == {size}
        assert all(document[0].rect.contains(span["bbox"]) for span in spans)
    assert sorted(words) == sorted(page.text.split())


def test_answers_stand_on_the_page_and_some_question_has_none():
    page = short_page("train", 5, 50)
    answers = [answer for _, answer in page.questions]

    assert NO_ANSWER in answers
    assert all(answer in page.text for answer in answers if answer != NO_ANSWER)


def test_a_slip_is_as_wide_as_its_longest_line_and_always_the_same():
    page = Page("receipt", "MARKET\nApples  1.20\nTotal  3,411.20 EUR", ())
    slip = scan_slip(page, seed="4", held_out=False)

    assert slip.dtype == np.uint8 and slip.ndim == 3
    assert 6 * 18 < slip.shape[1] < 22 * 40
    assert np.array_equal(slip, scan_slip(page, seed="4", held_out=False))
    assert not np.array_equal(slip, scan_slip(page, seed="5", held_out=False))
    assert slip.min() + 50 < slip.max()
