"""Several pages, each with several questions, in one sequence that computes nothing twice.

    image span | text of page 1 | question | question | ... | text of page 2 | question | ...

All pages have the same image span while the eye is blank, so it stands there once. The text of a
page sees the image span and itself; a question sees the image span, its page's text and itself,
never another question, and takes the position numbers it would have alone. So every answer is
computed as if its question had been the only one.

Rows that nobody looks at fill up every page and the whole sequence: the kernels of the matrix
products are made anew for every length, which takes longer than a step.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.modeling_utils import AttentionInterface

from training.prompt import Branch

SPAN, SEQUENCE = 64, 256
"""A page's rows, and a sequence's behind the image span, are a multiple of these."""

BLOCK = 256
"""Rows that attend together, to the keys that any of them may look at."""


@dataclass(frozen=True)
class Block:
    """Rows of a page that attend together."""

    rows: slice
    """Which of the page's rows."""
    text: slice
    """The part of the page's text that they may look at."""
    own: slice
    """The questions they belong to, up to their last row."""
    mask: Tensor
    """(rows, image + text + own) bfloat16: 0 where a row may look, minus infinity elsewhere."""


@dataclass(frozen=True)
class Span:
    """The part of the sequence that belongs to one page."""

    start: int
    stop: int
    blocks: tuple[Block, ...]


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
        spans.append(Span(start, len(ids), tuple(_blocks(len(image), owners))))
    as_tensor = torch.tensor
    return Packed(
        as_tensor([ids]),
        as_tensor([positions]),
        len(image),
        tuple(spans),
        as_tensor(rows),
        as_tensor(targets),
    )


def _blocks(image: int, owners: list[int]) -> Iterator[Block]:
    """Blocks of a page, by the question that every row belongs to, 0 for its text."""
    end = bisect_right(owners, 0)
    for start in range(0, len(owners), BLOCK):
        stop = min(start + BLOCK, len(owners))
        text = slice(0, min(end, stop))
        own = slice(max(end, bisect_left(owners, owners[start])), max(end, stop))
        rows, keys = torch.arange(start, stop), torch.arange(own.start, own.stop)
        owner = torch.tensor(owners)
        seen = [
            torch.ones(len(rows), image, dtype=torch.bool),
            rows[:, None] >= torch.arange(text.stop),
            (rows[:, None] >= keys) & (owner[rows, None] == owner[keys]),
        ]
        mask = torch.zeros(len(rows), image + text.stop + len(keys))
        yield Block(
            slice(start, stop),
            text,
            own,
            mask.masked_fill_(~torch.cat(seen, 1), float("-inf")).bfloat16(),
        )


class _Attend(torch.autograd.Function):
    """Masked attention of (heads, rows, size) queries; those of a key head go together."""

    @staticmethod
    def forward(  # type: ignore[no-untyped-def, override]  # noqa: PLR0917
        ctx, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float
    ) -> Tensor:
        """Key and value (key heads, length, size), mask (rows, length)."""
        heads, rows, size = query.shape
        grouped = (query * scale).reshape(len(key), -1, size)
        scores = torch.bmm(grouped, key.transpose(1, 2)).view(heads, rows, -1)
        weights = scores.add_(mask).softmax(-1).view(len(key), -1, key.shape[1])
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
        grad_scores = torch.ops.aten._softmax_backward_data(  # noqa: SLF001 - one pass, not four
            grad_weights, weights, -1, weights.dtype
        )
        grad_key = torch.bmm(grad_scores.transpose(1, 2), grouped)
        grad_query = torch.bmm(grad_scores, key).mul_(ctx.scale)
        return grad_query.view(shape), grad_key, grad_value, None, None


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
        for block in span.blocks:
            seen = (
                torch.cat([part[0], part[number][:, block.text], part[number][:, block.own]], 1)
                for part in (keys, values)
            )
            rows = queries[number][:, block.rows]
            found.append(_Attend.apply(rows, *seen, block.mask.to(query.dtype), scaling))
    return torch.cat(found, 1).transpose(0, 1)[None].contiguous(), None


AttentionInterface.register("branching", branching_attention)
