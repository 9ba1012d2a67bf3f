"""Florence-2 as its classes are: a tiny one that was taught one sentence, and made-up sentences."""

import pytest
from monkey_describe_hf.florence2 import FlorenceRegionFinder
from PIL import Image

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture(scope="module")
def finder(options):
    return FlorenceRegionFinder(options("florence2"))


def test_regions_have_captions_and_boxes_in_pixels_of_each_image(finder, pictures):
    (wide,), (tall,) = finder.find_regions(pictures)

    assert wide.text == tall.text == "red dog"
    assert wide.box == pytest.approx((30, 40, 150, 160), abs=1)  # of 300 x 200
    assert tall.box == pytest.approx((20, 60, 100, 240), abs=1)
    assert wide.confidence is None


def test_more_images_than_go_together_come_in_order(finder, pictures):
    found = finder.find_regions(pictures * 3)

    assert [regions[0].box[2] for regions in found] == [150, 100] * 3


@pytest.mark.parametrize(
    "written, expected",
    [
        ("</s><s></s>", []),
        ("</s><s>a dog", []),
        ("<loc_1><loc_2><loc_3><loc_4>", []),
        (
            "</s>a dog<loc_0><loc_0><loc_499><loc_499>a ball<loc_500><loc_500><loc_999><loc_999>",
            [("a dog", (0, 0, 49, 49)), ("a ball", (50, 50, 99, 99))],
        ),
        (
            "cats<loc_0><loc_0><loc_99><loc_99><loc_500><loc_500><loc_999><loc_999></s><pad>",
            [("cats", (0, 0, 9, 9)), ("cats", (50, 50, 99, 99))],
        ),
        ("a dog<loc_900><loc_800><loc_100><loc_200>", [("a dog", (10, 20, 90, 80))]),
    ],
    ids=["nothing", "no box", "no words", "two", "one phrase, two boxes", "the wrong way round"],
)
def test_what_was_written_becomes_regions(finder, monkeypatch, written, expected):
    monkeypatch.setattr(finder, "_write", lambda images: [written] * len(images))
    (found,) = finder.find_regions([Image.new("RGB", (100, 100))])

    assert [
        (region.text, tuple(round(side) for side in region.box)) for region in found
    ] == expected
