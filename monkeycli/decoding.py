"""Greedy decoding of sequences that branch off prefixes already read: many at once, in turns."""

# B sequences, T tokens, L vocabulary

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

import torch

from monkeycli.model.branches import BranchCache, PrefixCache
from monkeycli.model.head import project
from monkeycli.model.monkey import MonkeyForConditionalGeneration


@dataclass(frozen=True)
class Job:
    """A sequence to write."""

    prefix: PrefixCache
    """What was read already; several jobs may share it."""
    ending: Sequence[int]
    """The rest of the prompt; not empty."""
    max_tokens: int
    """The longest continuation, at least 1."""


@dataclass
class Continuation:
    """What was written after one prompt."""

    ids: list[int] = field(default_factory=list)
    """Tokens, the end token left out."""
    log_probabilities: list[float] = field(default_factory=list)
    """Of every token chosen, the end token's too."""
    is_finished: bool = False
    """Whether the end token came before the longest answer allowed was reached."""

    @property
    def confidence(self) -> float:
        """Geometric mean probability of the tokens, in (0, 1]."""
        return math.exp(sum(self.log_probabilities) / max(len(self.log_probabilities), 1))


def continue_greedily(
    model: MonkeyForConditionalGeneration,
    jobs: Iterable[Job],
    *,
    batch_size: int,
    prompt_length: int,
) -> list[Continuation]:
    """Read each prompt's ending and write what follows, token by token.

    So many sequences are written at once; one that has ended, or is as long as it may be, leaves,
    and waiting ones enter. The first token is never the end token (as the published model's
    `min_new_tokens=1`).

    Args:
        model: in evaluation mode.
        jobs: taken one by one, as late as there is room for them.
        batch_size: sequences that are written at once, at least 1.
        prompt_length: tokens of the longest whole prompt (see `rotary`).

    Returns:
        A continuation for each job, in order.
    """
    batch = _Batch(model, prompt_length)
    waiting = iter(jobs)
    while True:
        free = batch_size - len(batch.rows)
        # A pass over endings pays when it takes in several of them.
        if free and (not batch.rows or free >= max(1, batch_size // 4)):
            new = list(islice(waiting, free))
            if not new and not batch.rows:
                return batch.written
            batch.enter(new)
        batch.step()


class _Batch:
    """The sequences that are being written."""

    def __init__(self, model: MonkeyForConditionalGeneration, prompt_length: int) -> None:
        end = model.config.text_config.eos_token_id
        self.model = model
        self.prompt_length = prompt_length
        self.ends = torch.tensor([end] if isinstance(end, int) else list(end), device=model.device)
        self.written: list[Continuation] = []
        """Of all jobs that ever entered, in order."""
        self.limits: list[int] = []
        """Of all those jobs."""
        self.rows: list[int] = []
        """Which of those jobs each sequence is."""
        self.cache: BranchCache | None = None
        self.last_B = torch.empty(0, dtype=torch.long, device=model.device)
        """The last token of each sequence, which is not read yet."""

    @torch.inference_mode()
    def enter(self, jobs: Sequence[Job]) -> None:
        """Read the endings of new sequences and write the first token of each."""
        if not jobs:
            return
        first = len(self.written)
        rows = list(range(first, first + len(jobs)))
        self.written += [Continuation() for _ in jobs]
        self.limits += [job.max_tokens for job in jobs]
        lengths = [len(job.ending) for job in jobs]
        cache = BranchCache([job.prefix for job in jobs], lengths, prompt_length=self.prompt_length)
        ids = [[*job.ending, *[0] * (max(lengths) - len(job.ending))] for job in jobs]
        states_BTE = self.model.model.read_on(torch.tensor(ids, device=self.model.device), cache)
        last_BE = states_BTE[torch.arange(len(jobs)), torch.tensor(lengths) - 1]
        tokens_B, going_on = self._choose(project(self.model.lm_head, last_BE), rows, is_first=True)
        if len(going_on) < len(jobs):
            cache.keep(going_on)
        if self.cache is None or not self.rows:
            self.cache = cache
        elif len(going_on):
            self.cache.join(cache)
        self.rows += [rows[place] for place in going_on.tolist()]
        self.last_B = torch.cat([self.last_B, tokens_B[going_on]])

    @torch.inference_mode()
    def step(self) -> None:
        """Write one more token of each sequence, if there are any."""
        if self.cache is None or not self.rows:
            return
        states_B1E = self.model.model.read_on(self.last_B[:, None], self.cache)
        logits_BL = project(self.model.lm_head, states_B1E[:, 0])
        tokens_B, going_on = self._choose(logits_BL, self.rows, is_first=False)
        if len(going_on) < len(self.rows):
            self.cache.keep(going_on)
            self.rows = [self.rows[place] for place in going_on.tolist()]
        self.last_B = tokens_B[going_on]

    def _choose(
        self, logits_BL: torch.Tensor, rows: Sequence[int], *, is_first: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Choose a token for each sequence, and tell the places of those that go on."""
        log_probabilities_BL = logits_BL.float().log_softmax(dim=-1)
        if is_first:
            logits_BL = logits_BL.index_fill(1, self.ends, -torch.inf)
        tokens_B = logits_BL.argmax(dim=-1)
        sure_B = log_probabilities_BL.gather(1, tokens_B[:, None])[:, 0]
        ended_B = torch.isin(tokens_B, self.ends)
        going_on = []
        found = zip(rows, tokens_B.tolist(), sure_B.tolist(), ended_B.tolist(), strict=True)
        for place, (row, token, sure, ended) in enumerate(found):
            written = self.written[row]
            written.log_probabilities.append(sure)
            written.is_finished = ended
            written.ids += [] if ended else [token]
            if not ended and len(written.ids) < self.limits[row]:
                going_on.append(place)
        return tokens_B, torch.tensor(going_on, dtype=torch.long, device=tokens_B.device)
