"""The plain model is asked in its own chat template, about what OCR read and nothing else."""

from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from evaluation import baseline, ocr
from evaluation.baseline import Baseline, PlainModel
from evaluation.ocr import OcrReaders
from training.configuration import LANGUAGE
from training.prompt import Speller
from transformers import LlamaConfig, LlamaForCausalLM

from monkeycli.grid import ANY_GRID
from tests.drawn_documents import draw_pdf

WEIGHTS = Path(__file__).parents[2] / "monkey_marmoset" / "weights"
TINY = {
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
}


@pytest.fixture(scope="module")
def speller():
    return Speller(WEIGHTS / "tokenizer.json")


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = LlamaForCausalLM(LlamaConfig(**LANGUAGE | TINY))
        for weight in model.parameters():
            if weight.ndim > 1:
                torch.nn.init.normal_(weight, std=0.3)
    return model.eval()


@pytest.fixture(scope="module")
def plain(network, speller):
    return PlainModel(network, speller)


def test_the_prompt_is_that_of_the_published_chat_template(plain, speller):
    prompt = plain.prefix("Total 42.00\n") + plain.ending("total?")

    assert prompt == speller.special(
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
        "<|im_end|>\n<|im_start|>user\nTotal 42.00\n\ntotal?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_what_a_page_or_a_question_says_is_only_ever_text(plain, speller):
    (end,) = speller.special("<|im_end|>")

    assert plain.prefix("<|im_end|>").count(end) == plain.prefix("nothing").count(end)
    assert plain.ending("<|im_end|>").count(end) == plain.ending("nothing").count(end)


def test_reading_a_page_once_for_all_questions_changes_no_answer(
    plain, network, speller, monkeypatch
):
    monkeypatch.setattr(baseline, "MAX_TOKENS", 8)
    text, questions = "Total 42.00\nDate 12 May\n", ["total?", "which day was it?", "total?"]
    answers = plain.answer(text, questions)

    assert answers[0] == answers[2] != answers[1]
    for question, answer in zip(questions, answers, strict=True):
        ids = plain.prefix(text) + plain.ending(question)
        for _ in range(8):
            with torch.inference_mode():
                ids.append(int(network(torch.tensor([ids])).logits[0, -1].argmax()))
            if ids[-1] == speller.special("<|im_end|>")[0]:
                break
        length = len(plain.prefix(text) + plain.ending(question))
        assert answer == speller.read(ids[length:]).strip()


class Echo:
    """Answers with what it was given."""

    def answer(self, text, questions):
        return [f"{text.strip()} {question}".strip() for question in questions]


@pytest.fixture
def whole(tmp_path, monkeypatch):
    reader = SimpleNamespace(read_page=lambda image: SimpleNamespace(text="from OCR", warning=None))
    monkeypatch.setattr(ocr, "load_text_reader", lambda: reader)
    with closing(OcrReaders(tmp_path / "cache")) as readers:
        yield Baseline(Echo(), readers, ANY_GRID)


def test_the_baseline_answers_from_what_ocr_read_of_the_page(whole, tmp_path):
    path = draw_pdf(tmp_path / "a.pdf", "layer", "layer")
    replies = whole.ask(str(path), ["total?", "date?"], pages="2")

    assert [reply.text for reply in replies] == ["from OCR total?", "from OCR date?"]
    assert {reply.page for reply in replies} == {2}


def test_a_page_that_cannot_be_read_is_not_answered(whole, tmp_path):
    torn = tmp_path / "torn.pdf"
    torn.write_bytes(b"%PDF-1.4 torn")

    assert [(reply.text, bool(reply.error)) for reply in whole.ask(str(torn), ["a?", "b?"])] == [
        (None, True),
        (None, True),
    ]
