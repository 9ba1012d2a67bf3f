"""A resampler that reads: from patches to a feature for every token of the text on a page.

    patches --head--> characters in cells --reading order--> a run of them
            --speller, lexicon--> tokens

Nothing is given for what is blank, so a page has as many features as its text has tokens. A page's
windows lie side by side as they do on the page: a line runs across them.
"""

# V views, N patches of a view, D width of patches, E width of features, R rows and C columns of
# cells of a page, K classes of a cell, T characters of a run, F features of a page

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from monkeycli.grid import WindowGrid
from monkeycli.model.config import MonkeyConfig, MonkeyResamplerConfig
from monkeycli.model.lexicon import Lexicon
from monkeycli.model.reading_order import BLANK, LINE_BREAK, SECOND_SPACE, WORD_END, arrange
from monkeycli.model.resampler import MonkeyResampler
from monkeycli.model.speller import Speller


class MonkeyReader(nn.Module):
    """Characters of every cell, and the tokens they spell.

    Args:
        config: sizes.
        patch_width: width of the patches that come in.
        patch_grid: rows and columns of patches in a view.
        num_tokens: of the language model.
    """

    def __init__(
        self,
        config: MonkeyResamplerConfig,
        *,
        patch_width: int,
        patch_grid: tuple[int, int],
        num_tokens: int,
    ) -> None:
        super().__init__()
        self.config = config
        self.patch_grid = patch_grid
        self.head = nn.Linear(patch_width, config.cells_per_patch * config.num_characters)
        self.speller = Speller(config)
        self.lexicon = Lexicon(num_tokens)

    def cells(self, patches_VND: torch.Tensor) -> torch.Tensor:
        """Give the probabilities of each cell's classes; shape V(rows)(columns)K, float32."""
        logits = self.head(patches_VND).unflatten(1, self.patch_grid)
        logits = logits.unflatten(-1, (self.config.cells_per_patch, -1)).flatten(2, 3)
        return logits.float().softmax(dim=-1)

    def forward(
        self, patches_VND: torch.Tensor, image_grids: torch.Tensor, table: nn.Module
    ) -> list[torch.Tensor]:
        """Read pages.

        Args:
            patches_VND: of the pages' windows in order, without global views, but of the only
                view of a 1x1 grid.
            image_grids: shape (pages, 2), rows and columns of the pages' grids.
            table: the language model's embeddings.

        Returns:
            For each page a feature for every token, shape FE.
        """
        grids = grids_of(image_grids)
        cells = self.cells(patches_VND).split([grid.rows * grid.cols for grid in grids])
        table_WE = table.weight
        assert isinstance(table_WE, torch.Tensor)
        pages = (_stitch(*page) for page in zip(cells, grids, strict=True))
        return [self._read(page_RCK, table_WE) for page_RCK in pages]

    def _read(self, cells_RCK: torch.Tensor, table_WE: torch.Tensor) -> torch.Tensor:
        classes_1TK, distances_1T = self.run(cells_RCK)
        if not classes_1TK.shape[1]:
            return table_WE[:0]
        dtype = self.head.weight.dtype
        around_TS = self.speller.look(classes_1TK.to(dtype), distances_1T.to(dtype))[0]
        return self.lexicon(
            classes_1TK[0],
            self.speller.spell(around_TS),
            self.speller.starts(around_TS) > 0,
            table_WE,
            self.speller.sharpness,
        )

    def run(self, cells_RCK: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Put a page's characters in order; classes of shape 1TK and distances of shape 1T."""
        seen_RC = 1 - cells_RCK[..., BLANK].detach()
        likeliest = cells_RCK[..., BLANK + 1 :].detach().max(dim=-1)
        classes_RC = likeliest.indices + BLANK + 1
        sure_RC = likeliest.values / seen_RC.clamp(min=1e-6)
        run = arrange(seen_RC.cpu().numpy(), classes_RC.cpu().numpy(), sure_RC.cpu().numpy())
        device = cells_RCK.device
        places_T = torch.from_numpy(np.maximum(run.places, 0)).to(device)
        classes_TK = cells_RCK.flatten(0, 1)[places_T]
        known_TK = torch.cat([torch.zeros_like(classes_TK[:, :1]), classes_TK[:, 1:]], dim=1)
        known_TK = known_TK / known_TK.sum(dim=1, keepdim=True).clamp(min=1e-6)
        classes = torch.eye(self.config.num_characters, device=device)
        for place, number in ((LINE_BREAK, BLANK), (SECOND_SPACE, WORD_END)):
            is_it_T = torch.from_numpy(run.places == place).to(device)
            known_TK = torch.where(is_it_T[:, None], classes[number], known_TK)
        return known_TK[None], torch.from_numpy(run.distances).to(device)[None]


def build_resampler(config: MonkeyConfig) -> MonkeyResampler | MonkeyReader:
    """Build the resampler that the configuration names.

    Raises:
        ValueError: there is no such kind.
    """
    resampler, vision = config.resampler_config, config.vision_config
    size, grid = vision.hidden_size, vision.patch_grid
    if resampler.kind == "attention":
        return MonkeyResampler(resampler, patch_width=size, patch_grid=grid)
    if resampler.kind == "reading":
        num_tokens = config.text_config.vocab_size
        return MonkeyReader(resampler, patch_width=size, patch_grid=grid, num_tokens=num_tokens)
    raise ValueError(f"resampler {resampler.kind!r} is not one of attention, reading")


def views_to_read(image_grids: torch.Tensor) -> torch.Tensor:
    """Say of every view of some pages whether it is read; bool, shape V.

    The global view is not, where there are windows: it shows the same text, smaller.
    """
    return torch.tensor(
        [
            view < grid.num_windows or not grid.num_windows
            for grid in grids_of(image_grids)
            for view in range(grid.num_windows + 1)
        ]
    )


def fill_places(
    pages: Sequence[torch.Tensor], image_grids: torch.Tensor, places: int
) -> torch.Tensor:
    """Put what was read into a number of places that hangs on the grids alone.

    Args:
        pages: features of each page, FE.
        image_grids: shape (pages, 2), rows and columns of each page's grid.
        places: of each view.

    Returns:
        Shape VQE: a page's features from its first view's places on, as far as there are places;
        zeros in those that are left.
    """
    filled = []
    for page_FE, grid in zip(pages, grids_of(image_grids), strict=True):
        room = places * (grid.num_windows + 1)
        padded = F.pad(page_FE[:room], (0, 0, 0, max(0, room - len(page_FE))))
        filled.append(padded.unflatten(0, (-1, places)))
    return torch.cat(filled)


def grids_of(image_grids: torch.Tensor) -> list[WindowGrid]:
    """Give the grids of pages, from shape (pages, 2)."""
    return [WindowGrid(rows, cols) for rows, cols in image_grids.tolist()]


def _stitch(views_VRCK: torch.Tensor, grid: WindowGrid) -> torch.Tensor:
    """Lay a page's windows side by side."""
    rows = [torch.cat(list(row), dim=1) for row in views_VRCK.split(grid.cols)]
    return torch.cat(rows, dim=0)
