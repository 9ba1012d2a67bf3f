import math

import pytest
import torch
from transformers import DynamicCache

from monkeycli.decoding import Continuation, Job, continue_greedily
from monkeycli.model.branches import PrefixCache
from tests.small_checkpoint import IDS

LIMIT = 30

PREFIXES = [list(b"one two three"), list(b"a"), list(b"once upon a time there was")]
ENDINGS = [list(b"and?"), list(b"a long way to go?"), list(b"!")]


@pytest.fixture(scope="module")
def model(small_monkey):
    return small_monkey.model


@torch.inference_mode()
def read(model, ids):
    cache = DynamicCache(config=model.config.text_config)
    model(input_ids=torch.tensor([ids]), past_key_values=cache, use_cache=True)
    return PrefixCache.of(cache)


def write(model, prefixes, endings, limits=None, *, batch_size=16):
    jobs = map(Job, prefixes, endings, limits or [LIMIT] * len(prefixes))
    return continue_greedily(model, jobs, batch_size=batch_size, prompt_length=100)


@pytest.fixture(scope="module")
def prefixes(model):
    return [read(model, ids) for ids in PREFIXES]


@pytest.fixture(scope="module")
def alone(model, prefixes):
    return [write(model, [p], [e])[0] for p, e in zip(prefixes, ENDINGS, strict=True)]


@pytest.fixture
def batches(model, monkeypatch):
    """Give the list of how many sequences each pass has."""
    sizes = []
    read_on = model.model.read_on

    def read_on_and_count(input_ids, branches):
        sizes.append(len(input_ids))
        return read_on(input_ids, branches)

    monkeypatch.setattr(model.model, "read_on", read_on_and_count)
    return sizes


@torch.inference_mode()
def test_what_is_written_is_what_generate_writes(model, alone):
    for prefix, ending, written in zip(PREFIXES, ENDINGS, alone, strict=True):
        ids = torch.tensor([prefix + ending])
        whole = model.generate(input_ids=ids, max_new_tokens=LIMIT)[0, ids.shape[1] :].tolist()

        assert written.ids + [IDS["<|im_end|>"]] * written.is_finished == whole


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [0, 0, 0], [1, 2]])
def test_sequences_do_not_see_each_other(model, prefixes, alone, order):
    together = write(model, [prefixes[n] for n in order], [ENDINGS[n] for n in order])

    assert [found.ids for found in together] == [alone[n].ids for n in order]
    for found, n in zip(together, order, strict=True):
        assert found.confidence == pytest.approx(alone[n].confidence, rel=1e-4)


def test_a_sequence_that_has_ended_leaves_the_batch(model, prefixes, alone, batches):
    write(model, prefixes, ENDINGS)

    steps = [len(found.log_probabilities) for found in alone]
    assert len(set(steps)) > 1
    assert batches == [sum(n > step for n in steps) for step in range(max(steps))]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 5])
def test_waiting_sequences_enter_as_others_leave(model, prefixes, alone, batches, batch_size):
    order = [0, 1, 2, 2, 1, 0, 0]
    together = write(
        model, [prefixes[n] for n in order], [ENDINGS[n] for n in order], batch_size=batch_size
    )

    assert [found.ids for found in together] == [alone[n].ids for n in order]
    assert max(batches) <= batch_size
    tokens = sum(len(alone[n].log_probabilities) for n in order)
    assert sum(batches) == tokens, "every pass writes a token of each sequence in it"


def test_jobs_are_taken_when_there_is_room_for_them(model, prefixes, batches):
    taken = []

    def jobs():
        for _ in range(4):
            taken.append(len(batches))
            yield Job(prefixes[0], ENDINGS[0], 3)

    continue_greedily(model, jobs(), batch_size=2, prompt_length=100)
    assert taken[:2] == [0, 0]
    assert min(taken[2:]) >= 3, "the third waits until the first two have ended"


def test_each_sequence_has_a_limit_of_its_own(model, prefixes, alone, batches):
    together = write(model, prefixes, ENDINGS, [1, 3, 2])

    assert [found.ids for found in together] == [
        found.ids[:limit] for found, limit in zip(alone, [1, 3, 2], strict=True)
    ]
    assert batches == [3, 2, 1]
    assert not any(found.is_finished for found in together)


@pytest.mark.parametrize("as_list", [False, True])
def test_the_first_token_is_never_the_end(model, prefixes, alone, monkeypatch, as_list):
    """The token that would come first is declared an end."""
    first = alone[0].ids[0]
    ends = [first, IDS["<|im_end|>"]] if as_list else first
    monkeypatch.setattr(model.config.text_config, "eos_token_id", ends)

    (found,) = write(model, prefixes[:1], ENDINGS[:1])
    assert found.ids
    assert first not in found.ids


def test_an_end_token_counts_for_confidence_and_not_as_text(alone):
    for found in alone:
        assert len(found.log_probabilities) == len(found.ids) + found.is_finished
        assert IDS["<|im_end|>"] not in found.ids


@pytest.mark.parametrize("logs, confidence", [([0.0], 1.0), ([-1.0, -3.0], math.exp(-2))])
def test_confidence_is_the_geometric_mean(logs, confidence):
    assert Continuation([], logs).confidence == pytest.approx(confidence)
