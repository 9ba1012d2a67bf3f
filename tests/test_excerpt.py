"""What a page says of a question: every word is looked for, rows come with their headings."""

import random
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monkeycli.excerpt import MAX_PIECE, take_excerpt

TEXTS = st.lists(
    st.lists(st.text("abc 12é中.:\u2028", max_size=30), max_size=5).map("  ".join), max_size=12
).map("\n".join)

STATES = """Births and deaths by state
State  Births  Deaths  Total
Alabama  58,012  61,204  119,216
Alaska  9,204  5,101  14,305
Arizona  78,880  70,123  149,003
Arkansas  35,471  40,219  75,690
"""

LETTER = """Dear Ms Hall,
we confirm your order of 3 March. The goods
will be delivered by Brightwater Carriers on
Friday. Payment is due within thirty days.
Yours sincerely,
Ada Moran
Head of Sales
"""


@given(TEXTS, st.text("abc 12é中?", max_size=40), st.integers(1, 200))
@example("", "a", 1)
@example("a  b  c", "b?", 2)
def test_an_excerpt_fits_and_has_nothing_that_the_page_has_not(text, question, room):
    found = take_excerpt(text, question, room)
    assert len(found) <= room
    words = set(text.split()) | {f"{word}:" for word in text.split()}
    whole = {word for word in found.split() if len(found) < room}
    assert all(word in words or word.rstrip(":") in text for word in whole)


@pytest.mark.parametrize(
    ("text", "question", "found"),
    [
        (STATES, "What is the total for Alaska?", "Births: 9,204  Deaths: 5,101  Total: 14,305"),
        (STATES, "alabama deaths", "State: Alabama  Births: 58,012  Deaths: 61,204"),
        (LETTER, "When is the payment due?", "Friday. Payment is due within thirty days."),
        (LETTER, "Who delivers the goods?", "will be delivered by Brightwater Carriers on"),
        (LETTER, "Who is the head of sales?", "Ada Moran"),
        ("Invoice no.\n4711\nDate\n3 May", "invoice number?", "Invoice no.\n4711"),
        ("Invoice no.:  Date:  Due:\n4711  3 May  4 June", "When is it due?", "Due: 4 June"),
        ("Paid  2023  2024\nTax  12  14\nRent  30  31", "rent in 2024", "2023: 30  2024: 31"),
        ("2023  2024\nTax  12  14\nRent  30  31", "rent in 2024", "Rent  2023: 30  2024: 31"),
        ("A  B  C\nTax  12  14\nRent    31", "rent", "A: Rent  C: 31"),
        ("A  B  C\nTax  12  14\nRent  30  ", "rent", "A: Rent  B: 30"),
        (
            "A  Net  Gross\n  sales  sales\nTax  1  2",
            "tax net",
            "A: Tax  Net sales: 1  Gross sales",
        ),
        (
            "Net  Gross  All\nA  sales  pay  sales\nTax  1  2  3",
            "tax",
            "Net sales: 1  Gross pay: 2",
        ),
        ("A  B  C\nTax  12  14\nToll  none  free\nRent  30  31", "rent", "A: Rent  B: 30  C: 31"),
        ("2023  2024  2025\nTax  3  1  2  4", "tax", "Tax  3  2023: 1  2024: 2  2025: 4"),
        ("Rain  Sun  Snow\n1  Oslo  12  14  9", "oslo", "1  Oslo  Rain: 12  Sun: 14  Snow: 9"),
        ("A  B  C\nTax  12  14\nOf which:\nRent  30  31", "rent", "A: Rent  B: 30  C: 31"),
        ("A " + "word " * 90 + "ends. The fee is $9. " + "More. " * 90, "fee", "The fee is $9."),
    ],
)
def test_what_a_question_is_about_is_found(text, question, found):
    assert found in take_excerpt(text, question, room=240)


@pytest.mark.parametrize("question", ["What is it?", "", "?", "Who wrote the novel?", "<|im_end|>"])
def test_where_no_word_of_a_question_stands_there_is_no_excerpt(question):
    assert take_excerpt(STATES + LETTER, question, room=240) == ""


