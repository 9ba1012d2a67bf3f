"""Where an answer stands: the right words, one box a line, and nothing where there is nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.document import SIDE, PlacedWord
from monkeycli.locate import locate_answer


def place(text):
    """Set a page as a typewriter does: letters 10 wide, lines 20 high and 30 apart."""
    words = []
    for line, row in enumerate(text.splitlines()):
        column = 0
        for part in row.split(" "):
            if part:
                left, top = 10 * column, 30 * line
                words.append(PlacedWord(part, line, left, top, left + 10 * len(part), top + 20))
            column += len(part) + 1
    return words


def at(column, line, length):
    """Give the box of so many letters."""
    return (10 * column, 30 * line, 10 * (column + length), 30 * line + 20)


TABLE = """
Results        2024    2023
Revenue         500     400
Costs           400     300
Profit          100     100
"""

INVOICE = """
Invoice No: 17        Date:12/03/2024
Bill to:  Jane Roe,   9 Long Lane
Pens      3           RM80.91
Subtotal              $80.90
Tax                   $8.09
Total                 $80.90.
Tel 01865-80.90       Items 3
"""

PROSE = """
In May the company opened a long-
term office in Upper Hey-
ford, near Oxford. The well-
known office (in Oxford) is small.
"""


@pytest.mark.parametrize(
    "page, question, answer, expected",
    [
        (INVOICE, "who pays?", "Jane Roe", [at(10, 2, 9)]),
        (INVOICE, "who pays?", "JANE ROE.", [at(10, 2, 9)]),
        (INVOICE, "address?", "9 Long Lane", [at(22, 2, 11)]),
        (INVOICE, "total?", "80.90", [at(22, 6, 7)]),
        (INVOICE, "subtotal?", "$80.90", [at(22, 4, 6)]),
        (INVOICE, "what is it?", "$80.90", [at(22, 4, 6)]),
        (INVOICE, "the price of pens?", "80.91", [at(22, 3, 7)]),
        (INVOICE, "date?", "12/03/2024", [at(22, 1, 15)]),
        (INVOICE, "invoice number?", "17", [at(12, 1, 2)]),
        (INVOICE, "how many items are listed?", "3", [at(28, 7, 1)]),
        (INVOICE, "how many pens?", "3", [at(10, 3, 1)]),
        (INVOICE, "tel?", "01865-80.90", [at(4, 7, 11)]),
        (TABLE, "revenue in 2023?", "400", [at(24, 2, 3)]),
        (TABLE, "costs in 2024?", "400", [at(16, 3, 3)]),
        (TABLE, "profit in 2023?", "100", [at(24, 4, 3)]),
        (TABLE, "profit in 2024?", "100", [at(16, 4, 3)]),
        (PROSE, "what was opened?", "a long-term office", [at(26, 1, 7), at(0, 2, 11)]),
        (PROSE, "what was opened?", "a long- term office", [at(26, 1, 7), at(0, 2, 11)]),
        (PROSE, "where?", "Upper Heyford", [at(15, 2, 10), at(0, 3, 5)]),
        (PROSE, "what is small?", "the well-known office", [at(19, 3, 9), at(0, 4, 12)]),
        (PROSE, "where is the small office?", "Oxford", [at(17, 4, 7)]),
        (PROSE, "what is near?", "oxford", [at(11, 3, 7)]),
        ("\u5408\u8a08\u91d1\u984d1,234\u5186", "?", "1,234\u5186", [at(0, 0, 10)]),
        ("\u5408\u8a08\u91d1\u984d1,234\u5186", "?", "\u91d1\u984d", [at(0, 0, 10)]),
        ("the of\ufb01ce", "?", "OFFICE", [at(4, 0, 5)]),
        ("Due:12 March 2024.pdf", "?", "12 March 2024", [at(0, 0, 21)]),
    ],
)  # fmt: skip
def test_an_answer_is_found_where_it_stands(page, question, answer, expected):
    assert locate_answer(answer, place(page), question=question) == tuple(expected)


@pytest.mark.parametrize(
    "page, question, answer",
    [
        (INVOICE, "is there an invoice?", "No"),
        (INVOICE, "is it paid?", "yes."),
        (INVOICE, "how many lines are there?", "3"),
        (INVOICE, "the number of taxes?", "17"),
        (INVOICE, "total?", "0.9"),
        (INVOICE, "total?", "90"),
        (INVOICE, "which month?", "03"),
        (INVOICE, "who?", "Jane"[:3]),
        (INVOICE, "who?", "Jane Smith"),
        (INVOICE, "who?", "Roe Jane"),
        (INVOICE, "who?", "-"),
        (INVOICE, "who?", ""),
        ("A4 Q2", "which size?", "4"),
        ("", "total?", "5"),
    ],
)
def test_an_answer_that_stands_nowhere_has_no_box(page, question, answer):
    assert locate_answer(answer, place(page), question=question) is None


def test_the_words_between_belong_to_the_box():
    page = place("5 --- 7\n\n")

    assert locate_answer("5 7", page) == (at(0, 0, 7),)


def test_a_page_of_one_word_again_and_again_is_no_work():
    page = place("\n".join(["total 5"] * 20_000))

    assert locate_answer("5", page, question="total " * 500) == (at(6, 0, 1),)


texts = st.lists(
    st.lists(st.text("ab 1,.-$\u5408", min_size=1, max_size=6), min_size=1, max_size=5), max_size=6
).map(lambda lines: "\n".join(map(" ".join, lines)))


def bare(words):
    """Give what is compared of words: their letters and digits, and what stands between them."""
    return [re.sub(r"^\W+|\W+$", "", word.text).lower() for word in words]


@given(texts, st.data(), st.text("ab1 ", max_size=8))
def test_what_stands_on_the_page_is_found_and_boxed_line_by_line(text, data, question):
    words = [word for word in place(text) if any(map(str.isalnum, word.text))]
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    run = words[first : first + data.draw(st.integers(1, 8))]
    boxes = locate_answer(" ".join(word.text for word in run), words, question=question)

    assert boxes is not None
    lines = [[w for w in words if w.top == top] for _, top, _, _ in boxes]
    inside = [
        [w for w in line if left <= w.left and w.right <= right]
        for line, (left, _, right, _) in zip(lines, boxes, strict=True)
    ]
    assert bare(w for line in inside for w in line) == bare(run)
    assert boxes == tuple((w[0].left, w[0].top, w[-1].right, w[0].bottom) for w in inside)


@given(texts, st.text("ab1 ", max_size=8))
def test_the_only_place_is_found_whatever_was_asked(text, question):
    words = [*place(text), PlacedWord("Zoe's", 99, 1, 2, SIDE - 1, SIDE)]

    assert locate_answer("zoe's", words, question=question) == ((1, 2, SIDE - 1, SIDE),)
