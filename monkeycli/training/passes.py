"""From the groups of a pass to its tensors: pages are read, cut into views and put side by side."""

from collections.abc import Sequence

import torch

from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.collate import collate
from monkeycli.training.encode import encode_group
from monkeycli.training.images import PageImages
from monkeycli.training.mixture import TrainSettings
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sampling import Group


class PassMaker:
    """Makes passes; call it with the groups of one.

    Args:
        images: opens their pages.
        processor: of the checkpoint.
        prompts: of the mixture.
        settings: of the mixture.
    """

    def __init__(
        self,
        images: PageImages,
        processor: MonkeyProcessor,
        prompts: TaskPrompts,
        settings: TrainSettings,
    ) -> None:
        self._images = images
        self._processor = processor
        self._prompts = prompts
        self._settings = settings

    def __call__(self, groups: Sequence[Group]) -> dict[str, torch.Tensor]:
        """Give what the model takes.

        Raises:
            UsageError: a page cannot be read, or a sample is too long.
        """
        self._images.expect([group.image for group in groups])
        pages = [
            encode_group(
                group,
                self._images.open(group.image),
                self._processor,
                self._prompts,
                self._settings,
            )
            for group in groups
        ]
        return collate(pages, self._processor.config)
