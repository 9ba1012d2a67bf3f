"""Prompt, answer and labels of a conversation are those the published training makes of it."""

import json

import pytest

from monkeycli.training.formats import read_samples
from monkeycli.training.mixture import Dataset
from monkeycli.training.prompts import TaskPrompts

SPAN = 1282
"""Tokens of the image, which hold its path in the published code."""


@pytest.mark.parametrize("case", ["vqa", "caption", "extra_turns_ignored"])
def test_a_conversation_gives_the_published_ids(parity, tiny, tmp_path, case):
    golden = json.loads((parity / "train.json").read_text())[case]
    (tmp_path / "d.json").write_text(json.dumps([{"conversations": golden["conversations"]}]))
    (sample,) = read_samples(Dataset(tmp_path / "d.json"), 0)
    prompts = TaskPrompts(tiny.processor, {})
    asked, answered = prompts.prompt_ids(sample), prompts.answer_ids(sample)
    end = SPAN + len(asked) + len(answered)

    assert asked + answered == golden["input_ids"][SPAN:end]
    assert [-100] * len(asked) + answered == golden["labels"][SPAN:end]
    assert set(golden["labels"][end:]) == {-100}
    assert not any(golden["attention_mask"][end:])
