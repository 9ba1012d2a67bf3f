"""The speller sees a character with its neighbours, and writes in the language model's words."""

import pytest
import torch

from monkeycli.model.config import MonkeyResamplerConfig
from monkeycli.model.speller import Speller
from tests.model.drawing import draw_


@pytest.fixture
def speller():
    config = MonkeyResamplerConfig(
        kind="reading",
        hidden_size=8,
        num_characters=5,
        character_width=4,
        speller_span=[1, 2],
        speller_width=16,
        speller_depth=2,
    )
    return draw_(Speller(config)).eval()


def _classes(*numbers):
    return torch.eye(5)[list(numbers)][None]


def _directions(speller, classes):
    distances = torch.ones(classes.shape[:2])
    return speller.spell(speller.look(classes, distances))[0]


def test_a_character_is_seen_with_so_many_before_and_after_it(speller):
    before = _directions(speller, _classes(1, 2, 3, 4, 1, 2))
    after = _directions(speller, _classes(1, 2, 3, 2, 1, 2))  # the fourth has changed
    changed = (before - after).abs().amax(dim=-1) > 1e-6

    assert changed.tolist() == [False, True, True, True, True, False]


def test_starts_are_told_of_every_character(speller):
    around = speller.look(_classes(1, 2, 3), torch.ones(1, 3))

    assert speller.starts(around).shape == (1, 3)
