"""Pages and questions in, answers out: each page encoded and read once, answers in batches.

    Page --encode--> PagePrompt --answer--> Answer, once per question

How many pages are encoded and answers written at once is found out: where memory runs out, it is
half as many from then on. The beginning of the prompt (the image's span, the page's own text) is
the same for all questions about a page. The language model reads it once; the questions branch off
it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import torch
from transformers import DynamicCache

from monkeycli.decoding import Continuation, Job, continue_greedily
from monkeycli.document import Page
from monkeycli.errors import ItemError, ModelError
from monkeycli.model.branches import ROOM, PrefixCache
from monkeycli.model.device import free_memory
from monkeycli.model.feature_cache import FeatureCache
from monkeycli.model.lexicon import tokens_of
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.model.rotary import ntk_alpha
from monkeycli.options import GenerateOptions
from monkeycli.portion import Portion
from monkeycli.records import FinishReason

PAGES_AT_ONCE = {"cpu": 4, "cuda": 16}
"""Pages that are encoded together at most, by kind of device."""

ANSWERS_AT_ONCE = {"cpu": 16, "cuda": 64}
"""Answers that are written together at most, if nobody wishes for more."""


@dataclass(frozen=True)
class PagePrompt:
    """The part of a page's prompt that is the same for all questions."""

    ids: tuple[int, ...]
    """Tokens: the image's span, then the page's own text."""
    features_VQE: torch.Tensor | None
    """The page's features, views in order; of a model that reads, as many as there is text. None
    of a page that is not looked at, since its text is given."""
    has_text: bool
    """Whether the page's own text stands beside the image."""
    is_cut: bool
    """Whether the end of that text did not fit."""
    is_blank: bool = False
    """Whether the model can know nothing of the page: no text, and it reads no pixels of it."""
    text: str = ""
    """What is known of the page in letters: all of its own text if that stands beside the image,
    or what a model that reads has read; else empty."""


@dataclass(frozen=True)
class Answer:
    """What the model wrote about one page."""

    text: str | None
    """The answer; None if the model says that it is not on the page."""
    confidence: float | None
    """Geometric mean probability of the tokens, in (0, 1]; None if none was written."""
    finish_reason: FinishReason
    """`stop`, `length` (the longest answer allowed was reached) or `no_answer`."""
    prompt_tokens: int
    """Tokens of the whole prompt, features included."""
    output_tokens: int
    """Tokens written."""


