"""The words of each task, as tokens: what follows the image, and what should be answered.

One unified prompt a task (paper, section 3.3). The template is the mixture's if it has one, else
the checkpoint's own; what a checkpoint has none for is asked as a question. Reading and grounding
have a published form of their own (TextMonkey, Qwen-VL), used where the tokenizer knows its tags:

    read      Read all the text in the image.       -> the text
    ground    <ref>total</ref>                      -> <box>(412,80),(590,104)</box>

Answers are given behind the prompt and end with the token that ends what the model writes.
"""

import re
from collections.abc import Mapping

from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.sample import Sample, TaskName

READ = "Read all the text in the image."
CAPTION = "Generate the caption in English:"
DETAILED_CAPTION = "Generate the detailed caption in English:"
GROUND = 'Where is "{}"? Give its box.'
UNANSWERABLE = "unanswerable"
"""Learnt where a checkpoint has no words of its own for an answer that is not there (VizWiz)."""

_QUESTIONS: tuple[TaskName, ...] = ("vqa", "no_answer")
"""Tasks that ask about something in particular."""

_REGION_TAGS = ("<ref>", "</ref>", "<box>", "</box>")
_GAP = re.compile(r"\{(\w+)\}")


class TaskPrompts:
    """The prompts and answers of every task, for one checkpoint.

    Args:
        processor: of the checkpoint.
        templates: by task, of the mixture file; they replace the checkpoint's, and what a file
            says itself, too. They may name special tokens, and have the gap `{question}` or, for
            `ground`, `{text}`.
    """

    def __init__(self, processor: MonkeyProcessor, templates: Mapping[str, str]) -> None:
        self._processor = processor
        self._given = dict(templates)
        known = {str(token) for token in processor.tokenizer.added_tokens_decoder.values()}
        self._has_tags = known.issuperset(_REGION_TAGS)
        self._forms = {**self._own_forms(), **{task: (it, "{}") for task, it in templates.items()}}

    def _own_forms(self) -> dict[str, tuple[str, str]]:
        """Give, by task, the checkpoint's template and what goes into its gap.

        `{}` there stands for what the sample asks.
        """
        prompts = self._processor.prompts
        ask = self._given.get("vqa", prompts.ask)
        return {
            "vqa": (ask, "{}"),
            "no_answer": (ask, "{}"),
            "caption": (prompts.short_caption or ask, CAPTION),
            "detailed_caption": (prompts.caption or ask, DETAILED_CAPTION),
            "read": (f" {READ}" if self._has_tags else ask, READ),
            "ground": (" <ref>{text}</ref>", "{}") if self._has_tags else (ask, GROUND),
        }

    def prompt_ids(self, sample: Sample, text: str = "") -> list[int]:
        """Give the tokens behind the image (and the page's own text): what is asked.

        Args:
            sample: what is learnt.
            text: of its page, where that stands beside the image.
        """
        if sample.prompt is not None and sample.task not in self._given:
            return self._encode_verbatim(sample)
        template, words = self._forms[sample.task]
        asked = self._fill(template, words.replace("{}", sample.question or ""))
        return self.excerpt_ids(sample, text) + asked

    def excerpt_ids(self, sample: Sample, text: str) -> list[int]:
        """Give the tokens with which what is asked begins: what the text says of a question."""
        if sample.task not in _QUESTIONS or sample.prompt is not None:
            return []
        return self._processor.encode_excerpt(text, sample.question or "")

    def answer_ids(self, sample: Sample, num: int = 0) -> list[int]:
        """Give the tokens to learn.

        Args:
            sample: what is learnt.
            num: which of its answers, from 0.
        """
        return [*self._answer(sample, num), self.end_id]

    @property
    def end_id(self) -> int:
        """The token that ends an answer."""
        end = self._processor.config.text_config.eos_token_id
        return int(end[0] if isinstance(end, list | tuple) else end)

    def _answer(self, sample: Sample, num: int) -> list[int]:
        if sample.task == "no_answer":
            return self._processor.encode(self._processor.config.no_answer or UNANSWERABLE)
        if sample.task == "ground" and self._has_tags:
            return self._fill("<box>{text}</box>", sample.answers[num])
        return self._processor.encode(sample.answers[num])

    def _fill(self, template: str, words: str) -> list[int]:
        gaps = dict.fromkeys(_GAP.findall(template), words)
        return self._processor.encode_template(template, **gaps)

    def _encode_verbatim(self, sample: Sample) -> list[int]:
        """Give a file's own prompt: plain text, but for a region's tags in a `ground` sample."""
        prompt = sample.prompt or ""
        if sample.task != "ground" or not self._has_tags:
            return self._processor.encode(prompt)
        ids: list[int] = []
        for piece in re.split(f"({'|'.join(_REGION_TAGS)})", prompt):
            if piece in _REGION_TAGS:
                ids += self._processor.encode_template(piece)
            elif piece:
                ids += self._processor.encode(piece)
        return ids