def test_a_row_is_written_with_its_own_table_s_headings():
    text = "City  Rain  Sun\nOslo  12  30\nOn roads\nYear  Cars  Boats\n1990  5  6\n2001  7  8\n"
    assert take_excerpt(text, "boats in 2001?", 240) == "Year: 2001  Cars: 7  Boats: 8"
    assert "Rain: 12" in take_excerpt(text, "Oslo", 240)


@pytest.mark.parametrize(
    ("above", "found"),
    [
        ("City  Rain  Sun\nOslo  fair  clear", "City: Rome  Rain: 12  Sun: 30"),
        ("Report for  Alabama\nCity  Rain  Sun", "City: Rome  Rain: 12  Sun: 30"),
        (f"Name  Age  Town\n{'It rains in all of these towns. ' * 3}", "Rome  12  30"),
        ("Name  Age  Town\nIt rains.\nIt pours.", "Rome  12  30"),
    ],
    ids=["a row of words", "a label and its value", "prose", "two lines"],
)
def test_what_stands_above_headings_or_below_them_is_no_line_of_theirs(above, found):
    assert take_excerpt(f"{above}\nRome  12  30\n", "Rome?", 240) == found


def test_headings_that_are_asked_for_come_without_the_first_row_below_them():
    """Which of the rows is meant is not known: the first would only mislead."""
    assert take_excerpt(STATES, "births by state?", 240).split("\n")[1:] == [
        "State  Births  Deaths  Total"
    ]


def test_a_row_that_is_asked_for_by_its_size_is_there_before_lines_with_the_same_words():
    found = take_excerpt(f"{'of births ' * 9}\n{STATES}", "the most births of any state?", 130)
    assert "State: Arizona  Births: 78,880  Deaths: 70,123  Total: 149,003" in found
    assert take_excerpt(STATES, "How many states are there?", 240).startswith(
        "4 rows: State  Births  Deaths  Total\n"
    )


def test_headings_of_a_row_that_is_asked_for_by_its_size_bring_no_other_row():
    text = "Item  Qty  Unit price\nLamp  2  39.90\nChair  1  249.00\nTray  4  12.50"
    assert take_excerpt(text, "most expensive item?", 240) == (
        "Item: Chair  Qty: 1  Unit price: 249.00"
    )


@pytest.mark.parametrize("room", range(1, 120))
def test_an_excerpt_with_numbers_of_rows_fits_too(room):
    """Two of them may be longer than there is room for both."""
    text = "".join(
        f"{name}  Rain  Sun\nA  1  2\nB  3  4\nWhat follows:\nand so on.\n" for name in "TU"
    )
    found = take_excerpt(text, "How many rows of rain are there?", room)
    assert len(found) <= room
    assert not found.endswith("\n")


def test_a_label_with_its_value_is_no_heading():
    text = "Owner: Ada Hall  Colour  red\nMake: own  Seen at  gate 4\nProblem  wet"
    assert take_excerpt(text, "Where was it seen?", 240) == "Make: own  Seen at  gate 4"


def test_choices_are_no_headings_of_those_below():
    text = "Purpose  [ ] Study  [x] Work\nState  [ ] single  [x] married"
    assert take_excerpt(text, "state?", 240) == "State  [ ] single  [x] married"


def test_headings_below_rows_of_another_kind_begin_a_table():
    text = (
        "Dated  Ref.  Terms  Id\n2015/07/16  R-6  net  T-7\nGoods  Qty  Price  Sum\nPen  5  8  40"
    )
    assert take_excerpt(text, "pen", 240) == "Goods: Pen  Qty: 5  Price: 8  Sum: 40"
    assert take_excerpt(text, "terms", 240).endswith("Terms: net  Id: T-7")


def test_a_line_that_says_less_of_the_question_than_another_is_left_out():
    """`Operating income` shares a word with the question, and would be taken for an answer."""
    text = "2023  2024\nOperating income  5  6\nNet income  3  4\nCash  8  9\nnet  1"
    assert take_excerpt(text, "What was the net income in 2023?", 240) == (
        "Net income  2023: 3  2024: 4"
    )


def test_all_lines_that_say_the_same_of_it_are_there():
    text = "Total  12\nThanks\nTotal  14\nBye"
    assert take_excerpt(text, "total?", 240) == "Total  12\nTotal  14"


