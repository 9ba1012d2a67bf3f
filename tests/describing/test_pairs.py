"""Keys and values: only those that nobody could mistake."""

import pytest

from monkeycli.describing.pairs import Pair, find_pairs, names_value


@pytest.mark.parametrize(
    "text, pairs",
    [
        ("Invoice no.:  RB-20418\n", [("Invoice no.", "RB-20418")]),
        ("Date: 3 June 2024\n", [("Date", "3 June 2024")]),
        ("Name:  Ann  Date:  1 May\n", [("Name", "Ann"), ("Date", "1 May")]),
        ("Total due  $9.00\n", [("Total due", "$9.00")]),
        ("Oak table  4  $1,960.00\n", []),  # three cells: which is the value?
        ("Item  Amount\n", []),  # no figure, no colon
        ("12:30  13:45\n", []),  # the key has no letters
        ("Date:  Time:\n", []),  # an empty form
        ("Seller:  Date: 1 May\n", [("Date", "1 May")]),  # nobody signed as the seller
        ("Tax: 1\nTax: 2\n", []),  # which of the two?
        ("Tax: 1\nTAX:  1\n", [("Tax", "1")]),
        ("note: " + "word " * 12 + "\n", []),  # running text
        ("", []),
    ],
)
def test_pairs_of_a_page(text, pairs):
    assert [(pair.key, pair.value) for pair in find_pairs(text)] == pairs


@pytest.mark.parametrize(
    "pair, question",
    [
        (Pair("Invoice Number", "7"), "What is the invoice number?"),
        (Pair("CASH (RM)", "7"), "What is the cash (RM)?"),
        (Pair("VAT ID", "GB1"), "What is the VAT ID?"),
        (Pair("Bill to", "Ann"), 'What stands behind "Bill to"?'),
        (Pair("TOTAL", "$9", has_colon=False), "What is the total?"),
        (Pair("Cheese scone", "5.60", has_colon=False), 'What stands beside "Cheese scone"?'),
    ],
)
def test_questions(pair, question):
    assert pair.question == question


def test_names_of_values():
    assert [names_value(text) for text in ("Total: $9", "Totally", "VAT 20")] == [True, False, True]
