"""What is counted right without decoding is what greedy decoding writes."""

from pathlib import Path

import monkey_marmoset
import pytest
import torch
from safetensors.torch import load_file
from training import check_answers
from training.check_answers import Score, score_page
from training.language import load_base, merge_adapter
from training.prompt import Speller
from training.synthesis.draft import NO_ANSWER, Page

WEIGHTS = Path(monkey_marmoset.__file__).parent / "weights"

TEXT = "Bright Stores\nInvoice no.: 4711\nDate: 3 May 2024\nTotal: $12.50"


def _page(*questions):
    return Page("invoice", TEXT, questions)


@pytest.fixture(scope="module")
def marmoset():
    """The shipped language model with its adapter, and how it spells."""
    model = load_base(WEIGHTS, "branching")
    merge_adapter(model, load_file(WEIGHTS / "language-adapter.safetensors"))
    return model, Speller(WEIGHTS / "tokenizer.json")


def test_right_wrong_and_refused_answers_are_counted(marmoset):
    page = _page(
        ("What is the invoice number?", "4711"),
        ("What is the total?", "$12.50"),
        ("What is the total?", "$12.51"),
        ("What is the total?", NO_ANSWER),
        ("What is the vehicle's licence plate?", NO_ANSWER),
        ("What is the vehicle's licence plate?", "4711"),
    )
    assert score_page(*marmoset, page) == Score(4, 2, 1, 2, 1)


def test_a_question_counts_the_same_alone_and_among_others(marmoset):
    questions = (("invoice number", "4711"), ("date?", "3 May 2024"), ("shop?", "Bright Stores"))
    alone = sum((score_page(*marmoset, _page(pair)) for pair in questions), Score())
    assert score_page(*marmoset, _page(*questions)) == alone


def test_what_counts_as_right_is_what_greedy_decoding_writes(marmoset):
    model, speller = marmoset
    prompt = [*speller.opening(), *speller.evidence(TEXT)]
    for question in ("When was it issued?", "How much is to pay?", "Who is the seller?"):
        ids = prompt + speller.branch(question, None, TEXT).prompt
        model.config._attn_implementation = "sdpa"
        with torch.inference_mode():
            written = model.generate(torch.tensor([ids]), max_new_tokens=12, do_sample=False)
        model.config._attn_implementation = "branching"
        answer = speller.read(written[0, len(ids) :].tolist()).split("<|im_end|>")[0]
        score = score_page(model, speller, _page((question, answer)))
        assert score.right + score.rightly == 1
        assert score_page(model, speller, _page((question, f"{answer}x"))).right == 0


def test_pages_are_those_that_were_asked_for(monkeypatch):
    seen = []
    monkeypatch.setattr(check_answers, "make_page", lambda *args: seen.append(args) or _page())
    assert check_answers.score_pages(None, None, range(7, 9)) == Score()
    assert seen == [("held-out", 7), ("held-out", 8)]
