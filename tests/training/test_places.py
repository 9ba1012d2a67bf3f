"""What a resampler read is learnt from as it is asked about: behind no place without a feature."""

import pytest
import torch
import torch.nn.functional as F

from monkeycli.answer import Answerer
from monkeycli.grid import WindowGrid
from monkeycli.options import GenerateOptions
from monkeycli.training.collate import collate
from monkeycli.training.places import close_ranks
from tests.model.drawing import draw_processor, draw_reading_model
from tests.training.pages import SAMPLES, encode, make_page, still

GRIDS = (WindowGrid(1, 2), WindowGrid(2, 2))
NUM_READ = (4, 7)
"""Tokens on each page; there are places for 9 and 15."""


@pytest.fixture(scope="module")
def model():
    return still(draw_reading_model())


@pytest.fixture
def read(model, monkeypatch):
    """Let the pages hold so many tokens each."""
    features = {
        grid: torch.randn(number, 32, generator=torch.Generator().manual_seed(number))
        for grid, number in zip(GRIDS, NUM_READ, strict=True)
    }
    monkeypatch.setattr(
        model.monkey.model,
        "read_pages",
        lambda _, grids: [features[WindowGrid(*grid)] for grid in grids.tolist()],
    )


def _alone(model, processor, page, sample):
    """Give the loss of one answer, asked as it is asked."""
    answerer = Answerer(model.monkey, processor, GenerateOptions())
    (prompt,) = answerer.encode([page], with_text=False)
    ((prompt_ids, answer_ids),) = [
        (branch.prompt_ids, branch.answer_ids)
        for branch in encode(processor, (sample,), page=page, text="none").branches
    ]
    ids = torch.tensor([[*prompt.ids, *prompt_ids, *answer_ids]])
    embeds = model.monkey.model.embed(ids, prompt.features_VQE)
    states = model.monkey.model(inputs_embeds=embeds, use_cache=False).last_hidden_state
    first = ids.shape[1] - len(answer_ids)
    logits = model.monkey.lm_head(states[0, first - 1 : -1])
    return F.cross_entropy(logits, torch.tensor(answer_ids), reduction="sum")


@pytest.mark.parametrize("samples", [SAMPLES, SAMPLES[:1]], ids=["branches", "one question"])
def test_the_loss_is_that_of_asking(model, read, samples):
    processor = draw_processor(model.monkey)
    pages = [make_page(grid=grid, text=None) for grid in GRIDS]

    losses = model(
        **collate([encode(processor, samples, page=page) for page in pages], model.config)
    )

    with torch.no_grad():
        asked = sum(_alone(model, processor, page, s) for page in pages for s in samples)
    torch.testing.assert_close(losses.total.detach(), asked)


def test_a_page_with_its_text_is_learnt_as_it_is_asked_about(model):
    processor, page = draw_processor(model.monkey), make_page()
    answerer = Answerer(model.monkey, processor, GenerateOptions())

    (prompt,) = answerer.encode([page], with_text=True)
    encoded = encode(processor, page=page)

    assert encoded.prefix_ids == prompt.ids
    assert not len(encoded.views_V3HW)


def test_what_stays_sees_what_it_saw_but_for_what_has_gone():
    empty = torch.tensor([[False, True, True, False, False], [False, False, True, False, False]])
    mask = torch.ones(2, 1, 5, 5, dtype=torch.bool).tril()

    ranks = close_ranks(empty, torch.arange(5).repeat(2, 1), mask)

    assert ranks.order_BK.tolist() == [[0, 3, 4, 1], [0, 1, 3, 4]]
    assert ranks.position_ids[0, :3].tolist() == [0, 1, 2]
    assert ranks.position_ids[1].tolist() == [0, 1, 2, 3]
    assert ranks.attention_mask[0, 0, :3].int().tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [1, 1, 1, 0],
    ]
    assert ranks.attention_mask[1, 0].equal(torch.ones(4, 4, dtype=torch.bool).tril())
    assert ranks.attention_mask.any(dim=-1).all(), "a softmax over nothing"