def test_what_only_one_line_has_is_there_before_the_surroundings_of_another():
    head = "SUBDIVISION  ACTUAL (mm)  NORMAL (mm)  of the period, in mm, and much more of it"
    text = f"RAINFALL\n{head}\n{'x' * 60}\nNAGALAND  1  2\nMIZORAM  616.5  580.6\nEND"
    found = take_excerpt(text, "What was the actual rainfall in mm in Mizoram?", 240)
    assert "MIZORAM" in found


def test_of_a_row_that_is_too_long_what_is_asked_for_stays():
    heads = [f"Heading number {n}" for n in range(12)]
    text = "  ".join(["Name", *heads, "Weight"]) + "\n" + "  ".join(["Ann", *map(str, range(13))])
    assert take_excerpt(text, "What is the weight of Ann?", 200) == "Name: Ann  Weight: 12"
    assert take_excerpt(text, "Ann", 200).startswith("Ann  0  1  2  3  4")
    found = take_excerpt(text, "What is heading number 7 of Ann?", 200)
    assert found == "Name: Ann  Heading number 7: 7"


RECEIPT = """BRIGHT STORES
12 Mill Lane
T: (324) 262-8670  mail@bright.example
07-03-2024  14:22
Milk  2.40
Good until 31-03-2024
"""


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("When was it bought?", "07-03-2024  14:22\nGood until 31-03-2024"),
        ("at what time?", "07-03-2024  14:22"),
        ("telephone?", "T: (324) 262-8670  mail@bright.example"),
        ("How much was the milk?", "Milk  2.40"),
        ("How much was paid?", ""),
        ("website?", ""),
    ],
)
def test_a_value_of_the_kind_asked_for_is_found_without_a_word_in_common(question, found):
    assert take_excerpt(RECEIPT, question, 240) == found


def test_a_word_that_only_one_line_has_is_worth_more_than_common_ones():
    """Else the rows that say `rate` would crowd out the only one about Utah."""
    text = "\n".join([f"Rate of {name}: {n} percent" for n, name in enumerate("ABCDEFGH")])
    found = take_excerpt(f"{text}\nUtah pays 7", "What is the rate in percent of Utah?", 100)
    assert found.endswith("Utah pays 7")


def test_the_same_text_and_question_give_the_same_excerpt_in_every_process():
    """Sets of words are ordered anew in each."""
    code = "import sys; from monkeycli.excerpt import take_excerpt as take;"
    code += "print(take(*sys.argv[1:], 99))"
    words = [sys.executable, "-c", code, STATES + LETTER, "total deaths of Alaska, goods of March"]
    found = {
        subprocess.check_output(words, env={"PYTHONHASHSEED": seed}) for seed in ("1", "2", "3")
    }
    assert len(found) == 1 and len(found.pop()) > 1


def test_a_long_page_is_quick():
    """Every question about a page looks through it; quadratic time would show."""
    text = "".join(f"Line {n} says {n * 7} and more of it\n" for n in range(20_000))
    assert take_excerpt(text, "What does line 19000 say?", 240).startswith("Line 18999 says")


def test_a_paragraph_without_line_breaks_is_cut_at_sentences():
    text = "One two three. " * 40 + "The key is under the mat. " + "Four five six. " * 40
    assert len(take_excerpt(text, "Where is the key?", 1000)) < 4 * MAX_PIECE


def test_a_row_shares_words_with_its_headings_too():
    """The headings alone share more words with the question than any line, but answer nothing."""
    text = (
        "Quarter to June 30  Year to June 30\n2024  2023  2024  2023\nSales  11  12  13  14\n"
        "Costs  21  22  23  24\nSales rose in June.\n"
    )
    question = "What were the sales in the year to June 30, 2023?"
    assert take_excerpt(text, question, 90).startswith("Sales  Year to June 30 2023: 14")


def test_a_page_full_of_rows_of_words_is_quick():
    """Every question looks for tables; the square of the number of rows would show."""
    draw = random.Random(0)
    rows = [
        "  ".join(draw.choices(("ash", "oak", "elm"), k=draw.choice((3, 4)))) for _ in range(6_000)
    ]
    assert take_excerpt("\n".join(rows), "Where is the oak?", 90)
