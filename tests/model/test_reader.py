"""A resampler that reads gives a feature for every token on a page, and none for what is blank."""

import pytest
import torch

from monkeycli.model.config import MonkeyResamplerConfig
from monkeycli.model.reader import MonkeyReader, fill_places, views_to_read
from tests.model.drawing import draw_

GRID = (4, 6)
CLASSES = 7


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
    reader = draw_(MonkeyReader(config, patch_width=2 * CLASSES, patch_grid=GRID))
    with torch.no_grad():
        reader.head.weight.copy_(20 * torch.eye(2 * CLASSES))
        reader.head.bias.zero_()
        reader.speller.start.bias.fill_(100.0)  # every character begins a token
    return reader.eval()


def _views(*marks, num_views=1):
    """Patches of views with characters; a mark is (view, row, column of cells, class)."""
    cells = torch.zeros(num_views, GRID[0], 2 * GRID[1], CLASSES)
    cells[..., 0] = 1
    for view, row, column, number in marks:
        cells[view, row, column] = torch.eye(CLASSES)[number]
    return cells.reshape(num_views, GRID[0] * GRID[1], 2 * CLASSES)


def test_a_blank_page_has_no_features(reader):
    (page,) = reader(_views())

    assert page.shape == (0, 8)


def test_a_page_has_a_feature_for_every_token(reader):
    (page,) = reader(_views((0, 1, 2, 3), (0, 1, 5, 4), (0, 3, 2, 3)))

    assert page.shape == (4, 8)  # three characters and a line break
    torch.testing.assert_close(page.norm(dim=-1), torch.ones(4))


def test_a_line_runs_across_windows(reader):
    whole = _views((0, 1, 9, 3), (0, 1, 11, 4), (1, 1, 1, 5), num_views=2)
    (page,) = reader(whole, torch.tensor([[1, 2]]))
    apart = reader(whole)

    assert len(page) == 3  # no line break between them
    assert [len(one) for one in apart] == [2, 1]


def test_pages_do_not_see_each_other(reader):
    one, other = _views((0, 1, 2, 3), (0, 1, 5, 4)), _views((0, 2, 3, 6))
    together = reader(torch.cat([one, other]))

    torch.testing.assert_close(together[0], reader(one)[0])
    torch.testing.assert_close(together[1], reader(other)[0])


def test_what_is_read_is_written_in_the_lexicon(reader):
    lexicon = torch.nn.Embedding.from_pretrained(torch.eye(8)[:5] * 2)

    (page,) = reader.read(_views((0, 1, 2, 3)), torch.tensor([[1, 1]]), lexicon)

    assert page.shape == (1, 8)
    assert page.sum().item() == pytest.approx(2)  # a mixture of its embeddings
    assert page[0, 5:].tolist() == [0, 0, 0]


def test_the_loss_of_a_feature_reaches_the_head(reader):
    (page,) = reader(_views((0, 1, 2, 3), (0, 1, 5, 4)))
    page[:, 0].sum().backward()

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
