"""What a fuser wrote is borne out by the evidence, or it is told what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.describing.checks import check_text, fold_text
from monkeycli.describing.evidence import Evidence

BOX = (0.1, 0.2, 0.3, 0.4)
EVIDENCE = [
    Evidence("global", "a receipt from 2024-06-03"),
    Evidence("text", "Total: $1,234.50", BOX, confidence=0.99),
    Evidence("text", "(see p. 4, 5)", BOX, confidence=0.99),
    Evidence("region", "two dogs", BOX, match=0.9),
]


@pytest.mark.parametrize(
    "text",
    [
        "A receipt. The total is $1,234.50.",
        "The total is 1234.50 dollars.",
        "It is dated 2024-06-03, or 06/03/2024.",
        'It reads "Total: $1,234.50" and "(see p. 4, 5)".',
        "It refers to pages (4, 5).",  # brackets, but these very numbers are evidence
        'It says \u201ctotal\u201d and "SEE  P. 4".',
        "Two dogs, and nothing else",
        'At the top "Total: $1,234.50 (see p. 4, 5)" stands in a row.',
    ],
)
def test_what_is_borne_out_is_accepted(text):
    checks = check_text(text, EVIDENCE)

    assert [c for c in checks.complaints if "(4, 5)" not in c] == []


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "it is empty"),
        ("One. Two. Three. Four. Five. Six.", "it has 6 sentences, at most 5 are allowed"),
        ("The total is $1,234.", "no evidence contains the number 1,234"),
        ("The total is $234.50.", "no evidence contains the number 234.50"),
        ("There are 2 dogs.", "no evidence contains the number 2"),
        ("A dog at [0.1, 0.2, 0.3, 0.4].", "it has coordinates: [0.1, 0.2, 0.3, 0.4]"),
        ("A dog at (12,40),(50,60).", "it has coordinates: (12,40)"),
        ("A dog at 0.1, 0.25.", "it has coordinates: 0.1, 0.25"),
        ("A dog at x1=4.", "it has coordinates: x1=4"),
        ("A <box> is there.", "it has coordinates: <box>"),
        ('It reads "Grand total".', 'no evidence contains the words "Grand total"'),
        ("It reads \u201cPaid in full\u201d.", 'no evidence contains the words "Paid in full"'),
        ('It reads "Total: $9".', "no evidence contains the number 9"),
    ],
)
def test_what_is_not_is_rejected(text, complaint):
    assert complaint in check_text(text, EVIDENCE).complaints


def test_full_stops_inside_a_quotation_end_no_sentence():
    evidence = [Evidence("text", "No. 1. Open. Shut. Rest. Go. Stop.", BOX)]

    assert check_text('It reads "No. 1. Open. Shut. Rest. Go. Stop."', evidence).sentences == 1


def test_a_quotation_that_is_made_up_hides_no_number():
    checks = check_text('It reads "Total 99".', EVIDENCE)

    assert checks.unsupported_numbers == ("99",)


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_can_be_checked(text, known):
    checks = check_text(text, [Evidence("text", known, BOX)])

    assert checks.sentences >= 0


@given(st.text(st.characters(codec="ascii"), max_size=40))
def test_evidence_bears_itself_out(words):
    """All but its length and its own quotation marks."""
    words = words.replace('"', "'")
    checks = check_text(words, [Evidence("text", words, BOX)])

    assert checks.unsupported_numbers == ()


def test_case_marks_and_spaces_make_no_difference():
    assert fold_text("\u201cGrand\u00a0 Total\u201d:") == fold_text("'grand total'")