class Answerer:
    """One model, ready to answer.

    Args:
        model: in evaluation mode.
        processor: its own.
        options: how long an answer may be, and how many are written at once.
        cache: of features on disk; None to compute those of every page.
        tell: called with a sentence when memory has run out and less is done at once from then on.
    """

    def __init__(
        self,
        model: MonkeyForConditionalGeneration,
        processor: MonkeyProcessor,
        options: GenerateOptions,
        cache: FeatureCache | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.model = model
        self.processor = processor
        self.options = options
        self.cache = cache
        self._pages = Portion("pages", tell)
        self._answers = Portion("answers", tell)

    def encode(self, pages: Sequence[Page], *, with_text: bool) -> list[PagePrompt]:
        """Encode pages, all views of several of them in one pass.

        Args:
            pages: rasterized.
            with_text: whether their own text goes beside the image.

        Returns:
            A prompt for each page.

        Raises:
            UsageError: a page's grid has more windows than the checkpoint has adapters.
            Exception: memory ran out over a single page.
        """
        prompts: list[PagePrompt] = []
        while len(prompts) < len(pages):
            rest = pages[len(prompts) :]
            part = rest[: self._pages.of(self._limit(PAGES_AT_ONCE))]
            prompts += self._pages.attempt(len(part), partial(self._encode, part, with_text)) or ()
        return prompts

    def _limit(self, limits: Mapping[str, int]) -> int:
        """Give what is done at once on this device, if memory allows and nobody says otherwise."""
        return limits.get(self.model.device.type, limits["cpu"])

    @torch.inference_mode()
    def _encode(self, pages: Sequence[Page], with_text: bool) -> list[PagePrompt]:  # noqa: FBT001 - as encode has it
        texts = [page.text if with_text and page.text else "" for page in pages]
        evidence = [self.processor.encode_evidence(text) for text in texts]
        is_seen = [self.model.config.looks_at(has_text=bool(ids)) for ids, _ in evidence]
        seen = self._look([page for page, looks in zip(pages, is_seen, strict=True) if looks])
        features = [next(seen) if looks else None for looks in is_seen]
        return [self._prompt(*parts) for parts in zip(features, texts, evidence, strict=True)]

    def _look(self, pages: Sequence[Page]) -> Iterator[torch.Tensor]:
        """Give the features of each page, from the cache those that it holds."""
        if self.cache is None:
            yield from self._compute(pages)
            return
        kept = [self.cache.find(page) for page in pages]
        unseen = [page for page, found in zip(pages, kept, strict=True) if found is None]
        new = self._compute(unseen)
        for page, found in zip(pages, kept, strict=True):
            if found is None:
                features = next(new)
                self.cache.keep(page, features)
            else:
                features = found.to(self.model.device)
            yield features

    def _compute(self, pages: Sequence[Page]) -> Iterator[torch.Tensor]:
        """Give the features of each page, those that hold something."""
        if not pages:
            return iter(())
        cut = [self.processor.cut(page.image, page.grid) for page in pages]
        pixels_V3HW = torch.cat([pixels.views_V3HW for pixels in cut]).to(self.model.device)
        grids = torch.tensor([[page.grid.rows, page.grid.cols] for page in pages])
        if self.model.config.reads:
            return (page_FE[None] for page_FE in self.model.model.read_pages(pixels_V3HW, grids))
        features_VQE = self.model.get_image_features(pixels_V3HW, grids)
        return iter(features_VQE.split([page.grid.num_windows + 1 for page in pages]))

    def _prompt(
        self, features_VQE: torch.Tensor | None, text: str, spelled: tuple[list[int], bool]
    ) -> PagePrompt:
        evidence, is_cut = spelled
        num_features = 0 if features_VQE is None else features_VQE.shape[:-1].numel()
        ids = (*self.processor.span_ids([num_features]), *evidence)
        return PagePrompt(
            ids,
            features_VQE,
            has_text=bool(evidence),
            is_cut=is_cut,
            is_blank=not (evidence or (num_features and self.model.config.reads_pixels)),
            text=text if evidence else self._read_text(features_VQE),
        )

    def _read_text(self, features_VQE: torch.Tensor | None) -> str:
        """Give what the model read; empty for one that does not read, or of what it did not."""
        if features_VQE is None or not self.model.config.reads:
            return ""
        table = self.model.get_input_embeddings().weight
        assert isinstance(table, torch.Tensor)
        ids = tokens_of(features_VQE.flatten(0, 1).to(table.dtype), table)
        return self.processor.decode_verbatim(ids)

    def question_ids(self, question: str, text: str = "") -> tuple[int, ...]:
        """Give the tokens that end a question's prompt.

        Args:
            question: of a user.
            text: of the page (`PagePrompt.text`).
        """
        template = self.processor.prompts.ask
        excerpt = self.processor.encode_excerpt(text, question)
        return (*excerpt, *self.processor.encode_template(template, question=question))

    def caption_ids(self, *, short: bool) -> tuple[int, ...]:
        """Give the tokens that end a caption's prompt.

        Raises:
            ModelError: the checkpoint was not trained to write captions.
        """
        prompts = self.processor.prompts
        template = prompts.short_caption if short else prompts.caption
        if not template:
            name = self.model.config.checkpoint_name or "this checkpoint"
            raise ModelError(f"{name} was not trained to write captions", "choose another --model")
        return tuple(self.processor.encode_template(template))

    @torch.inference_mode()
    def answer(
        self, prompts: Sequence[PagePrompt], endings: Sequence[Sequence[tuple[int, ...]]]
    ) -> list[list[Answer | ItemError]]:
        """Answer every question about every page.

        Args:
            prompts: of the pages.
            endings: for each page the tokens that end the prompt of each of its questions.

        Returns:
            For each page an answer to each question, or why there is none (`too_long`,
            `empty_output`), in order.

        Raises:
            Exception: memory ran out over a single answer.
        """
        results: dict[tuple[int, int], Answer | ItemError] = {}
        groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for page, questions in enumerate(endings):
            for number, ending in enumerate(questions):
                length = len(prompts[page].ids) + len(ending)
                if prompts[page].is_blank:
                    results[page, number] = Answer(None, None, "no_answer", length, 0)
                elif length >= self.context_length:
                    results[page, number] = _too_long(length, self.context_length)
                else:
                    groups[self._stretch(length)].append((page, number))
        for places in groups.values():
            longest = max(len(prompts[page].ids) + len(endings[page][n]) for page, n in places)
            written = None
            while written is None:
                wanted = self.options.batch_size or self.automatic_batch_size(longest)
                at_once = self._answers.of(min(wanted, len(places)))
                jobs = self._jobs(places, prompts, endings, prompt_length=longest)
                write = partial(
                    continue_greedily,
                    self.model,
                    jobs,
                    batch_size=at_once,
                    prompt_length=longest,
                )
                written = self._answers.attempt(at_once, write)
            for (page, number), continuation in zip(places, written, strict=True):
                length = len(prompts[page].ids) + len(endings[page][number])
                results[page, number] = self._answer(continuation, length)
        return [
            [results[page, number] for number in range(len(questions))]
            for page, questions in enumerate(endings)
        ]

    def _jobs(
        self,
        places: Sequence[tuple[int, int]],
        prompts: Sequence[PagePrompt],
        endings: Sequence[Sequence[tuple[int, ...]]],
        *,
        prompt_length: int,
    ) -> Iterator[Job]:
        """Read each page when its first question's turn comes, and keep it for the others."""
        for page, of_page in groupby(places, key=lambda place: place[0]):
            prefix = self.read(prompts[page], prompt_length=prompt_length)
            for _, number in of_page:
                ending = endings[page][number]
                free = self.context_length - len(prompts[page].ids) - len(ending)
                yield Job(prefix, ending, min(self.options.max_tokens, free))

    @property
    def context_length(self) -> int:
        """Tokens the language model can read, prompt and answer together."""
        config = self.model.config
        return int(config.text_config.max_position_embeddings) - int(config.virtual_tokens)

    def automatic_batch_size(self, prompt_length: int) -> int:
        """Choose how many answers to write at once: what a quarter of the free memory holds.

        Args:
            prompt_length: tokens of the longest prompt.

        Returns:
            1 to 16, on a GPU 1 to 64.
        """
        text = self.model.config.text_config
        head_dim = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
        token = 2 * text.num_hidden_layers * text.num_key_value_heads * head_dim
        row = token * self.model.dtype.itemsize * (prompt_length + ROOM)
        most = self._limit(ANSWERS_AT_ONCE)
        return max(1, min(most, free_memory(self.model.device) // 4 // row))

    @torch.inference_mode()
    def read(self, prompt: PagePrompt, *, prompt_length: int | None = None) -> PrefixCache:
        """Let the language model read the beginning of a page's prompts, once.

        Args:
            prompt: of the page.
            prompt_length: tokens of the longest whole prompt (see `rotary`); None if that is it.

        Returns:
            What the questions about the page branch off.
        """
        body = self.model.model
        ids_1T = torch.tensor([prompt.ids], device=self.model.device)
        cache = DynamicCache(config=self.model.config.text_config)
        cache.prompt_length = prompt_length or len(prompt.ids)  # type: ignore[attr-defined] # see `rotary`
        inputs_1TE = body.embed(ids_1T, prompt.features_VQE)
        body(inputs_embeds=inputs_1TE, past_key_values=cache, use_cache=True)
        return PrefixCache.of(cache)

    def _stretch(self, length: int) -> int:
        """Say which rotary base a prompt needs; prompts that differ share no pass."""
        train_length = self.model.config.train_length
        return ntk_alpha(length, train_length) if train_length else 1

    def _answer(self, continuation: Continuation, prompt_tokens: int) -> Answer | ItemError:
        text: str | None = self.processor.decode(continuation.ids)
        reason: FinishReason = "stop" if continuation.is_finished else "length"
        if not text:
            return ItemError(
                "empty_output", "the model wrote nothing", "rephrase the question", stage="answer"
            )
        no_answer = self.model.config.no_answer
        if no_answer and text.lower().rstrip(".") == no_answer.lower():
            text, reason = None, "no_answer"
        return Answer(text, continuation.confidence, reason, prompt_tokens, len(continuation.ids))


def _too_long(length: int, limit: int) -> ItemError:
    return ItemError(
        "too_long",
        f"the prompt has {length} tokens, the model reads {limit}",
        "ask a shorter question or choose a smaller --grid",
        stage="answer",
    )
