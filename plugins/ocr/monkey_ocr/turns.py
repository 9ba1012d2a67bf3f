"""Quarter turns of an image, and where boxes on the turned image lie on the given one."""

from typing import Literal

from PIL import Image

from monkeycli.reading.layout import Word

Turn = Literal[0, 90, 180, 270]
"""Degrees counterclockwise."""

_TRANSPOSE = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


def turn_image(image: Image.Image, turn: Turn) -> Image.Image:
    """Turn an image counterclockwise."""
    return image.transpose(_TRANSPOSE[turn]) if turn else image


def turn_back(word: Word, turn: Turn, *, width: float, height: float) -> Word:
    """Give a word of a turned image its box on the image as it was given.

    Args:
        word: on the turned image.
        turn: how far the image was turned.
        width: of the image as it was given.
        height: likewise.

    >>> turn_back(Word(0, 0, 20, 5, "up"), 180, width=100, height=50)
    Word(left=80, top=45, right=100, bottom=50, text='up')
    """
    left, top, right, bottom, text = word
    if turn == 90:
        return Word(width - bottom, left, width - top, right, text)
    if turn == 180:
        return Word(width - right, height - bottom, width - left, height - top, text)
    if turn == 270:
        return Word(top, height - right, bottom, height - left, text)
    return word
