import pytest
import torch

from monkeycli.answer import Answerer
from monkeycli.bench.published_way import answer_the_published_way, plain_attention
from monkeycli.options import GenerateOptions


@pytest.fixture
def answerer(small_monkey):
    return Answerer(small_monkey.model, small_monkey.processor, GenerateOptions(max_tokens=12))


def test_it_writes_what_the_engine_writes(answerer, small_page):
    """What is compared is the same work: the same tokens, another way."""
    questions = [answerer.question_ids(text) for text in ("total?", "Who wrote it, and when?")]
    (answers,) = answerer.answer(answerer.encode([small_page], with_text=False), [questions])
    with plain_attention(answerer.model.config):
        found = [
            answer_the_published_way(
                answerer.model, answerer.processor, small_page, question, max_tokens=12
            )
            for question in questions
        ]
    assert [answerer.processor.decode(ids) for ids in found] == [answer.text for answer in answers]


def test_plain_attention_ends_with_its_block(small_monkey):
    config = small_monkey.model.config
    before = config.vision_config._attn_implementation
    with plain_attention(config):
        assert config.vision_config._attn_implementation == "eager"
    assert config.vision_config._attn_implementation == before


def test_nothing_is_longer_than_allowed(answerer, small_page):
    question = answerer.question_ids("total?")
    ids = answer_the_published_way(
        answerer.model, answerer.processor, small_page, question, max_tokens=1
    )
    assert len(ids) == 1 and torch.is_inference_mode_enabled() is False
