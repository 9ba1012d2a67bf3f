"""Things cut out: white around them, the largest first."""

import pytest
from PIL import Image, ImageDraw

from monkeycli.describing.cutouts import count_pixels, cut_out, pick_largest
from monkeycli.describing.providers import Mask

IMAGE = Image.new("RGB", (40, 30), (10, 20, 30))


def mask(left, top, width, height, inside):
    """Give a mask whose first `inside` columns are the thing."""
    pixels = Image.new("L", (width, height))
    if inside:
        ImageDraw.Draw(pixels).rectangle((0, 0, inside - 1, height), fill=255)
    return Mask((left, top, left + width, top + height), pixels)


def test_it_is_white_where_the_thing_is_not_and_as_large_as_its_box():
    piece = cut_out(IMAGE, mask(5, 5, 10, 8, 4))

    assert piece.size == (10, 8)
    assert {piece.getpixel((x, y)) for x in range(4) for y in range(8)} == {(10, 20, 30)}
    assert {piece.getpixel((x, y)) for x in range(4, 10) for y in range(8)} == {(255, 255, 255)}


def test_it_shows_what_lies_there():
    image = IMAGE.copy()
    image.putpixel((7, 9), (255, 0, 0))

    assert cut_out(image, mask(5, 5, 10, 8, 10)).getpixel((2, 4)) == (255, 0, 0)


def test_the_largest_come_first_and_empty_ones_not_at_all():
    masks = [mask(0, 0, 9, 9, inside) for inside in (2, 0, 5, 3)]

    assert [count_pixels(mask) for mask in pick_largest(masks)] == [45, 27, 18]
    assert [count_pixels(mask) for mask in pick_largest(masks, 1)] == [45]


def test_a_mask_of_another_size_than_its_box_is_refused():
    wrong = Mask((0, 0, 5, 5), Image.new("L", (4, 5)))

    with pytest.raises(ValueError, match="pixels in a box of"):
        cut_out(IMAGE, wrong)
