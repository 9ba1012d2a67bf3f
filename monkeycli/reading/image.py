"""Read images with Pillow. Runs in a worker process; decodes nothing that it has not measured."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from PIL import Image, ImageOps, UnidentifiedImageError

from monkeycli.errors import ItemError
from monkeycli.options import RasterOptions
from monkeycli.reading.reader import MAX_PAGES, PageShape

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
"""What Pillow may decode. Never EPS, which starts Ghostscript."""

_ORIENTATION = 0x0112
"""EXIF tag of the orientation."""

_SIDEWAYS = (5, 6, 7, 8)
"""EXIF orientations that swap height and width."""

_PILLOW_ERRORS = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(OverflowError, ZeroDivisionError, EOFError, RuntimeError, struct.error),
)
"""What Pillow's decoders raise on broken files, by trial."""

Image.MAX_IMAGE_PIXELS = None  # `_check_size` takes its place, with the limit that the user set


def open_image(data: memoryview, options: RasterOptions) -> "ImageDocument":
    """Open an image by its header.

    Raises:
        ItemError: it is broken (`corrupt`), or has too many pixels (`decode_bomb`) or pages.
    """
    with _pillow("the image cannot be opened", "open"):
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        num_pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    if num_pages > MAX_PAGES:
        raise ItemError("too_large", f"the image has {num_pages} pages", f"{MAX_PAGES} are read")
    document = ImageDocument(image, num_pages, options.max_megapixels)
    document.describe(1)
    return document


@contextmanager
def _pillow(complaint: str, stage: str) -> Iterator[None]:
    """Turn Pillow's errors into ours."""
    try:
        yield
    except UnidentifiedImageError as error:
        raise ItemError("corrupt", f"{complaint}: its header is broken", stage=stage) from error
    except _PILLOW_ERRORS as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ItemError(
            "corrupt", f"{complaint}: {reason}", "copy it again", stage=stage
        ) from error


class ImageDocument:
    """An open image; an `OpenDocument`. Of an animation only the first frame is read."""

    def __init__(self, image: Image.Image, num_pages: int, max_megapixels: float) -> None:
        self._image = image
        self._max_megapixels = max_megapixels
        self.num_pages = num_pages

    def describe(self, number: int) -> PageShape:
        """Give a page's upright size in pixels, by its header alone."""
        image = self._turn_to(number)
        width, height = image.size
        if image.format != "TIFF" and _orientation(image) in _SIDEWAYS:  # Pillow turns TIFFs itself
            height, width = width, height
        return PageShape(height, width, has_pixels=True)

    def render(self, number: int, canvas: tuple[int, int]) -> bytes:
        """Decode a page, upright, on white, and squeeze it to the canvas."""
        image = self._turn_to(number)
        with _pillow(f"page {number} cannot be decoded", "render"):
            image.load()
            if image.format != "TIFF" and _orientation(image) in range(2, 9):
                image = ImageOps.exif_transpose(image)
            height, width = canvas
            resized = flatten(image).resize((width, height), Image.Resampling.BICUBIC)
            return resized.convert("RGB").tobytes()

    def text(self, number: int) -> str | None:  # noqa: ARG002 (the contract's)
        """Give None: an image has no text layer."""
        return None

    def _turn_to(self, number: int) -> Image.Image:
        """Go to a page and check its size."""
        with _pillow(f"page {number} cannot be read", "render"):
            if self.num_pages > 1:
                self._image.seek(number - 1)
            width, height = self._image.size
        if width < 1 or height < 1:
            raise ItemError("corrupt", f"page {number} has no pixels: {height} x {width}")
        if width * height > self._max_megapixels * 1e6:
            raise ItemError(
                "decode_bomb",
                f"page {number} has {height} x {width} pixels, more than"
                f" {self._max_megapixels:g} megapixels",
                "scale it down",
            )
        return self._image


def _orientation(image: Image.Image) -> int:
    """Give the EXIF orientation, 1 to 8; broken EXIF data says nothing."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _PILLOW_ERRORS:
        return 1


def flatten(image: Image.Image) -> Image.Image:
    """Convert a decoded image of any mode to RGB or grey, 8 bits, transparent parts on white.

    Grey stays grey until it is resized: a third of the work, and the same pixels.

    Raises:
        ValueError: Pillow cannot convert its mode.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _to_8_bits(image)
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa"):
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Scale a grey image of 16 or 32 bits or of floats to 8 bits.

    16 bits are scaled from their full range. Wider values have no range of their own: what fits 16
    bits is taken as such, the rest is stretched from its lowest to its highest value.
    """
    is_16_bits, is_whole = image.mode.startswith("I;16"), image.mode != "F"
    image = image.convert("F")
    low, high = cast("tuple[float, float]", image.getextrema())
    if is_16_bits or (is_whole and low >= 0 and high <= 0xFFFF):
        low, high = 0, 0xFFFF
    scale = 255 / (high - low) if high > low else 0.0
    return image.point(lambda value: value * scale - low * scale).convert("L")
