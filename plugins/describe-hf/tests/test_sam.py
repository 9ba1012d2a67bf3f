"""SAM and SAM 2 as their classes are: tiny and random, made sure of themselves."""

import pytest
import torch
from monkey_describe_hf import sam as sam_module
from monkey_describe_hf.sam import Sam2Segmenter, SamSegmenter
from transformers import MaskGenerationPipeline
from transformers.models.sam.image_processing_pil_sam import _rle_to_mask

from monkeycli.describing.cutouts import count_pixels, cut_out, pick_largest
from monkeycli.errors import ModelError

pytestmark = pytest.mark.usefixtures("no_network")

SEGMENTERS = {"sam": SamSegmenter, "sam2": Sam2Segmenter}


@pytest.fixture(scope="module", params=SEGMENTERS)
def segmenter(request, options):
    return SEGMENTERS[request.param](options(request.param))


@pytest.fixture(autouse=True)
def _few_points(monkeypatch):
    monkeypatch.setattr(sam_module, "POINTS_PER_SIDE", 6)


def test_masks_fit_their_boxes_and_can_be_cut_out(segmenter, pictures):
    for image, masks in zip(pictures, segmenter.find_masks(pictures), strict=True):
        assert masks
        for mask in pick_largest(masks, 20):
            left, top, right, bottom = mask.box
            assert 0 <= left < right <= image.width
            assert 0 <= top < bottom <= image.height
            assert mask.pixels.mode == "L"
            assert 0 < count_pixels(mask) <= (right - left) * (bottom - top)
            assert set(mask.pixels.tobytes()) <= {0, 255}
            assert 0.88 < mask.confidence <= 1
            assert cut_out(image, mask).size == (right - left, bottom - top)


def test_masks_are_the_same_alone_together_and_however_many_points_go_together(
    segmenter, pictures, monkeypatch
):
    together = segmenter.find_masks(pictures)
    monkeypatch.setattr(sam_module, "POINTS_AT_ONCE", 5)

    assert segmenter.find_masks(pictures[1:]) == together[1:]


def test_every_part_of_an_image_is_asked_about(segmenter, pictures, monkeypatch):
    """transformers' own pipeline asks SAM 2 about two thirds of this image."""
    asked = []
    model = segmenter._model

    def note(**inputs):
        asked.append(inputs["input_points"][0, :, 0])
        return model(**inputs)

    note.get_image_embeddings, note.config = model.get_image_embeddings, model.config
    monkeypatch.setattr(segmenter, "_model", note)
    segmenter.find_masks(pictures[:1])
    points = torch.cat(asked)

    assert len(points) == 36
    height = 64 * 200 / 300 if isinstance(segmenter, SamSegmenter) else 64
    assert points[:, 0].max() == pytest.approx(64 * 11 / 12, abs=0.5)
    assert points[:, 1].max() == pytest.approx(height * 11 / 12, abs=0.5)


def test_masks_are_those_of_transformers_own_pipeline(options, pictures, monkeypatch):
    """All but its last step, which drops what is repeated and needs torchvision."""
    segmenter = SamSegmenter(options("sam"))
    monkeypatch.setattr(sam_module, "drop_repeated", lambda shapes: shapes)
    pipeline = MaskGenerationPipeline(
        model=segmenter._model, image_processor=segmenter._processor, device="cpu"
    )
    for image in pictures:
        ours = segmenter._find_shapes(image)
        theirs = []
        for inputs in pipeline.preprocess(image, points_per_crop=6):
            found = pipeline._forward(inputs)
            theirs += zip(found["masks"], found["boxes"].tolist(), strict=True)

        assert len(ours) == len(theirs) > 0
        for shape, (mask, box) in zip(ours, theirs, strict=True):
            left, top, right, bottom = shape.box
            assert [left, top, right - 1, bottom - 1] == box
            differ = _rle_to_mask(mask)[top:bottom, left:right] != shape.pixels_HW.numpy()
            assert differ.mean() < 0.001, "a pixel at an edge, by the last digit of a point"


def test_an_image_of_which_nothing_is_believed_has_no_masks(segmenter, pictures, monkeypatch):
    monkeypatch.setattr(sam_module, "draw_shapes", lambda *_, **__: [])

    assert segmenter.find_masks(pictures) == [[], []]


def test_one_does_not_take_the_others_checkpoint(options):
    with pytest.raises(ModelError, match="holds no checkpoint for --segment sam2"):
        Sam2Segmenter(options("sam"))
