"""A box of a turned image comes back to the place where its pixels were."""

import pytest
from monkey_ocr.turns import turn_back, turn_image
from PIL import Image

from monkeycli.reading.layout import Word


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_come_back_with_their_pixels(turn):
    image = Image.new("L", (50, 30))
    image.paste(255, (3, 7, 20, 11))
    box = turn_image(image, turn).getbbox()

    word = turn_back(Word(*box, "word"), turn, width=50, height=30)

    assert word == Word(3, 7, 20, 11, "word")


def test_ninety_degrees_are_counterclockwise():
    image = Image.new("L", (50, 30))
    image.putpixel((49, 0), 255)  # top right

    assert turn_image(image, 90).getpixel((0, 0)) == 255
