"""Receipts say many totals, of which one is asked for."""

import re

import pytest

pytest.importorskip("faker", reason="the synthesizer needs Faker: pip install faker")

from training.synthesis.receipts import COUNTS, receipt
from training.synthesis.words import Words


@pytest.fixture(scope="module", params=["train", "held-out"])
def receipts(request):
    return [receipt(Words(f"{request.param}/{n}", request.param)) for n in range(150)]


def test_answers_stand_on_the_receipt_or_are_counts(receipts):
    for page in receipts:
        flat = " ".join(page.text.split())
        for question, answer in page.questions:
            is_count = answer.isdigit() and len(answer) < 3
            assert is_count or answer == "not on this page" or answer in flat, question


def test_counts_and_taxes_stand_beside_the_total(receipts):
    texts = [page.text for page in receipts]

    assert any(any(name in text for name in COUNTS) for text in texts)
    assert any(
        re.search(r"^(S @ |A = )?[\d.]+%  [\d.,]+  [\d.,]+$", text, re.MULTILINE) for text in texts
    )


def test_what_was_rounded_is_right(receipts):
    """A total that was rounded is a multiple of five cents."""
    totals = [dict(page.facts) for page in receipts]
    rounded = [facts["total"] for facts in totals if "rounding" in facts]

    assert rounded
    for total in rounded:
        assert int(re.sub(r"\D", "", total)) % 5 == 0, total


def test_pages_to_train_on_have_broken_names_and_slips_of_terminals():
    def count(split, pattern):
        pages = (receipt(Words(f"{split}/{n}", split)) for n in range(150))
        return sum(bool(re.search(pattern, page.text, re.MULTILINE)) for page in pages)

    for pattern in (r"^(AID|TID|BATCH|Auth code) ?", r"^(Co\. Reg|Reg No|Company No)", r"^\d{13}$"):
        assert count("train", pattern) > 3, pattern
        assert count("held-out", pattern) == 0, pattern
