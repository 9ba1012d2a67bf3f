"""Lines of text as an OCR engine finds them, and the words in them. Knows no engine."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from monkeycli.reading.layout import Word

TALL = 1.5
"""A line at least so many times as high as wide runs up or down the page."""

MAX_GAP = 1.0
"""Letters further apart than this, in heights of the line, belong to two words."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line of text where it was found."""

    text: str
    confidence: float
    """0 to 1."""
    corners: tuple[Point, Point, Point, Point]
    """Top left, top right, bottom right and bottom left, as (x, y) in pixels; may be slanted."""
    spans: tuple[tuple[float, float], ...] | None = None
    """Where each letter (all but spaces) begins and ends, from 0 to 1 along the line; None if the
    engine does not say."""

    @property
    def width(self) -> float:
        """Length of the top edge, in pixels."""
        return math.dist(self.corners[0], self.corners[1])

    @property
    def height(self) -> float:
        """Length of the left edge, in pixels."""
        return math.dist(self.corners[0], self.corners[3])

    @property
    def box(self) -> Word:
        """The upright box around the whole line, with its text."""
        return _make_word(self, self.text, 0.0, 1.0)

    @property
    def is_tall(self) -> bool:
        """Whether the line runs up or down the page."""
        return self.height >= TALL * self.width


class LineFinder(Protocol):
    """An OCR engine."""

    def find(self, image: Image.Image) -> Sequence[Line]:
        """Find the lines of an RGB image, all of them, whatever their confidence.

        Raises:
            ModelError: the engine cannot be had.
            ItemError: the engine failed on this image.
        """


def cut_lines(lines: Iterable[Line]) -> tuple[Word, ...]:
    """Cut lines into words.

    A line that runs up or down the page stays whole.
    """
    return tuple(word for line in lines for word in cut_line(line))


def cut_line(line: Line) -> Iterator[Word]:
    """Cut a line into words: at its spaces, and where letters are far apart.

    >>> line = Line("to 9", 0.9, ((0, 0), (40, 0), (40, 10), (0, 10)))
    >>> [(word.text, word.left, word.right) for word in cut_line(line)]
    [('to', 0.0, 20.0), ('9', 30.0, 40.0)]
    """
    letters = "".join(line.text.split())
    if line.is_tall and letters:
        yield _make_word(line, line.text.strip(), 0.0, 1.0)
        return
    spans = line.spans
    if spans is None or len(spans) != len(letters):
        spans = _spread_letters(line.text)
    limit = MAX_GAP * line.height / max(line.width, 1.0)
    start = 0
    for text in line.text.split():
        ends = range(start + 1, start + len(text))
        cuts = [end for end in ends if spans[end][0] - spans[end - 1][1] > limit]
        for first, stop in itertools.pairwise([start, *cuts, start + len(text)]):
            yield _make_word(line, letters[first:stop], spans[first][0], spans[stop - 1][1])
        start += len(text)


def _spread_letters(text: str) -> tuple[tuple[float, float], ...]:
    """Give every letter and space the same share of the line."""
    share = 1 / max(len(text), 1)
    return tuple(
        (place * share, (place + 1) * share)
        for place, letter in enumerate(text)
        if not letter.isspace()
    )


def _make_word(line: Line, text: str, start: float, stop: float) -> Word:
    """Give the upright box around the part of a line from `start` to `stop`, each 0 to 1."""
    top_left, top_right, bottom_right, bottom_left = line.corners
    points = [
        *(_point_between(top_left, top_right, share) for share in (start, stop)),
        *(_point_between(bottom_left, bottom_right, share) for share in (start, stop)),
    ]
    xs, ys = zip(*points, strict=True)
    return Word(min(xs), min(ys), max(xs), max(ys), text)


def _point_between(start: Point, stop: Point, share: float) -> Point:
    return (
        start[0] + (stop[0] - start[0]) * share,
        start[1] + (stop[1] - start[1]) * share,
    )
