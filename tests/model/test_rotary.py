"""Beyond the training length the base is stretched and queries are scaled; up to it nothing is."""

import math

import pytest
import torch
from transformers import AutoConfig, AutoModel
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding

from monkeycli.model.rotary import LongContextRotary, extend_context, ntk_alpha
from tests.model.drawing import PATCH_QWEN2, draw_

TRAIN_LENGTH = 32


def _decoder():
    config = AutoConfig.for_model(**PATCH_QWEN2["text_config"])
    return draw_(AutoModel.from_config(config))


def _extended():
    decoder = _decoder()
    return decoder, extend_context(decoder, TRAIN_LENGTH)


def _read(decoder, num_tokens):
    ids = torch.arange(num_tokens)[None] % 250
    return decoder(input_ids=ids, use_cache=False).last_hidden_state


@pytest.mark.parametrize(
    "length, alpha", [(1, 1), (2047, 1), (2048, 1), (2049, 3), (4096, 3), (4097, 7), (8193, 15)]
)
def test_base_is_stretched_by_steps(length, alpha):
    assert ntk_alpha(length, 2048) == alpha


def test_up_to_the_training_length_it_is_the_decoders_own():
    decoder, (extended, rotary) = _decoder(), _extended()
    rotary.prompt_length = TRAIN_LENGTH

    assert torch.equal(_read(extended, TRAIN_LENGTH), _read(decoder, TRAIN_LENGTH))
    x, places = torch.zeros(1, 1, 1), torch.arange(TRAIN_LENGTH)[None]
    own = Qwen2RotaryEmbedding(decoder.config)
    for ours, theirs in zip(rotary(x, places), own(x, places), strict=True):
        assert torch.equal(ours, theirs)


def test_beyond_it_angles_are_those_of_a_larger_base():
    _, rotary = _extended()
    rotary.prompt_length = TRAIN_LENGTH + 1
    places = torch.arange(TRAIN_LENGTH + 1)[None]
    cos, sin = rotary(torch.zeros(1, 1, 1), places)

    base = 10000 * 3 ** (8 / 6)  # alpha 3, heads of 8
    angles = places[0, :, None] / base ** (torch.arange(4) / 4)
    torch.testing.assert_close(cos[0], angles.cos().repeat(1, 2))
    torch.testing.assert_close(sin[0], angles.sin().repeat(1, 2))


def test_only_queries_beyond_the_training_length_are_scaled():
    _, rotary = _extended()
    rotary(torch.zeros(1, 1, 1), torch.arange(3 * TRAIN_LENGTH)[None])
    scale = rotary.scale_queries(None, None, torch.ones(1, 3 * TRAIN_LENGTH, 4))[0, :, 0]

    assert torch.equal(scale[:TRAIN_LENGTH], torch.ones(TRAIN_LENGTH))
    assert scale[TRAIN_LENGTH].item() == pytest.approx(math.log(33) / math.log(32))
    assert scale[-1].item() == pytest.approx(math.log(96) / math.log(32))


def test_training_is_left_alone():
    decoder, (extended, rotary) = _decoder().train(), _extended()
    extended.train()
    rotary.prompt_length = 3 * TRAIN_LENGTH

    torch.testing.assert_close(_read(extended, 3 * TRAIN_LENGTH), _read(decoder, 3 * TRAIN_LENGTH))


def test_long_text_is_read_in_another_way():
    decoder, (extended, rotary) = _decoder(), _extended()
    rotary.prompt_length = 3 * TRAIN_LENGTH
    ours, theirs = (_read(each, 3 * TRAIN_LENGTH) for each in (extended, decoder))

    assert not torch.allclose(ours, theirs, atol=1e-3)


def test_angles_are_as_exact_in_half_precision():
    rotary = LongContextRotary(head_dim=8, base=10000.0, train_length=TRAIN_LENGTH)
    places = torch.tensor([[20_000]])
    single, half = (
        rotary(torch.zeros(1, dtype=kind), places) for kind in (torch.float32, torch.bfloat16)
    )

    for exact, cast in zip(single, half, strict=True):
        assert torch.equal(exact.bfloat16(), cast)


def test_nothing_of_it_is_saved():
    extended, _ = _extended()

    assert extended.state_dict().keys() == _decoder().state_dict().keys()
