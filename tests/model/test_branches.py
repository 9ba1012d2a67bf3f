"""Sequences that branch off prefixes, side by side, give what each gives alone."""

import pytest
import torch
from transformers import DynamicCache

from monkeycli.model.branches import ATTENTION, ROOM, BranchCache, PrefixCache, branching

CLOSE = {"atol": 1e-4, "rtol": 1e-4}
IDS = {5: [1, 2, 3, 4, 5], 9: list(range(11, 20))}


@pytest.fixture(scope="module", autouse=True)
def _no_gradients():
    with torch.inference_mode():
        yield


def _read(model, ids):
    """Read a prefix by itself."""
    cache = DynamicCache(config=model.config.text_config)
    model(input_ids=torch.tensor([ids]), past_key_values=cache)
    return PrefixCache.of(cache)


def _alone(model, ids):
    return model.model(input_ids=torch.tensor([ids]), use_cache=False).last_hidden_state[0]


@pytest.fixture(scope="module")
def prefixes(model):
    return {number: _read(model, ids) for number, ids in IDS.items()}


@pytest.fixture
def start(model, prefixes):
    """Give a function that reads endings, each behind a prefix; it gives cache and states."""

    def begin(endings):
        lengths = [len(ids) for _, ids in endings]
        cache = BranchCache([prefixes[name] for name, _ in endings], lengths, prompt_length=20)
        rows = [[*ids, *[0] * (max(lengths) - len(ids))] for _, ids in endings]
        return cache, model.model.read_on(torch.tensor(rows), cache)

    return begin


def _step(model, cache, tokens):
    return model.model.read_on(torch.tensor(tokens)[:, None], cache)[:, 0]


def test_sequences_go_on_from_prefixes_as_if_alone(model, start):
    endings = [(5, [30, 31]), (9, [32, 33, 34]), (5, [35])]
    cache, states = start(endings)
    for row, (prefix, ids) in enumerate(endings):
        alone = _alone(model, IDS[prefix] + ids)[-len(ids) :]
        torch.testing.assert_close(states[row, : len(ids)], alone, **CLOSE)

    found = _step(model, cache, [40, 41, 42])
    again = _step(model, cache, [43, 44, 45])
    for row, (prefix, ids) in enumerate(endings):
        alone = _alone(model, [*IDS[prefix], *ids, 40 + row, 43 + row])[-2:]
        torch.testing.assert_close(torch.stack([found[row], again[row]]), alone, **CLOSE)


def test_sequences_grow_beyond_their_room(model, start):
    ids = [number % 250 for number in range(2 * ROOM + 3)]
    cache, _ = start([(5, [30]), (9, [31, 32])])
    for token in ids:
        states = _step(model, cache, [token, token])
    assert cache.get_seq_length() == 9 + 2 + len(ids)
    torch.testing.assert_close(states[0], _alone(model, [*IDS[5], 30, *ids])[-1], **CLOSE)
    torch.testing.assert_close(states[1], _alone(model, [*IDS[9], 31, 32, *ids])[-1], **CLOSE)


def test_sequences_leave_and_others_enter(model, start):
    cache, _ = start([(5, [30]), (9, [31, 32]), (5, [33])])
    _step(model, cache, [40, 41, 42])
    cache.keep(torch.tensor([0, 2]))
    new, _ = start([(9, [50, 51, 52, 53]), (5, [54])])
    cache.join(new)
    states = _step(model, cache, [60, 61, 62, 63])

    expected = [
        [*IDS[5], 30, 40, 60],
        [*IDS[5], 33, 42, 61],
        [*IDS[9], 50, 51, 52, 53, 62],
        [*IDS[5], 54, 63],
    ]
    for found, ids in zip(states, expected, strict=True):
        torch.testing.assert_close(found, _alone(model, ids)[-1], **CLOSE)


def test_all_may_leave_before_others_enter(model, start):
    cache, _ = start([(5, [30])])
    cache.keep(torch.tensor([], dtype=torch.long))
    new, _ = start([(9, [50])])
    cache.join(new)
    expected = _alone(model, [*IDS[9], 50, 60])[-1]
    torch.testing.assert_close(_step(model, cache, [60])[0], expected, **CLOSE)


def test_prefixes_are_read_where_they_lie(model, prefixes, start):
    """No sequence copies its prefix, and none changes it."""
    before = [keys.clone() for keys, _ in prefixes[5].layers]
    cache, _ = start([(5, [30]), (5, [31]), (9, [32])])
    assert [page for page, _ in cache.pages] == [prefixes[5], prefixes[9]]
    assert [rows.tolist() for _, rows in cache.pages] == [[0, 1], [2]]
    own = sum(buffer.shape[2] for layer in cache.layers[:1] for buffer in layer.buffers)
    assert own == 2 * (1 + ROOM)
    _step(model, cache, [1, 2, 3])
    pairs = zip(prefixes[5].layers, before, strict=True)
    assert all(torch.equal(keys, old) for (keys, _), old in pairs)


def test_the_model_attends_as_before_afterwards(model, start):
    config = model.config.text_config
    before = config._attn_implementation
    start([(5, [30])])
    assert config._attn_implementation == before
    with pytest.raises(ZeroDivisionError), branching(config):
        assert 1 / int(config._attn_implementation != ATTENTION)
    assert config._attn_implementation == before


def test_a_pass_reads_one_token_of_each_sequence_after_the_first(model, start):
    cache, _ = start([(5, [30])])
    with pytest.raises(AssertionError):
        model.model.read_on(torch.tensor([[1, 2]]), cache)
