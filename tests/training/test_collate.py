"""A batch holds its pages as they are alone, each of them once."""

import copy

import pytest
import torch

from monkeycli.grid import WindowGrid
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.branching import NO_LABEL, NO_TASK, pack
from monkeycli.training.collate import collate
from tests.model.drawing import draw_model, draw_processor
from tests.small_checkpoint import IDS
from tests.training.pages import SAMPLES, encode, make_page, still


@pytest.fixture(scope="module")
def processor():
    return draw_processor(draw_model())


@pytest.fixture(scope="module")
def pages(processor):
    """Give a page of three views and four questions, and one of five views and one question."""
    second = make_page(grid=WindowGrid(2, 2), seed=1)
    return [encode(processor), encode(processor, SAMPLES[:1], page=second)]


def test_every_page_stands_in_its_row_padded_on_the_right(processor, pages):
    batch = collate(pages, processor.config)
    fillers = {"input_ids": IDS["<|endoftext|>"], "position_ids": 0, "labels": NO_LABEL}

    for row, page in enumerate(pages):
        (packed,) = pack(page)
        for name, filler in {**fillers, "tasks": NO_TASK}.items():
            values = getattr(packed, name).tolist()
            missing = batch[name].shape[1] - len(values)
            assert batch[name][row].tolist() == values + [filler] * missing
    assert len({tuple(batch[name].shape) for name in (*fillers, "tasks")}) == 1


def test_every_page_is_there_once(processor, pages):
    batch = collate(pages, processor.config)

    assert torch.equal(batch["pixel_values"], torch.cat([page.views_V3HW for page in pages]))
    assert batch["image_grids"].tolist() == [[1, 2], [2, 2]]
    assert batch["row_views"].tolist() == list(range(3 + 5))


def test_a_page_that_is_not_looked_at_has_no_views_and_teaches_all_the_same(processor, pages):
    unseen = copy.deepcopy(processor.config)
    unseen.looks_beside_text = False
    alone = encode(MonkeyProcessor(processor.tokenizer, unseen))
    model = still(draw_model())

    mixed, blind = collate([alone, pages[1]], unseen), collate([alone], unseen)

    assert alone.prefix_ids.count(IDS["<imgpad>"]) == 0
    assert mixed["image_grids"].tolist() == [[2, 2]]
    assert mixed["row_views"].tolist() == list(range(5))
    assert blind["image_grids"].shape == (0, 2)
    assert all(model(**batch).total > 0 for batch in (mixed, blind))


def test_a_page_of_two_sequences_is_there_once_and_named_twice(processor, pages):
    first = encode(processor, max_tokens=len(pages[0].prefix_ids) + 130)
    assert len(pack(first)) == 2

    batch = collate([first, pages[1]], processor.config)

    assert len(batch["input_ids"]) == 3
    assert len(batch["pixel_values"]) == 3 + 5
    assert batch["row_views"].tolist() == [0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7]
    num_places = (batch["input_ids"] == IDS["<imgpad>"]).sum()
    assert num_places == len(batch["row_views"]) * 4


def test_the_mask_has_two_dimensions_unless_a_sequence_branches(processor, pages):
    """The simple one is what flash attention takes."""
    lone = collate([pages[1], encode(processor, SAMPLES[1:2])], processor.config)
    branching = collate(pages, processor.config)
    rows, tokens = branching["input_ids"].shape

    assert lone["attention_mask"].dtype == torch.int64
    lengths = [len(pack(page)[0].input_ids) for page in (pages[1], encode(processor, SAMPLES[1:2]))]
    assert lone["attention_mask"].sum(1).tolist() == lengths
    assert branching["attention_mask"].dtype == torch.bool
    assert branching["attention_mask"].shape == (rows, 1, tokens, tokens)


def test_a_language_model_without_padding_gets_any(processor, pages):
    config = draw_model().config
    config.text_config.pad_token_id = None

    assert collate(pages, config)["input_ids"][1, -1] == 0
