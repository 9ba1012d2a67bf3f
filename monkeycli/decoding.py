"""Greedy decoding of a batch of sequences that go on from prefixes already read."""

# B sequences, T tokens, L vocabulary

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from monkeycli.model.cache import BatchCache, PrefixCache
from monkeycli.model.monkey import MonkeyForConditionalGeneration


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


@torch.inference_mode()
def continue_greedily(
    model: MonkeyForConditionalGeneration,
    prefixes: Sequence[PrefixCache],
    endings: Sequence[Sequence[int]],
    *,
    prompt_length: int,
    max_tokens: Sequence[int],
) -> list[Continuation]:
    """Read each prompt's ending and write what follows, token by token, all sequences at once.

    The first token is never the end token (as the published model's `min_new_tokens=1`). A
    sequence that has ended, or is as long as it may be, leaves the batch.

    Args:
        model: in evaluation mode.
        prefixes: for each sequence what was read already; the same one may stand several times.
        endings: for each sequence the rest of its prompt; not empty.
        prompt_length: tokens of the longest whole prompt (see `rotary`).
        max_tokens: for each sequence the longest continuation, at least 1.

    Returns:
        A continuation for each sequence, in order.
    """
    end = model.config.text_config.eos_token_id
    ends = torch.tensor([end] if isinstance(end, int) else list(end), device=model.device)
    written = [Continuation() for _ in prefixes]
    rows = list(range(len(prefixes)))
    cache = BatchCache(prefixes, prompt_length=prompt_length)
    ids_BT, mask_BT = _lay_out(prefixes, endings, model.device)
    for step in range(max(max_tokens)):
        logits_BL = model(
            input_ids=ids_BT,
            attention_mask=mask_BT,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        log_probabilities_BL = logits_BL.float().log_softmax(dim=-1)
        if step == 0:
            logits_BL[:, ends] = -torch.inf
        chosen_B = logits_BL.argmax(dim=-1)
        sure_B = log_probabilities_BL.gather(1, chosen_B[:, None])[:, 0].tolist()
        ended_B = torch.isin(chosen_B, ends)
        full_B = torch.tensor([max_tokens[row] == step + 1 for row in rows], device=model.device)
        for row, token, sure, ended in zip(
            rows, chosen_B.tolist(), sure_B, ended_B.tolist(), strict=True
        ):
            written[row].log_probabilities.append(sure)
            written[row].is_finished = ended
            written[row].ids += [] if ended else [token]
        going_on = (~ended_B & ~full_B).nonzero()[:, 0]
        if not len(going_on):
            break
        if len(going_on) < len(rows):
            cache.keep(going_on)
            rows = [rows[place] for place in going_on.tolist()]
        ids_BT = chosen_B[going_on, None]
        mask_BT = torch.cat([mask_BT[going_on], mask_BT.new_ones(len(rows), 1)], dim=1)
    return written


def _lay_out(
    prefixes: Sequence[PrefixCache], endings: Sequence[Sequence[int]], device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the endings, padded on the left, and the mask over prefix and ending together."""
    longest_prefix = max(prefix.length for prefix in prefixes)
    longest = max(map(len, endings))
    ids = [[0] * (longest - len(ending)) + list(ending) for ending in endings]
    masks = [
        [0] * (longest_prefix - prefix.length)
        + [1] * prefix.length
        + [0] * (longest - len(ending))
        + [1] * len(ending)
        for prefix, ending in zip(prefixes, endings, strict=True)
    ]
    return torch.tensor(ids, device=device), torch.tensor(masks, device=device)
