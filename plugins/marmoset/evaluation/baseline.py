"""What there is without marmoset: RapidOCR reads the page, SmolLM2 as it was published answers.

The language model is that of marmoset's weights without their adapter. It was never taught to
answer from a page with the bare value, so it does that in sentences.
"""

import copy
from collections.abc import Sequence
from pathlib import Path

import torch
from training.configuration import MAX_EVIDENCE_TOKENS
from training.language import load_base
from training.prompt import END, Speller
from transformers import DynamicCache, LlamaForCausalLM

from evaluation.askers import MAX_TOKENS, Reply
from evaluation.ocr import OcrReaders
from monkeycli.document import Document
from monkeycli.grid import GridRule
from monkeycli.options import RasterOptions

BEFORE = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
    "<|im_end|>\n<|im_start|>user\n"
)
"""SmolLM2's own chat template, up to what the user says."""

AFTER = "<|im_end|>\n<|im_start|>assistant\n"
"""The same, behind that."""


class PlainModel:
    """A language model that answers from a text in its chat template, greedily.

    Args:
        model: of the Llama family.
        speller: its tokenizer.
    """

    def __init__(self, model: LlamaForCausalLM, speller: Speller) -> None:
        self._model = model.eval()
        self._speller = speller

    @torch.inference_mode()
    def answer(self, text: str, questions: Sequence[str]) -> list[str]:
        """Answer questions about a text, which is read once; each is asked in a chat of its own."""
        prefix, cache = self.prefix(text), DynamicCache(config=self._model.config)
        self._model(torch.tensor([prefix]), past_key_values=cache, logits_to_keep=1)
        return [self._continue(prefix, cache, question) for question in questions]

    def prefix(self, text: str) -> list[int]:
        """The tokens before a question; as marmoset, it gets so many of a text and no more."""
        page = self._speller.plain(text.strip())[:MAX_EVIDENCE_TOKENS]
        gap = 2 * self._speller.plain("\n") if page else []  # as they are spelled before a letter
        return [*self._speller.special(BEFORE), *page, *gap]

    def ending(self, question: str) -> list[int]:
        """The tokens from a question to the answer."""
        return self._speller.plain(question) + self._speller.special(AFTER)

    def _continue(self, prefix: list[int], cache: DynamicCache, question: str) -> str:
        prompt = prefix + self.ending(question)
        (end,) = self._speller.special(END)
        (written,) = self._model.generate(
            torch.tensor([prompt]),
            attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
            past_key_values=copy.deepcopy(cache),
            max_new_tokens=MAX_TOKENS,
            do_sample=False,
            eos_token_id=end,
            pad_token_id=end,
        )
        return self._speller.read(written[len(prompt) :].tolist()).strip()


class Baseline:
    """RapidOCR and a plain language model.

    Args:
        model: that answers.
        readers: of the pages.
        rule: by which marmoset chooses grids: both read the same pixels.
    """

    name = "RapidOCR + SmolLM2"

    def __init__(self, model: PlainModel, readers: OcrReaders, rule: GridRule) -> None:
        self._model = model
        self._readers = readers
        self._rule = rule

    def ask(
        self,
        path: str,
        questions: Sequence[str],
        *,
        pages: str = "all",
        password: str | None = None,
    ) -> list[Reply]:
        """Answer every question, in order, about the one page that is wanted."""
        options = RasterOptions(rule=self._rule, password=password)
        (result,) = self._readers.read_pages([Document(path, pages)], options)
        if result.page is None:
            assert result.error
            return [Reply(None, result.number, str(result.error))] * len(questions)
        texts = self._model.answer(result.page.text or "", questions)
        return [Reply(text or None, result.number) for text in texts]


def load_plain_model(weights: Path) -> PlainModel:
    """SmolLM2-135M-Instruct as it was published.

    Args:
        weights: folder of marmoset.
    """
    return PlainModel(load_base(weights), Speller(weights / "tokenizer.json"))
