import pytest
import torch

from monkeycli.model.cache import ROOM, BatchCache, PrefixCache

HEADS, WIDTH, NUM_LAYERS = 2, 4, 3


def states(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def prefix(length, seed=0):
    return PrefixCache(
        tuple(
            (
                states(1, HEADS, length, WIDTH, seed=seed + n),
                states(1, HEADS, length, WIDTH, seed=-n),
            )
            for n in range(NUM_LAYERS)
        )
    )


def test_prefixes_end_together_and_are_padded_on_the_left():
    short, long = prefix(3), prefix(7, seed=10)
    cache = BatchCache([short, long, short], prompt_length=20)

    assert cache.get_seq_length() == 7
    for number, layer in enumerate(cache.layers):
        assert layer.keys.shape == layer.values.shape == (3, HEADS, 7, WIDTH)
        for row, source in enumerate([short, long, short]):
            for part, found in zip(source.layers[number], (layer.keys, layer.values), strict=True):
                assert torch.equal(found[row, :, 7 - source.length :], part[0])
                assert not found[row, :, : 7 - source.length].any()


@pytest.mark.parametrize("sizes", [[1] * (ROOM + 3), [ROOM], [ROOM + 1, 1], [5, 3 * ROOM, 1]])
def test_what_is_added_stands_behind_what_was_there(sizes):
    """Up to the room there is, and beyond it."""
    cache = BatchCache([prefix(4), prefix(2)], prompt_length=9)
    expected = [layer.keys.clone() for layer in cache.layers]
    for step, size in enumerate(sizes):
        for number in range(NUM_LAYERS):
            added = states(2, HEADS, size, WIDTH, seed=100 * step + number)
            keys, values = cache.update(added, -added, number)

            expected[number] = torch.cat([expected[number], added], dim=2)
            assert torch.equal(keys, expected[number])
            assert torch.equal(values[:, :, 4:], -expected[number][:, :, 4:])
    assert cache.get_seq_length() == 4 + sum(sizes)


def test_kept_sequences_go_on_as_they_were():
    cache = BatchCache([prefix(4, seed=n) for n in (0, 10, 20)], prompt_length=9)
    cache.update(states(3, HEADS, 2, WIDTH), states(3, HEADS, 2, WIDTH), 0)
    before = cache.layers[0].keys.clone()
    cache.keep(torch.tensor([2, 0]))
    added = states(2, HEADS, 1, WIDTH, seed=7)
    keys, _ = cache.update(added, added, 0)

    assert torch.equal(keys, torch.cat([before[[2, 0]], added], dim=2))


def test_sequences_share_no_memory_with_their_prefix():
    source = prefix(4)
    before = source.layers[0][0].clone()
    cache = BatchCache([source, source], prompt_length=9)
    cache.layers[0].keys[0] = 9.0

    assert torch.equal(source.layers[0][0], before)
    assert torch.equal(cache.layers[0].keys[1], before[0])


def test_a_prefix_is_taken_out_of_any_cache_of_transformers():
    batch = BatchCache([prefix(5)], prompt_length=9)
    again = PrefixCache.of(batch)

    assert again.length == 5
    assert torch.equal(again.layers[2][1], prefix(5).layers[2][1])
