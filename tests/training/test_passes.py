"""A pass holds every page once and every sample's answer."""

import pytest

from monkeycli.errors import UsageError
from monkeycli.training.branching import NO_LABEL
from monkeycli.training.images import PageImages, raster_options
from monkeycli.training.mixture import TrainSettings
from monkeycli.training.passes import PassMaker
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sample import ImageSource, Sample
from monkeycli.training.sampling import Group
from tests.drawn_documents import draw_image, draw_pdf


@pytest.fixture
def make(small_monkey):
    """Give what makes passes."""
    processor = small_monkey.processor
    raster = raster_options(processor.config, "auto")
    with PageImages(raster) as images:
        prompts = TaskPrompts(processor, {})
        yield PassMaker(images, processor, prompts, TrainSettings(max_tokens=512))


def group(image, *answers):
    samples = tuple(Sample("a:1", 0, "vqa", image, "what?", (answer,)) for answer in answers)
    return Group(image, samples)


def test_pages_of_documents_and_images_go_together(make, small_monkey, tmp_path):
    draw_pdf(tmp_path / "a.pdf", "One", "Two")
    photo = ImageSource(draw_image(tmp_path / "b.png"))
    groups = [group(ImageSource(tmp_path / "a.pdf", 2), "x", "yy"), group(photo, "zzz")]
    tensors = make(groups)

    assert tensors["image_grids"].tolist() == [[3, 2], [1, 1]]
    assert len(tensors["pixel_values"]) == 7 + 1
    assert len(tensors["input_ids"]) == 2
    labels = tensors["labels"][tensors["labels"] != NO_LABEL]
    assert small_monkey.processor.decode(labels) == "xyyzzz"
    assert len(labels) == 6 + 3  # each answer's end


def test_a_page_that_cannot_be_read_is_named(make, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 and nothing else")
    with pytest.raises(UsageError, match=r"a\.pdf"):
        make([group(ImageSource(tmp_path / "a.pdf"), "x")])
