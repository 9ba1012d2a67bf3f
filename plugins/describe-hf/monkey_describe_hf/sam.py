"""Segment Anything, first and second: the things in an image, and their parts, as masks."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import Sam2Model, SamModel
from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

from monkey_describe_hf.checkpoint import Checkpoint
from monkey_describe_hf.masks import (
    POINTS_PER_SIDE,
    Frame,
    Shape,
    draw_shapes,
    drop_repeated,
    grid_points,
)
from monkey_describe_hf.published import SAM, SAM2, Kind
from monkeycli.describing.providers import Mask, ProviderOptions

POINTS_AT_ONCE = 64
"""Points that go through the model together."""


class _Segmenter:
    """What both have in common: a grid of points, asked about one image at a time."""

    kind: Kind
    model_class: type[Any]

    def __init__(self, options: ProviderOptions) -> None:
        # Half the digits would move edges, and masks are cheap beside what looks at the image.
        self._checkpoint = Checkpoint(options, self.kind, dtype="float32")
        self.by = self._checkpoint.by

    @cached_property
    def _model(self) -> Any:
        return self._checkpoint.load_model(self.model_class)

    def find_masks(self, images: Sequence[Image.Image]) -> list[list[Mask]]:
        """Find the things in RGB images, those first that the model is surest of.

        Raises:
            ModelError: the checkpoint is broken.
        """
        return [[_to_mask(shape) for shape in self._find_shapes(image)] for image in images]

    @torch.inference_mode()
    def _find_shapes(self, image: Image.Image) -> list[Shape]:
        pixels_13HW, frame = self._prepare(image)
        side = pixels_13HW.shape[-1]
        seen = (frame.width, frame.height) if frame else (side, side)
        device = self._checkpoint.device
        embeddings = self._model.get_image_embeddings(pixels_13HW.to(device))
        points_N2 = grid_points(POINTS_PER_SIDE) * torch.tensor(seen)
        shapes: list[Shape] = []
        for points_P2 in points_N2.split(POINTS_AT_ONCE):
            found = self._model(
                image_embeddings=embeddings,
                input_points=points_P2[None, :, None].to(device),
                input_labels=torch.ones(1, len(points_P2), 1, dtype=torch.int64, device=device),
                multimask_output=True,
            )
            shapes += draw_shapes(
                found.pred_masks[0].flatten(0, 1),
                found.iou_scores[0].flatten(),
                size=(image.height, image.width),
                frame=frame,
            )
        return drop_repeated(shapes)

    def _prepare(self, image: Image.Image) -> tuple[torch.Tensor, Frame | None]:
        """Give the pixels as the model takes them, and where in them the image lies."""
        raise NotImplementedError


class SamSegmenter(_Segmenter):
    """Segments with SAM, which sees an image with its own proportions; a `Segmenter`.

    Args:
        options: `where` is a folder or a repository that was pulled.

    Raises:
        ModelError: the checkpoint or the device cannot be had.
    """

    kind = SAM
    model_class = SamModel

    @cached_property
    def _processor(self) -> Any:
        return self._checkpoint.load_processor(SamImageProcessorPil)

    def _prepare(self, image: Image.Image) -> tuple[torch.Tensor, Frame | None]:
        inputs = self._processor(images=image, return_tensors="pt")
        height, width = inputs["reshaped_input_sizes"][0].tolist()
        pixels_13HW = inputs["pixel_values"]
        return pixels_13HW, Frame(height, width, pixels_13HW.shape[-1])


class Sam2Segmenter(_Segmenter):
    """Segments with SAM 2, which sees every image as a square; a `Segmenter`.

    Args:
        options: `where` is a folder or a repository that was pulled.

    Raises:
        ModelError: the checkpoint or the device cannot be had.
    """

    kind = SAM2
    model_class = Sam2Model

    def _prepare(self, image: Image.Image) -> tuple[torch.Tensor, Frame | None]:
        # transformers' own image processor for SAM 2 needs torchvision; all it does is this.
        side = int(self._model.config.vision_config.backbone_config.image_size[0])
        square = image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
        pixels_HW3 = torch.from_numpy(np.array(square)).float() / 255
        pixels_HW3 = (pixels_HW3 - torch.tensor(_MEAN)) / torch.tensor(_DEVIATION)
        return pixels_HW3.permute(2, 0, 1)[None], None


_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)


def _to_mask(shape: Shape) -> Mask:
    pixels = Image.fromarray(shape.pixels_HW.numpy().astype(np.uint8) * 255)
    return Mask(shape.box, pixels, shape.quality)
