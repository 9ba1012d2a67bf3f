"""A fresh model is ready to learn: drawn small, and with adapters that change nothing yet."""

import pytest
import torch

from monkeycli.grid import WindowGrid
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from tests.model.drawing import draw_page
from tests.small_checkpoint import small_config

WINDOW = WindowGrid(1, 2)


def test_fresh_model_is_drawn_and_its_adapters_change_nothing(kind, processor):
    model = MonkeyForConditionalGeneration(small_config(**kind)).eval()
    assert all(part.isfinite().all() for part in model.parameters())
    assert model.model.resampler.queries.std().item() == pytest.approx(0.02, rel=0.5)

    inputs = processor(images=draw_page(448, 896), text="", grid=WINDOW)
    window = inputs["pixel_values"][:1].expand(3, -1, -1, -1)
    features = model.get_image_features(window, inputs["image_grids"])
    torch.testing.assert_close(features, features[2:].expand_as(features))
