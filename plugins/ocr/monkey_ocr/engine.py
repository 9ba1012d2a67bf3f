"""Read the text of a page image, whichever way up it lies.

Lines that the engine is not sure of are dropped. Whether a page lies on its side shows in the shape
of its lines; whether it is upside down shows only in how badly it reads, so such a page is read
again, turned. The models know Latin and Chinese script. No other can be told for sure: most of
Arabic or Thai is dropped as not confident, but Cyrillic may be misread as Latin with confidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from monkey_ocr.lines import Line, LineFinder, cut_lines
from monkey_ocr.rapid import RapidLines
from monkey_ocr.turns import Turn, turn_back, turn_image
from monkeycli.document import PlacedWord
from monkeycli.reading.layout import Row, Word, join_rows, order_words
from monkeycli.reading.placing import place_lines

MIN_CONFIDENCE = 0.85
"""Lines below it are dropped; a page whose mean is below it may be upside down."""


_UNREADABLE = (
    "most of the text on the page could not be read: the print is poor, or in a script that the"
    " models do not know (they know Latin and Chinese)"
)


@dataclass(frozen=True)
class PageText:
    """What was read of a page."""

    text: str
    """In reading order, a line per row; empty if there is none."""
    words: tuple[Word, ...]
    """With boxes in pixels of the image as it was given, from the top of the text."""
    turn: Turn
    """How far the image had to be turned to be read, in degrees counterclockwise."""
    confidence: float | None
    """Mean over the letters of all lines found, dropped ones too; None if there are none."""
    warning: str | None = None
    """What a reader of the text should know; None if there is nothing."""
    size: tuple[int, int] | None = None
    """Height and width of the image as it was given."""
    placed_words: tuple[PlacedWord, ...] = ()
    """The words in the order of the text, line by line, on the image as it was given."""


@dataclass(frozen=True)
class _Attempt:
    """The lines of a page that was turned."""

    turn: Turn
    lines: tuple[Line, ...]

    @property
    def confidence(self) -> float:
        """Mean over letters; 0 if there are none."""
        num_letters = sum(len(line.text) for line in self.lines)
        total = sum(line.confidence * len(line.text) for line in self.lines)
        return total / num_letters if num_letters else 0.0

    @property
    def is_sure(self) -> bool:
        """Whether the page reads well."""
        return self.confidence >= MIN_CONFIDENCE

    @property
    def is_sideways(self) -> bool:
        """Whether most of the text runs up or down the page."""
        tall = sum(max(line.width, line.height) for line in self.lines if line.is_tall)
        flat = sum(max(line.width, line.height) for line in self.lines if not line.is_tall)
        return tall > flat

    @property
    def kept(self) -> tuple[Line, ...]:
        """The lines that the engine is sure of."""
        return tuple(line for line in self.lines if line.confidence >= MIN_CONFIDENCE)

    @property
    def is_mostly_kept(self) -> bool:
        """Whether at least half of the letters were read with confidence."""
        found, kept = (sum(len(line.text) for line in lines) for lines in (self.lines, self.kept))
        return 2 * kept >= found

    @property
    def num_good(self) -> int:
        """Letters read with confidence, in lines across the page."""
        return sum(len(line.text) for line in self.kept if not line.is_tall)


class OcrReader:
    """Reads page images; the models are loaded by the first one, and kept.

    Args:
        finder: finds lines; None for RapidOCR.
    """

    def __init__(self, finder: LineFinder | None = None) -> None:
        self._finder: LineFinder = RapidLines() if finder is None else finder

    def read(self, image: Image.Image) -> tuple[Word, ...]:
        """Read the words of a page: `read_page` gives its text, too.

        Args:
            image: of the page, in any mode.

        Returns:
            The words with boxes in pixels of `image`; none if nothing can be read with confidence.

        Raises:
            ModelError: the engine or its models cannot be had.
            ItemError: the engine failed on this image.
        """
        return self.read_page(image).words

    def read_page(self, image: Image.Image) -> PageText:
        """Read a page.

        Args:
            image: of the page, in any mode.

        Raises:
            ModelError: the engine or its models cannot be had.
            ItemError: the engine failed on this image.
        """
        image = image.convert("RGB")
        best = self._find_best(image)
        words = cut_lines(best.kept)
        rows = order_words(words)
        width, height = image.size
        return PageText(
            text=join_rows(rows),
            words=tuple(turn_back(word, best.turn, width=width, height=height) for word in words),
            turn=best.turn,
            confidence=best.confidence if best.lines else None,
            warning=None if best.is_mostly_kept else _UNREADABLE,
            size=(height, width),
            placed_words=_place(rows, best.turn, width=width, height=height),
        )

    def read_lines(self, image: Image.Image) -> list[tuple[Word, float]]:
        """Read the lines of a page, whole, those that the engine is not sure of, too.

        Args:
            image: of the page, in any mode.

        Returns:
            Each line's text with its upright box in pixels of `image`, and the confidence in it.

        Raises:
            ModelError: the engine or its models cannot be had.
            ItemError: the engine failed on this image.
        """
        image = image.convert("RGB")
        best = self._find_best(image)
        width, height = image.size
        return [
            (turn_back(line.box, best.turn, width=width, height=height), line.confidence)
            for line in best.lines
        ]

    def _find_best(self, image: Image.Image) -> _Attempt:
        """Try the ways that the page may lie, and give the one that reads best."""
        best = self._attempt(image, 0)
        for turn in _other_turns(best):
            attempt = self._attempt(image, turn)
            best = max(best, attempt, key=lambda attempt: attempt.num_good)
            if attempt.is_sure:
                break
        return best

    def _attempt(self, image: Image.Image, turn: Turn) -> _Attempt:
        return _Attempt(turn, tuple(self._finder.find(turn_image(image, turn))))


def _place(
    rows: Sequence[Row], turn: Turn, *, width: float, height: float
) -> tuple[PlacedWord, ...]:
    """Give the words of a turned image as they stand on the image as it was given."""
    lines = (
        [turn_back(word, turn, width=width, height=height) for word in row.placed] for row in rows
    )
    return place_lines(lines, height=height, width=width)


def _other_turns(first: _Attempt) -> Sequence[Turn]:
    """Give the turns worth trying, likeliest first, after the page was read as it is.

    The engine turns a tall line counterclockwise before it reads it: if tall lines read well, so
    will the page when it is turned like them.
    """
    if first.is_sideways:
        return (90,) if first.is_sure else (270, 90)
    return () if first.is_sure or not first.lines else (180,)
