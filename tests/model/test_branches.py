"""Sequences that branch off one prefix, side by side, give what each gives alone."""

import pytest
import torch
from transformers import DynamicCache

from monkeycli.model.cache import ROOM, BatchCache, GrowingLayer, PrefixCache

CLOSE = {"atol": 1e-4, "rtol": 1e-4}


def _read(model, ids):
    """Read a prefix by itself."""
    cache = DynamicCache(config=model.config.text_config)
    model(input_ids=torch.tensor([ids]), past_key_values=cache)
    return PrefixCache.of(cache)


def _alone(model, ids):
    return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]


@pytest.fixture(scope="module")
def prefixes(model):
    with torch.inference_mode():
        return {number: _read(model, list(range(1, number + 1))) for number in (5, 9)}


@torch.inference_mode()
def test_sequences_go_on_from_prefixes_as_if_alone(model, prefixes):
    cache = BatchCache([prefixes[5], prefixes[9], prefixes[5]], prompt_length=20)
    endings = torch.tensor([[30, 31], [32, 33], [34, 35]])
    mask = torch.ones(3, 9 + 2, dtype=torch.long)
    mask[[0, 2], :4] = 0
    logits = model(input_ids=endings, attention_mask=mask, past_key_values=cache).logits

    for row, length in enumerate((5, 9, 5)):
        alone = _alone(model, [*range(1, length + 1), *endings[row].tolist()])
        torch.testing.assert_close(logits[row], alone[-2:], **CLOSE)


@torch.inference_mode()
def test_cache_grows_beyond_its_room(model, prefixes):
    ids = [number % 250 for number in range(2 * ROOM + 3)]
    cache = BatchCache([prefixes[5]], prompt_length=5)
    for token in ids:
        logits = model(input_ids=torch.tensor([[token]]), past_key_values=cache).logits

    assert cache.get_seq_length() == 5 + len(ids)
    alone = _alone(model, [1, 2, 3, 4, 5, *ids])
    torch.testing.assert_close(logits[0, 0], alone[-1], **CLOSE)


@torch.inference_mode()
def test_sequences_that_have_ended_leave(model, prefixes):
    cache = BatchCache([prefixes[5]] * 3, prompt_length=7)
    model(input_ids=torch.tensor([[30], [31], [32]]), past_key_values=cache)
    cache.keep(torch.tensor([0, 2]))
    logits = model(input_ids=torch.tensor([[40], [42]]), past_key_values=cache).logits

    for row, ids in enumerate(([30, 40], [32, 42])):
        alone = _alone(model, [1, 2, 3, 4, 5, *ids])
        torch.testing.assert_close(logits[row, 0], alone[-1], **CLOSE)


@torch.inference_mode()
def test_prefix_is_left_as_it_was(model, prefixes):
    before = [keys.clone() for keys, _ in prefixes[5].layers]
    for _ in range(2):
        cache = BatchCache([prefixes[5], prefixes[5]], prompt_length=6)
        model(input_ids=torch.tensor([[30], [31]]), past_key_values=cache)

    assert prefixes[5].length == 5
    assert all(
        torch.equal(keys, old) for (keys, _), old in zip(prefixes[5].layers, before, strict=True)
    )


def test_new_tokens_are_written_in_place():
    """No token copies what came before it, until the room is used up."""
    keys, values = torch.zeros(1, 2, 10, 4), torch.zeros(1, 2, 10, 4)
    layer = GrowingLayer(keys, values, length=3)
    for token in range(7):
        seen, _ = layer.update(torch.full((1, 2, 1, 4), token + 1.0), torch.ones(1, 2, 1, 4))
        assert seen.data_ptr() == keys.data_ptr()
    assert keys[0, 0, :, 0].tolist() == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]

    seen, _ = layer.update(torch.full((1, 2, 1, 4), 8.0), torch.ones(1, 2, 1, 4))
    assert seen[0, 0, :, 0].tolist() == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert len(keys[0, 0]) == 10


@pytest.mark.parametrize("sizes", [[ROOM], [ROOM + 1, 1], [5, 3 * ROOM, 1]])
def test_however_many_tokens_come_they_stand_behind_what_was_there(prefixes, sizes):
    cache = BatchCache([prefixes[9], prefixes[5]], prompt_length=9)
    expected = cache.layers[0].keys.clone()
    for step, size in enumerate(sizes):
        added = torch.full((2, *expected.shape[1:2], size, expected.shape[3]), float(step))
        keys, values = cache.update(added, -added, 0)

        expected = torch.cat([expected, added], dim=2)
        assert torch.equal(keys, expected)
        assert torch.equal(values[:, :, 9:], -expected[:, :, 9:])
