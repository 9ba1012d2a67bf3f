"""Pages side by side: the tensors of one pass."""

# B sequences, T tokens of the longest, V views of all pages

from collections.abc import Sequence

import torch
from torch.nn.utils.rnn import pad_sequence

from monkeycli.model.config import MonkeyConfig
from monkeycli.training.branching import NO_LABEL, NO_TASK, PADDING, Packed, branch_mask, pack
from monkeycli.training.encode import EncodedPage


def collate(pages: Sequence[EncodedPage], config: MonkeyConfig) -> dict[str, torch.Tensor]:
    """Put pages into one batch, their sequences padded on the right.

    Args:
        pages: at least one.
        config: of the checkpoint, for the padding token.

    Returns:
        What `losses.TrainingModel` takes:

        - `input_ids`, `position_ids`, `labels`, `tasks`: shape BT, see `branching.Packed`;
        - `attention_mask`: shape B1TT, bool, True to see; where no sequence has more than one
          branch shape BT, 1 for what is not padding, which every attention implementation takes;
        - `pixel_values` (shape V3HW) and `image_grids` (pages, 2): every page that is
          looked at, once;
        - `row_views`: for each sequence in turn the numbers of its page's views; a page whose
          branches take two sequences has its views twice.
    """
    packed = [pack(page) for page in pages]
    rows = [row for rows in packed for row in rows]
    owners_BT = _pad(rows, "owners", PADDING)
    pad_id = config.text_config.pad_token_id
    return {
        "input_ids": _pad(rows, "input_ids", 0 if pad_id is None else pad_id),
        "position_ids": _pad(rows, "position_ids", 0),
        "labels": _pad(rows, "labels", NO_LABEL),
        "tasks": _pad(rows, "tasks", NO_TASK),
        "attention_mask": (
            branch_mask(owners_BT) if owners_BT.max() > 1 else (owners_BT != PADDING).long()
        ),
        "pixel_values": torch.cat([page.views_V3HW for page in pages]),
        "image_grids": torch.tensor(
            [[page.grid.rows, page.grid.cols] for page in pages if len(page.views_V3HW)],
            dtype=torch.int64,
        ).view(-1, 2),
        "row_views": _row_views(pages, [len(rows) for rows in packed]),
    }


def _pad(rows: Sequence[Packed], name: str, filler: int) -> torch.Tensor:
    tensors = [getattr(row, name) for row in rows]
    return pad_sequence(tensors, batch_first=True, padding_value=filler)


def _row_views(pages: Sequence[EncodedPage], num_rows: Sequence[int]) -> torch.Tensor:
    views = torch.arange(sum(len(page.views_V3HW) for page in pages))
    of_pages = views.split([len(page.views_V3HW) for page in pages])
    return torch.cat([view.repeat(n) for view, n in zip(of_pages, num_rows, strict=True)])
