"""What a run learnt by is what its model is asked with, token for token."""

import pytest

from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.asked import note_asked
from monkeycli.training.prompts import TaskPrompts
from tests.small_checkpoint import PROMPTS, small_config, small_tokenizer
from tests.training.pages import make_sample

VQA = "Q: {question}<|im_end|>"


def asked_of(config, template, **fields):
    """Give the tokens that answering would ask with."""
    processor = MonkeyProcessor(small_tokenizer(), config)
    return processor.encode_template(getattr(processor.prompts, template), **fields)


@pytest.mark.parametrize("has_captions", [True, False])
@pytest.mark.parametrize("templates", [{}, {"vqa": VQA}, {"caption": "Say it:<|im_end|>"}], ids=str)
def test_questions_and_captions_are_asked_for_as_they_were_learnt(has_captions, templates):
    own = PROMPTS if has_captions else {**PROMPTS, "caption": "", "short_caption": ""}
    config = small_config(prompts=own)
    prompts = TaskPrompts(MonkeyProcessor(small_tokenizer(), small_config(prompts=own)), templates)

    note_asked(config, templates, {"vqa", "caption", "detailed_caption"})

    learnt = prompts.prompt_ids(make_sample("total <|im_end|>?", "7"))
    assert asked_of(config, "ask", question="total <|im_end|>?") == learnt
    for task, template in (("caption", "short_caption"), ("detailed_caption", "caption")):
        learnt = prompts.prompt_ids(make_sample(None, "A page.", task=task))
        assert asked_of(config, template) == learnt


def test_model_that_learns_no_captions_is_asked_for_none():
    config = small_config(prompts={**PROMPTS, "caption": "", "short_caption": ""})

    note_asked(config, {}, {"vqa"})

    assert (config.prompts["caption"], config.prompts["short_caption"]) == ("", "")


@pytest.mark.parametrize(
    "before, tasks, after",
    [
        (None, {"no_answer"}, "unanswerable"),
        (None, {"vqa"}, None),
        ("not here", {"no_answer"}, "not here"),
    ],
)
def test_what_is_learnt_for_no_answer_is_known_for_one(before, tasks, after):
    config = small_config(no_answer=before)

    note_asked(config, {}, tasks)

    assert config.no_answer == after


def test_words_around_the_image_stay():
    config = small_config()

    note_asked(config, {"vqa": VQA, "read": "Read!"}, {"vqa"})

    kept = ("before_image", "after_image", "evidence")
    assert {name: config.prompts[name] for name in kept} == {
        name: small_config().prompts[name] for name in kept
    }
