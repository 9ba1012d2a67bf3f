"""Things cut out of an image along their masks, on white, as large as their boxes."""

from collections.abc import Sequence

from PIL import Image

from monkeycli.describing.providers import Mask

MAX_SEGMENTS = 20
"""Things of an image that are described: the largest."""


def pick_largest(masks: Sequence[Mask], limit: int = MAX_SEGMENTS) -> list[Mask]:
    """Give the masks with most pixels, largest first; empty ones are left out."""
    sized = [(count_pixels(mask), mask) for mask in masks]
    sized = [(size, mask) for size, mask in sized if size]
    return [mask for _, mask in sorted(sized, key=lambda pair: -pair[0])[:limit]]


def count_pixels(mask: Mask) -> int:
    """Give the number of pixels that are more inside than outside."""
    return sum(mask.pixels.convert("L").histogram()[128:])


def cut_out(image: Image.Image, mask: Mask) -> Image.Image:
    """Give what is inside a mask, white around it.

    Raises:
        ValueError: the mask's pixels are not as large as its box.
    """
    left, top, right, bottom = mask.box
    if mask.pixels.size != (right - left, bottom - top):
        raise ValueError(f"a mask of {mask.pixels.size} pixels in a box of {mask.box}")
    white = Image.new("RGB", mask.pixels.size, "white")
    inside = mask.pixels.convert("L").point(lambda value: 255 if value >= 128 else 0)
    white.paste(image.crop(mask.box), mask=inside)
    return white
