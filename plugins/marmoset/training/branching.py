"""Several pages, each with several questions, in one sequence that computes nothing twice.

    image span | text of page 1 | question | question | ... | text of page 2 | question | ...

All pages have the same image span while the eye is blank, so it stands there once. The text of a
page sees the image span and itself; a question sees the image span, its page's text and itself,
never another question, and takes the position numbers it would have alone. So every answer is
computed as if its question had been the only one.

Rows that nobody looks at fill up every page and the whole sequence: the kernels of the matrix
products are made anew for every length, which takes longer than a step.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.modeling_utils import AttentionInterface

from training.prompt import Branch

SPAN, SEQUENCE = 64, 256
"""A page's rows, and a sequence's behind the image span, are a multiple of these."""

BLOCK = 256
"""Rows that attend together: to what stands before their last one, and to nothing behind it."""


@dataclass(frozen=True)
class Span:
    """The part of the sequence that belongs to one page."""

    start: int
    stop: int
    mask: Tensor
    """(rows, image + rows) bfloat16: 0 where a row may look, minus infinity elsewhere."""


@dataclass(frozen=True)
class Packed:
    """A sequence of pages."""

    input_ids: Tensor
    position_ids: Tensor
    image: int
    """Length of the image span with what stands before it."""
    spans: tuple[Span, ...]
    rows: Tensor
    """Positions whose output predicts a token of an answer."""
    targets: Tensor
    """Those tokens."""


def pack(image: list[int], pages: list[tuple[list[int], list[Branch]]]) -> Packed:
    """Lays pages (text, questions) behind one image span."""
    ids, positions = list(image), list(range(len(image)))
    spans, rows, targets = [], [], []
    for place, (text, branches) in enumerate(pages, 1):
        start, owners = len(ids), [0] * len(text)
        ids += text
        positions += range(len(image), len(image) + len(text))
        for number, branch in enumerate(branches, 1):
            tokens = branch.prompt + branch.answer[:-1]
            first = len(ids) + len(branch.prompt) - 1
            rows += range(first, first + len(branch.answer))
            targets += branch.answer
            begin = len(image) + len(text)
            positions += range(begin, begin + len(tokens))
            ids += tokens
            owners += [number] * len(tokens)
        step = SEQUENCE if place == len(pages) else SPAN
        missing = (len(image) - len(ids)) % step
        ids += missing * ids[-1:]
        positions += missing * positions[-1:]
        owners += missing * [len(branches) + 1]
        spans.append(Span(start, len(ids), _mask(len(image), torch.tensor(owners))))
    as_tensor = torch.tensor
    return Packed(
        as_tensor([ids]),
        as_tensor([positions]),
        len(image),
        tuple(spans),
        as_tensor(rows),
        as_tensor(targets),
    )


def _mask(image: int, owners: Tensor) -> Tensor:
    count = len(owners)
    seen = (owners[None] == 0) | (owners[None] == owners[:, None])
    seen &= torch.ones(count, count, dtype=torch.bool).tril()
    mask = torch.zeros(count, image + count)
    mask[:, image:].masked_fill_(~seen, float("-inf"))
    return mask.bfloat16()


class _Attend(torch.autograd.Function):
    """Masked attention of (heads, rows, size) queries; those of a key head go together."""

    @staticmethod
    def forward(  # type: ignore[no-untyped-def, override]  # noqa: PLR0917
        ctx, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float
    ) -> Tensor:
        """Key and value (key heads, length, size), mask (rows, length)."""
        heads, rows, size = query.shape
        grouped = query.reshape(len(key), -1, size)
        scores = torch.bmm(grouped, key.transpose(1, 2)).view(heads, rows, -1)
        weights = scores.mul_(scale).add_(mask).softmax(-1).view(len(key), -1, key.shape[1])
        ctx.save_for_backward(grouped, key, value, weights)
        ctx.scale = scale
        return torch.bmm(weights, value).view(query.shape)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[no-untyped-def, override]
        """Gradients of query, key and value."""
        grouped, key, value, weights = ctx.saved_tensors
        shape, grad = grad.shape, grad.reshape(grouped.shape)
        grad_value = torch.bmm(weights.transpose(1, 2), grad)
        grad_weights = torch.bmm(grad, value.transpose(1, 2))
        grad_scores = grad_weights.sub_((grad_weights * weights).sum(-1, keepdim=True))
        grad_scores = grad_scores.mul_(weights).mul_(ctx.scale)
        grad_key = torch.bmm(grad_scores.transpose(1, 2), grouped)
        return torch.bmm(grad_scores, key).view(shape), grad_key, grad_value, None, None


def branching_attention(
    _module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    _attention_mask: Tensor | None,
    *,
    scaling: float,
    spans: tuple[Span, ...],
    image: int,
    **_: object,
) -> tuple[Tensor, None]:
    """Attention of a packed sequence; query (1, heads, length, size), as transformers has it."""
    lengths = [image, *(span.stop - span.start for span in spans)]
    queries, keys, values = (part[0].split(lengths, 1) for part in (query, key, value))
    causal = torch.full((image, image), float("-inf"), dtype=query.dtype).triu_(1)
    found = [_Attend.apply(queries[0], keys[0], values[0], causal, scaling)]
    for number, span in enumerate(spans, 1):
        seen = [torch.cat([part[0], part[number]], 1) for part in (keys, values)]
        mask = span.mask.to(query.dtype)
        for start in range(0, len(mask), BLOCK):
            block, end = slice(start, start + BLOCK), image + min(start + BLOCK, len(mask))
            known = (part[:, :end] for part in seen)
            rows = queries[number][:, block]
            found.append(_Attend.apply(rows, *known, mask[block, :end], scaling))
    return torch.cat(found, 1).transpose(0, 1)[None].contiguous(), None


AttentionInterface.register("branching", branching_attention)
