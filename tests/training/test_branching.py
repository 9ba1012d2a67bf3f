"""Branches share their prefix and know nothing of each other."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.grid import WindowGrid
from monkeycli.training.branching import NO_LABEL, NO_TASK, PADDING, branch_mask, pack
from monkeycli.training.encode import Branch, EncodedPage
from monkeycli.training.sample import TASKS

PREFIX = (1, 2, 3)


def _page(*branches, max_tokens=100):
    return EncodedPage(
        torch.zeros(1, 3, 1, 1),
        WindowGrid(1, 1),
        PREFIX,
        tuple(
            Branch(prompt, answer, TASKS[number % len(TASKS)], f"{number}")
            for number, (prompt, answer) in enumerate(branches)
        ),
        max_tokens,
        is_cut=False,
    )


def test_a_branch_has_the_places_it_would_have_alone():
    (packed,) = pack(_page(((10,), (20, 21)), ((11, 12), (22,))))

    assert packed.input_ids.tolist() == [1, 2, 3, 10, 20, 21, 11, 12, 22]
    assert packed.position_ids.tolist() == [0, 1, 2, 3, 4, 5, 3, 4, 5]
    assert packed.owners.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_answers_alone_are_labelled_with_themselves_and_their_task():
    (packed,) = pack(_page(((10,), (20, 21)), ((11, 12), (22,))))

    assert packed.labels.tolist() == [*[NO_LABEL] * 4, 20, 21, NO_LABEL, NO_LABEL, 22]
    assert packed.tasks.tolist() == [*[NO_TASK] * 4, 0, 0, NO_TASK, NO_TASK, 1]


BRANCHES = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), min_size=1, max_size=12)


@given(lengths=BRANCHES, spare=st.integers(0, 20))
def test_each_branch_is_in_one_sequence_and_none_is_too_long(lengths, spare):
    branches = [
        ((100 + number,) * asked, (200 + number,) * answered)
        for number, (asked, answered) in enumerate(lengths)
    ]
    limit = len(PREFIX) + max(asked + answered for asked, answered in lengths) + spare

    rows = pack(_page(*branches, max_tokens=limit))

    assert all(len(row.input_ids) <= limit for row in rows)
    found = []
    for row in rows:
        for number in range(1, int(row.owners.max()) + 1):
            mine = row.owners == number
            # What a branch sees, read in order of places, is what it would be alone.
            seen = mine | (row.owners == 0)
            assert row.position_ids[seen].tolist() == list(range(int(seen.sum())))
            found.append(row.input_ids[seen].tolist())
    alone = [[*PREFIX, *prompt, *answer] for prompt, answer in branches]
    assert sorted(found) == sorted(alone)


@given(lengths=BRANCHES)
def test_every_label_is_predicted_from_within_its_own_branch(lengths):
    """So a label's place less one is never another branch's, even where nothing is asked."""
    branches = [((7,) * asked, (9,) * answered) for asked, answered in lengths]

    (row,) = pack(_page(*branches, max_tokens=1000))

    places = (row.labels != NO_LABEL).nonzero().flatten()
    same = row.owners[places - 1] == row.owners[places]
    first_of_lone = (row.owners[places - 1] == 0) & (row.owners.max() == 1)
    assert torch.all(same | first_of_lone)
    assert len(places) == sum(answered for _, answered in lengths)


def test_no_more_sequences_than_needed():
    """The third branch takes all the room that the first one left."""
    rows = pack(_page(((5,), (5,)), ((6,) * 6, (6,)), ((7,) * 4, (7,)), max_tokens=3 + 7))

    assert [row.input_ids.tolist() for row in rows] == [
        [1, 2, 3, 5, 5, *[7] * 5],
        [1, 2, 3, *[6] * 7],
    ]


@pytest.fixture
def mask():
    return branch_mask(torch.tensor([[0, 0, 1, 1, 2, PADDING], [0, 1, 1, 1, 2, 2]]))[:, 0]


def test_a_token_sees_what_stands_before_it_of_the_prefix_and_its_own_branch(mask):
    assert mask[0, :5].int().tolist() == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [1, 1, 0, 0, 1, 0],
    ]
    assert mask[1, 5].tolist() == [True, False, False, False, True, True]


def test_padding_is_not_seen_and_sees_something(mask):
    assert not mask[0, :5, 5].any()
    assert mask[0, 5].any()
