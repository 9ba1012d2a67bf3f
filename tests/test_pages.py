from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.errors import UsageError
from monkeycli.pages import page_error, parse_pages


@pytest.mark.parametrize(
    "text, num_pages, expected",
    [
        ("all", 3, [1, 2, 3]),
        ("ALL", 1, [1]),
        ("2", 3, [2]),
        ("3,1", 3, [3, 1]),
        ("2-3,1-3", 3, [2, 3, 1]),
        (" 1 - 2 , 2 ", 3, [1, 2]),
        ("end", 5, [5]),
        ("4-end,end", 5, [4, 5]),
        ("end-end", 5, [5]),
        # a page that does not exist is named once per part, and stands for all beyond it
        ("7", 5, [7]),
        ("4-9", 5, [4, 5, 6]),
        ("8-9", 5, [8]),
        ("10-end", 5, [10]),
        ("1-999999999", 2, [1, 2, 3]),
        ("1-3,7,10-end", 12, [1, 2, 3, 7, 10, 11, 12]),
    ],
)
def test_selects(text, num_pages, expected):
    assert parse_pages(text).select(num_pages) == expected


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "an empty part"),
        ("1,,2", "an empty part"),
        ("0", "no page 0"),
        ("0-3", "no page 0"),
        ("3-1", "backwards"),
        ("end-3", "backwards"),
        ("-3", "'-3' is no page"),
        ("1-", "'1-' is no page"),
        ("1-2-3", "is no page"),
        ("one", "'one' is no page"),
        ("1.5", "is no page"),
        ("1" * 5000, "is no page"),
        ("\u0661", "is no page"),
        ("all,1", "'all' is no page"),
    ],
)
def test_refuses(text, complaint):
    with pytest.raises(UsageError, match=complaint) as caught:
        parse_pages(text, option="pages of line 3")

    assert "pages of line 3" in caught.value.message
    assert repr(text) in caught.value.message


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 10)), min_size=1), st.integers(1, 20))
def test_every_wanted_page_comes_once(parts, num_pages):
    text = ",".join(f"{first}-{first + more}" for first, more in parts)
    chosen = parse_pages(text).select(num_pages)

    assert len(chosen) == len(set(chosen))
    wanted = {page for first, more in parts for page in range(first, first + more + 1)}
    assert {page for page in chosen if page <= num_pages} == {
        page for page in wanted if page <= num_pages
    }
    assert any(page > num_pages for page in chosen) == any(page > num_pages for page in wanted)


def test_all_is_in_order():
    assert all(last + 1 == page for last, page in pairwise(parse_pages("all").select(100)))


def test_an_error_names_both_numbers():
    error = page_error(7, 1)

    assert error.code == "page_out_of_range"
    assert str(error) == "page 7 does not exist: the document has 1 page; ask for page 1"
