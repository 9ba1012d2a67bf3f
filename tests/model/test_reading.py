"""A whole model whose resampler reads: variable features when asked, a fixed span when trained."""

import pytest
import torch
from PIL import Image, ImageDraw

from monkeycli.answer import Answer, Answerer
from monkeycli.document import Page
from monkeycli.grid import WindowGrid
from monkeycli.model.vision import MonkeyVision
from monkeycli.options import GenerateOptions
from tests.model.drawing import (
    READER,
    STEM,
    draw_,
    draw_model,
    draw_processor,
    draw_reading_model,
    vision_config,
)
from tests.small_checkpoint import IDS

GRID = WindowGrid(2, 2)


@pytest.fixture(scope="module")
def model():
    return draw_reading_model()


@pytest.fixture(scope="module")
def answerer(model):
    return Answerer(model, draw_processor(model), GenerateOptions(max_tokens=5))


def _page(text=None):
    image = Image.new("RGB", (896, 896), "white")
    ImageDraw.Draw(image).rectangle((100, 100, 300, 300), fill="black")
    return Page(1, None, image, GRID, text)


def _write(monkeypatch, model, num_tokens):
    """Let every page hold so many tokens."""
    features = torch.arange(1.0, num_tokens + 1)[:, None].expand(-1, 32)
    monkeypatch.setattr(model.model, "read_pages", lambda _, grids: [features] * len(grids))
    return features


def test_a_blank_page_leaves_all_places_zero(model, answerer):
    (prompt,) = answerer.encode([_page()], with_text=False)
    inputs = answerer.processor(_page().image, "?", grid=GRID)
    features = model.get_image_features(inputs["pixel_values"], inputs["image_grids"])

    assert prompt.is_blank
    assert prompt.features_VQE.shape[:2].numel() == 0
    assert prompt.ids.count(IDS["<imgpad>"]) == 0
    assert features.shape == (5, 3, 32)
    assert not features.any()


def test_a_prompt_has_a_place_for_every_token_that_was_read(model, answerer, monkeypatch):
    features = _write(monkeypatch, model, 40)
    (prompt,) = answerer.encode([_page()], with_text=False)
    ((answer,),) = answerer.answer([prompt], [[answerer.question_ids("what?")]])

    assert not prompt.is_blank
    assert prompt.ids.count(IDS["<imgpad>"]) == 40
    assert torch.equal(prompt.features_VQE[0], features)
    assert isinstance(answer, Answer)


def test_what_was_read_is_known_in_letters(model, answerer, monkeypatch):
    words = answerer.processor.encode("Total: 42\nThanks")
    table = model.get_input_embeddings().weight
    monkeypatch.setattr(model.model, "read_pages", lambda _, grids: [table[words]] * len(grids))
    (seen,) = answerer.encode([_page()], with_text=False)
    (given,) = answerer.encode([_page("Total: 43")], with_text=True)

    assert (seen.text, seen.has_text) == ("Total: 42\nThanks", False)
    assert (given.text, given.has_text) == ("Total: 43", True)


def test_a_page_with_its_text_is_not_looked_at(model, answerer, monkeypatch):
    _write(monkeypatch, model, 40)
    with_text, without = answerer.encode([_page("some text"), _page()], with_text=True)

    assert with_text.has_text
    assert with_text.features_VQE is None
    assert with_text.ids.count(IDS["<imgpad>"]) == 0
    assert without.ids.count(IDS["<imgpad>"]) == 40


def test_training_and_generation_keep_a_number_of_places_that_hangs_on_the_grid(
    model, answerer, monkeypatch
):
    features = _write(monkeypatch, model, 40)
    inputs = answerer.processor(_page().image, "?", grid=GRID)
    placed = model.get_image_features(inputs["pixel_values"], inputs["image_grids"])

    assert (inputs["input_ids"] == IDS["<imgpad>"]).sum() == 15
    assert torch.equal(placed.flatten(0, 1), features[:15])
    assert model.generate(**inputs, max_new_tokens=2).shape[1] == inputs["input_ids"].shape[1] + 2


def test_the_stem_sees_beyond_a_windows_border_if_told():
    vision = draw_(MonkeyVision(vision_config(**STEM))).eval()
    page = torch.rand(3, 896, 448, generator=torch.Generator().manual_seed(0))
    windows, adapters = torch.stack(page.split(448, dim=1)), torch.tensor([0, 1])
    across = vision(windows, adapters, [WindowGrid(2, 1)])
    alone = vision(windows, adapters)
    patches = vision.stem(page[None]).flatten(2).mT[0]
    whole = vision.norm(patches + vision.positions)

    torch.testing.assert_close(across.flatten(0, 1), whole)
    changed = (across - alone).abs().amax(dim=-1).view(2, 56, 56) > 1e-5
    assert changed[0, -1].any() and changed[1, 0].any()
    assert not changed[0, :50].any() and not changed[1, 6:].any()


def test_no_resampler_of_an_unknown_kind_is_built():
    with pytest.raises(ValueError, match="resampler 'reeding' is not one of attention, reading"):
        draw_model(vision_config=STEM, resampler_config={**READER, "kind": "reeding"})
