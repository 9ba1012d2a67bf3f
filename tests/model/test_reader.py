"""A resampler that reads gives a feature for every token on a page, and none for what is blank."""

import pytest
import torch

from monkeycli.model.config import MonkeyResamplerConfig
from monkeycli.model.lexicon import LINE_BREAK
from monkeycli.model.reader import MonkeyReader, fill_places, views_to_read
from tests.model.drawing import draw_

GRID = (4, 6)
CLASSES = 7
TABLE = 2 * torch.eye(8)[:6]
"""Embeddings: of a line break, then of the characters from class 3 on."""


@pytest.fixture
def reader():
    """Its patches are its characters: the head lets both cells' classes through."""
    config = MonkeyResamplerConfig(
        kind="reading",
        hidden_size=8,
        num_characters=CLASSES,
        character_width=4,
        speller_span=[1, 2],
        speller_width=16,
    )
    reader = draw_(MonkeyReader(config, patch_width=2 * CLASSES, patch_grid=GRID, num_tokens=6))
    reader.lexicon.spellings.zero_()
    reader.lexicon.spellings[:5, 0] = torch.tensor([LINE_BREAK, 3, 4, 5, 6])
    reader.lexicon.is_spaced.zero_()
    with torch.no_grad():
        reader.head.weight.copy_(20 * torch.eye(2 * CLASSES))
        reader.head.bias.zero_()
    return reader.eval()


def _views(*marks, num_views=1):
    """Patches of views with characters; a mark is (view, row, column of cells, class)."""
    cells = torch.zeros(num_views, GRID[0], 2 * GRID[1], CLASSES)
    cells[..., 0] = 1
    for view, row, column, number in marks:
        cells[view, row, column] = torch.eye(CLASSES)[number]
    return cells.reshape(num_views, GRID[0] * GRID[1], 2 * CLASSES)


def _look(reader, patches, *grids):
    grids = torch.tensor(grids or [[1, 1]] * len(patches))
    return reader(patches, grids, torch.nn.Embedding.from_pretrained(TABLE))


def test_a_blank_page_has_no_features(reader):
    (page,) = _look(reader, _views())

    assert page.shape == (0, 8)


def test_a_page_has_the_embedding_of_every_token(reader):
    (page,) = _look(reader, _views((0, 1, 2, 3), (0, 1, 5, 4), (0, 3, 2, 3)))

    torch.testing.assert_close(page, TABLE[[1, 2, 0, 1]])  # two characters, a line break, one more


def test_a_line_runs_across_windows(reader):
    whole = _views((0, 1, 9, 3), (0, 1, 11, 4), (1, 1, 1, 5), num_views=2)
    (page,) = _look(reader, whole, [1, 2])
    apart = _look(reader, whole)

    torch.testing.assert_close(page, TABLE[[1, 2, 3]])  # no line break between them
    assert [len(one) for one in apart] == [2, 1]


def test_pages_do_not_see_each_other(reader):
    one, other = _views((0, 1, 2, 3), (0, 1, 5, 4)), _views((0, 2, 3, 6))
    together = _look(reader, torch.cat([one, other]))

    torch.testing.assert_close(together[0], _look(reader, one)[0])
    torch.testing.assert_close(together[1], _look(reader, other)[0])


def test_the_loss_of_a_feature_reaches_the_head(reader):
    patches = _views((0, 1, 2, 3))
    patches[0, GRID[1] + 1, 4] = 0.99  # the same cell might hold class 4
    (page,) = _look(reader, patches)
    page[:, 1].sum().backward()

    assert reader.head.weight.grad.abs().sum() > 0


def test_the_global_view_is_read_only_where_there_are_no_windows():
    grids = torch.tensor([[1, 2], [1, 1]])

    assert views_to_read(grids).tolist() == [True, True, False, True]


@pytest.mark.parametrize("num_read", [0, 3, 5, 9])
def test_places_hang_on_the_grid_alone(num_read):
    page = torch.arange(1, num_read + 1.0)[:, None]

    filled = fill_places([page], torch.tensor([[1, 2]]), places=2)

    assert filled.shape == (3, 2, 1)
    assert filled.flatten().tolist() == [*range(1, min(num_read, 6) + 1), *[0] * (6 - num_read)]
