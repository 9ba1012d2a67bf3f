"""Small models, drawn once for all tests; a test that changes one draws its own."""

import pytest
import torch

from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor
from tests.model.drawing import CONV_LLAMA, PATCH_QWEN2, draw_model, draw_processor

torch.set_num_threads(1)

KINDS = {"conv-llama": CONV_LLAMA, "patch-qwen2": PATCH_QWEN2}


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> dict[str, object]:
    """Give what makes up one of two models that differ in all that may differ."""
    return KINDS[request.param]


@pytest.fixture(scope="session")
def model(kind: dict[str, object]) -> MonkeyForConditionalGeneration:
    return draw_model(**kind)


@pytest.fixture(scope="session")
def processor(model: MonkeyForConditionalGeneration) -> MonkeyProcessor:
    return draw_processor(model)
