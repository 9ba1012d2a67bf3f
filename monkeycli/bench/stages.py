"""Measure every stage of a run on its own, and a whole run against the published way of working."""

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import torch

from monkeycli.answer import Answer, Answerer, PagePrompt
from monkeycli.bench.machine import matrix_rate, memory_rate, seconds_of, synchronize
from monkeycli.bench.published_way import answer_the_published_way, plain_attention
from monkeycli.bench.subjects import Subject
from monkeycli.bench.work import Work, count_work
from monkeycli.decoding import Job, continue_greedily
from monkeycli.document import Document, Page
from monkeycli.options import GenerateOptions, RasterOptions
from monkeycli.reading.pool import read_pages


@dataclass(frozen=True)
class Stage:
    """What one stage took."""

    name: str
    amount: float
    unit: str
    """Of `amount`: pages, windows, tokens."""
    seconds: float
    floor: float | None = None
    """Seconds the arithmetic or the memory traffic alone takes at the machine's measured rates;
    None where there is no such floor."""

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.amount / self.seconds

    @property
    def share(self) -> float | None:
        """How much of the time the floor is, 0 to 1."""
        return None if self.floor is None else self.floor / self.seconds


@dataclass(frozen=True)
class Comparison:
    """The same answers, our way and the published one, a few times in turn."""

    questions: int
    """About each page."""
    ours: tuple[float, ...]
    """Seconds a page, of every round."""
    published: tuple[float, ...]
    """Seconds a page, of every round."""
    same: float
    """Share of the answers that are the same, token for token."""

    @property
    def ratios(self) -> tuple[float, ...]:
        """How many times as fast, in every round."""
        return tuple(theirs / ours for ours, theirs in zip(self.ours, self.published, strict=True))

    @property
    def ratio(self) -> float:
        """The median of these."""
        return median(self.ratios)


def rasterize(documents: Sequence[Document], options: RasterOptions) -> tuple[list[Page], Stage]:
    """Read pages in the workers, as a run does.

    Raises:
        ItemError: a page cannot be read.
    """
    start = time.perf_counter()
    pages = []
    for result in read_pages(documents, options):
        if result.error is not None:
            raise result.error
        if result.page is not None:
            pages.append(result.page)
    return pages, Stage("rasterize", len(pages), "pages", time.perf_counter() - start)


class Bench:
    """One subject on one machine.

    Args:
        subject: the model.
        pages: rasterized, all cut by the same grid.
        max_tokens: the longest answer.
        batch_size: answers written at once; None to choose by memory.
    """

    def __init__(
        self, subject: Subject, pages: Sequence[Page], *, max_tokens: int, batch_size: int | None
    ) -> None:
        self.subject = subject
        self.pages = pages
        self.max_tokens = max_tokens
        self.device = subject.model.device
        options = GenerateOptions(max_tokens=max_tokens, batch_size=batch_size)
        self.answerer = Answerer(subject.model, subject.processor, options)

    def ending(self, number: int) -> tuple[int, ...]:
        """Give the tokens of a question; each differs."""
        return self.answerer.question_ids(f"What stands in line {number}?")

    def stages(self) -> list[Stage]:
        """Measure cutting, encoding, prefill and decoding."""
        matrix, memory = (
            matrix_rate(self.device, self.subject.model.dtype),
            memory_rate(self.device),
        )
        page, model = self.pages[0], self.subject.model
        cut = seconds_of(lambda: self.subject.processor.cut(page.image, page.grid), self.device)
        encode = seconds_of(lambda: self._encode(self.pages), self.device)
        (prompt,) = self._encode([page])
        work = self._work(prompt)
        prefill = seconds_of(lambda: self.answerer.read(prompt), self.device, times=3)
        prefix = self.answerer.read(prompt)
        batch_size = self.answerer.options.batch_size
        if batch_size is None:
            batch_size = self.answerer.automatic_batch_size(len(prompt.ids))
        endings = [self.ending(number) for number in range(batch_size)]

        def decode(num_tokens: int) -> float:
            return seconds_of(
                lambda: continue_greedily(
                    model,
                    [Job(prefix, ending, num_tokens) for ending in endings],
                    batch_size=batch_size,
                    prompt_length=len(prompt.ids) + len(endings[0]),
                ),
                self.device,
            )

        steps = self.max_tokens - 1
        decoding = decode(self.max_tokens) - decode(1)
        length = len(prompt.ids) + len(endings[0]) + self.max_tokens / 2
        traffic = work.weight_bytes + work.cache_bytes * length
        views = (page.grid.num_windows + 1) * len(self.pages)
        encode_floor = work.encode_flops * len(self.pages) / matrix
        return [
            Stage("cut", 1, "pages", cut),
            Stage("encode", views, "windows", encode, encode_floor),
            Stage("prefill", len(prompt.ids), "tokens", prefill, work.prefill_flops / matrix),
            Stage("decode", steps * batch_size, "tokens", decoding, steps * traffic / memory),
        ]

    def compare(self, questions: int, *, rounds: int = 1) -> Comparison:
        """Answer so many questions about each page, our way and the published one.

        Args:
            questions: about each page.
            rounds: how often both are measured, in turn; after one short answer each, which does
                not count.
        """
        endings = [self.ending(number) for number in range(questions)]
        page, number = self.pages[0], len(self.pages)
        self.answerer.answer(self._encode([page]), [endings[:1]])
        with plain_attention(self.subject.model.config):
            self._publish(page, endings[0])
        ours, published = [], []
        for _ in range(rounds):
            start = self._now()
            found = self.answerer.answer(self._encode(self.pages), [endings] * number)
            ours.append((self._now() - start) / number)
            start = self._now()
            with plain_attention(self.subject.model.config):
                expected = [
                    self._publish(page, ending) for page in self.pages for ending in endings
                ]
            published.append((self._now() - start) / number)
        texts = [
            answer.text if isinstance(answer, Answer) else None
            for answers in found
            for answer in answers
        ]
        same = sum(text == other for text, other in zip(texts, expected, strict=True))
        return Comparison(questions, tuple(ours), tuple(published), same / len(texts))

    def _publish(self, page: Page, ending: tuple[int, ...]) -> str:
        model, processor = self.subject.model, self.subject.processor
        ids = answer_the_published_way(model, processor, page, ending, max_tokens=self.max_tokens)
        return processor.decode(ids)

    def _encode(self, pages: Sequence[Page]) -> list[PagePrompt]:
        return self.answerer.encode(pages, with_text=False)

    def _work(self, prompt: PagePrompt) -> Work:
        return count_work(
            self.subject.model.config,
            self.pages[0].grid,
            prompt_tokens=len(prompt.ids),
            dtype=self.subject.model.dtype,
            quantize=self.subject.quantize,
        )

    def _now(self) -> float:
        synchronize(self.device)
        return time.perf_counter()


def peak_memory(device: torch.device) -> int:
    """Give the most bytes this process held: on a GPU the GPU's, else its resident memory."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
