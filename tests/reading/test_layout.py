import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.reading import layout
from monkeycli.reading.layout import Word, join_words

LEFT = """The company was founded in the
spring of a year that nobody now
remembers, by two brothers who
sold ink to the printers of the
town and later to the whole of
the province, until the war."""

RIGHT = """After the war the factory was
moved to the river, where it has
stood ever since; the old house
became a museum, and the brothers
are remembered there by a small
portrait above the first press."""


def place(text, left=0, top=0, *, size=10, pitch=12):
    """Set lines as a typewriter does: a letter is 0.6 em wide, so two spaces are a wide gap."""
    words = []
    for row, line in enumerate(text.splitlines()):
        column = 0
        for part in line.split(" "):
            x, y = left + column * 0.6 * size, top + row * pitch
            if part:
                words.append(Word(x, y, x + len(part) * 0.6 * size, y + 1.35 * size, part))
            column += len(part) + 1
    return words


TABLE = """Item                     2023      2022
Revenue                 1,234       999
Cost of goods sold        800       700
Other operating income     12         9
Net profit for the year   446       308
"""

FORM = """Name:     Jane Roe            Account:  12-345
Street:   9 Long Lane         Opened:   3 May 2021
Town:     Oxford              Branch:   High Street
Phone:    01865 111           Manager:  Mr Smith
E-mail:   jane@roe.example    Status:   active
"""

WORDY_TABLE = """Task                            Responsible
Report on the market analysis   Head of Regional Sales
Draft contract for the tender   Legal Department Oxford
Final audit of the accounts     External Audit Company
Plan for the coming quarter     Board of Directors
Training for the new staff      Human Resources Team
"""


def squeeze(text):
    """Give lines with their wide gaps made two spaces."""
    lines = [[part for part in line.split("  ") if part] for line in text.splitlines()]
    return "".join("  ".join(part.strip() for part in parts) + "\n" for parts in lines)


@pytest.mark.parametrize(
    "text", [TABLE, FORM, WORDY_TABLE, LEFT, "one", "Total  5"], ids=lambda text: text[:8]
)
def test_tables_and_forms_stay_row_by_row(text):
    assert join_words(place(text)) == squeeze(text)


@pytest.mark.parametrize("shift", [0, 3, 6])
def test_columns_of_prose_are_read_one_after_the_other(shift):
    """However the lines of one stand to those of the other."""
    words = place(LEFT) + place(RIGHT, left=240, top=shift)

    assert join_words(words) == f"{LEFT}\n{RIGHT}\n"


def test_three_columns():
    words = place(LEFT) + place(RIGHT, left=240) + place(LEFT, left=480)

    assert join_words(words) == f"{LEFT}\n{RIGHT}\n{LEFT}\n"


def test_what_crosses_the_gutter_ends_the_columns():
    title = "A SHORT HISTORY OF A SMALL COMPANY IN THE OLD TOWN BY THE RIVER"
    words = [
        *place(title),
        *place(LEFT, top=20),
        *place(RIGHT, left=240, top=20),
        *place(title, top=100),
        *place(RIGHT, top=120),
        *place(LEFT, left=240, top=120),
    ]

    expected = [title, LEFT, RIGHT, title, RIGHT, LEFT]
    assert join_words(words) == "".join(f"{part}\n" for part in expected)


def test_a_heading_above_one_column_stays_with_it():
    words = [*place("1  Beginnings"), *place(LEFT, top=14), *place(RIGHT, left=240)]

    assert join_words(words) == f"1  Beginnings\n{LEFT}\n{RIGHT}\n"


def test_a_table_below_columns_stays_row_by_row():
    words = [*place(LEFT), *place(RIGHT, left=240), *place(TABLE, top=150)]

    assert join_words(words) == f"{LEFT}\n{RIGHT}\n{squeeze(TABLE)}"


@pytest.mark.parametrize(
    "words, expected",
    [
        ([], ""),
        ([Word(0, 0, 10, 10, " ")], ""),
        ([Word(0, 5, 10, 5, "flat")], ""),
        # order in the file says nothing
        (
            [Word(60, 0, 90, 10, "b"), Word(0, 20, 30, 30, "c"), Word(0, 1, 30, 11, "a")],
            "a  b\nc\n",
        ),
        # raised and lowered words
        (
            [Word(0, 0, 20, 14, "10"), Word(20, -2, 25, 6, "3"), Word(27, 0, 40, 14, "m")],
            "10 3 m\n",
        ),
        # printed twice over itself
        ([Word(0, 0, 20, 10, "Total"), Word(0.4, 0, 20.4, 10, "Total")], "Total\n"),
        ([Word(0, 0, 20, 10, "no"), Word(23, 0, 43, 10, "no")], "no no\n"),
        # dots that lead the eye
        (place("Rent . . . . . . . . . . 7a  120"), "Rent  7a  120\n"),
        (place("Rent............ 120"), "Rent  120\n"),
        (place("and so on ... 120"), "and so on ... 120\n"),
        # up the side of the page: at the end
        (
            [
                *(Word(30, 80 - 35 * i, 40, 110 - 35 * i, w) for i, w in enumerate(["read", "me"])),
                *place("plain lines\nof text", left=50),
            ],
            "plain lines\nof text\nread me\n",
        ),
        # from right to left, with a name of our script inside
        (
            [
                Word(0, 0, 30, 10, "\u05d0"),
                Word(32, 0, 70, 10, "Acme"),
                Word(72, 0, 100, 10, "\u05d1"),
                Word(102, 0, 130, 10, "\u05d2"),
            ],
            "\u05d2 \u05d1 Acme \u05d0\n",
        ),
    ],
)
def test_rows(words, expected):
    assert join_words(words) == expected


BOXES = st.builds(
    lambda left, top, width, height, text: Word(left, top, left + width, top + height, text),
    *(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.floats(0, 500), st.floats(0, 50)),
    st.sampled_from(["of", "the", "report", "1,234", "\u05d0"]),
)


@given(st.lists(BOXES, max_size=40))
def test_no_word_is_invented_and_only_doubles_are_lost(words):
    kept = join_words(words).split()

    assert len(kept) <= len(words)
    for text in {word.text for word in words if word.left < word.right and word.height > 0}:
        assert text in kept
        assert kept.count(text) <= sum(word.text == text for word in words)


def test_a_page_too_large_for_the_search_is_read_row_by_row(monkeypatch):
    monkeypatch.setattr(layout, "_MAX_ROWS", 5)

    assert join_words(place(LEFT) + place(RIGHT, left=240)).startswith(
        "The company was founded in the  After the war the factory was\n"
    )


def test_dots_that_lead_to_nothing_leave_no_cell():
    words = [Word(0, 0, 30, 10, "Name"), Word(32, 0, 90, 10, "........")]

    assert join_words(words) == "Name\n"
