"""All questions about a page in one sequence that computes nothing twice.

    image span | page's text | question answer | question answer | ...

A branch (a question and its answer) sees the image, the page's text and itself, never another
branch, and takes the positions it would have alone. So everything is computed as if each question
had been the only one. Branches that do not fit into one sequence go on in another one.
"""

# B sequences, T tokens

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from monkeycli.training.encode import Branch, EncodedPage
from monkeycli.training.sample import TASKS

NO_LABEL = -100
"""Where nothing is to be predicted."""

PREFIX = 0
"""Owner of the tokens that all branches see."""

PADDING = -1
"""Owner of the tokens that fill a sequence up."""

NO_TASK = -1
"""Where nothing is to be predicted, among the tasks."""


@dataclass(frozen=True)
class Packed:
    """One sequence; every tensor has shape T, int64."""

    input_ids: torch.Tensor
    position_ids: torch.Tensor
    """As if a branch stood alone behind the prefix."""
    labels: torch.Tensor
    """The answers' own tokens, in their own places; else `NO_LABEL`."""
    owners: torch.Tensor
    """`PREFIX`, or the number of the branch, from 1."""
    tasks: torch.Tensor
    """Number in `TASKS` of every label; else `NO_TASK`."""


def pack(page: EncodedPage) -> list[Packed]:
    """Lay the branches of a page behind its prefix, in as few sequences as come by first fit.

    Returns:
        One sequence or more, each with the whole prefix, none longer than `page.max_tokens`.
    """
    prefix, branches = page.prefix_ids, page.branches
    if not all(branch.prompt_ids for branch in branches):
        # An answer's first token is predicted from the token before it, which must not be a
        # branch's neighbour: each branch gets the end of the prefix for its own.
        prefix, end = prefix[:-1], prefix[-1:]
        branches = tuple(_begin_with(end, branch) for branch in branches)
    rows: list[list[Branch]] = []
    free: list[int] = []
    for branch in branches:
        fitting = [row for row, room in enumerate(free) if room >= branch.num_tokens]
        if not fitting:
            fitting = [len(rows)]
            rows.append([])
            free.append(page.max_tokens - len(prefix))
        rows[fitting[0]].append(branch)
        free[fitting[0]] -= branch.num_tokens
    return [_lay_out(prefix, row) for row in rows]


def branch_mask(owners_BT: torch.Tensor) -> torch.Tensor:
    """Say which tokens each token may see: those before it of the prefix and of its own branch.

    Padding comes last, so nothing sees it; it sees the prefix, so that its softmax is over
    something.

    Returns:
        Shape B1TT, queries before keys; bool, True to see.

    >>> branch_mask(torch.tensor([[0, 1, 1, 2]]))[0, 0].int()
    tensor([[1, 0, 0, 0],
            [1, 1, 0, 0],
            [1, 1, 1, 0],
            [1, 0, 0, 1]], dtype=torch.int32)
    """
    queries, keys = owners_BT[:, None, :, None], owners_BT[:, None, None, :]
    return ((keys == PREFIX) | (keys == queries)).tril()


def _begin_with(ids: tuple[int, ...], branch: Branch) -> Branch:
    return Branch(ids + branch.prompt_ids, branch.answer_ids, branch.task, branch.origin)


def _lay_out(prefix: Sequence[int], branches: Sequence[Branch]) -> Packed:
    ids, positions = list(prefix), list(range(len(prefix)))
    labels, tasks = [NO_LABEL] * len(prefix), [NO_TASK] * len(prefix)
    owners = [PREFIX] * len(prefix)
    for number, branch in enumerate(branches, start=1):
        ids += branch.prompt_ids + branch.answer_ids
        positions += range(len(prefix), len(prefix) + branch.num_tokens)
        owners += [number] * branch.num_tokens
        labels += [NO_LABEL] * len(branch.prompt_ids) + list(branch.answer_ids)
        tasks += [NO_TASK] * len(branch.prompt_ids)
        tasks += [TASKS.index(branch.task)] * len(branch.answer_ids)
    return Packed(*map(torch.tensor, (ids, positions, labels, owners, tasks)))
