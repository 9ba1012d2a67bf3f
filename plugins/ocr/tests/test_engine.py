"""A page is read whichever way up it lies, and only what is sure is kept. With a made-up engine."""

import math

import pytest
from monkey_ocr.engine import OcrReader
from monkey_ocr.lines import Line
from monkey_ocr.turns import Turn, turn_image
from PIL import Image

from monkeycli.document import PlacedWord

SIZE = (200, 120)
WORDS = {"TOTAL": (20, 30, 70, 40), "$9": (120, 31, 140, 41), "thanks": (20, 60, 80, 70)}


class Finder:
    """Reads `WORDS` off a page with a black corner, as badly as an engine if it is not upright."""

    def __init__(self, confidence: float = 0.99) -> None:
        self.num_calls = 0
        self._confidence = confidence

    def find(self, image: Image.Image) -> list[Line]:
        self.num_calls += 1
        turn = next(turn for turn in (0, 90, 180, 270) if _is_upright(turn_image(image, turn)))
        confidence = self._confidence if turn in (0, 90) else 0.6
        lines = []
        for text, box in WORDS.items():
            lying = turn_image(_picture_of(box), (360 - turn) % 360)
            left, top, right, bottom = lying.getbbox()
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            lines.append(Line(text if confidence > 0.6 else "oxo", confidence, corners))
        return lines


class Lines:
    """Gives the same lines for every image."""

    def __init__(self, *lines: Line) -> None:
        self.num_calls = 0
        self._lines = lines

    def find(self, image: Image.Image) -> tuple[Line, ...]:
        self.num_calls += 1
        return self._lines


def _picture_of(box: tuple[int, int, int, int]) -> Image.Image:
    picture = Image.new("L", SIZE)
    picture.paste(255, box)
    return picture


def _box_of(word: PlacedWord, lies: Turn) -> tuple[int, int, int, int]:
    return turn_image(_picture_of(WORDS[word.text]), lies).getbbox()


def _page() -> Image.Image:
    page = Image.new("RGB", SIZE, "white")
    page.putpixel((0, 0), (0, 0, 0))
    return page


def _is_upright(image: Image.Image) -> bool:
    return image.getpixel((0, 0)) == (0, 0, 0) and image.size == SIZE


def _line(text: str, confidence: float, top: float = 0.0) -> Line:
    corners = ((0, top), (10 * len(text), top), (10 * len(text), top + 10), (0, top + 10))
    return Line(text, confidence, corners)


@pytest.mark.parametrize("lies, num_calls", [(0, 1), (90, 2), (180, 2), (270, 2)])
def test_a_page_is_read_whichever_way_it_lies(lies, num_calls):
    finder = Finder()
    image = turn_image(_page(), lies)
    page = OcrReader(finder).read_page(image)

    assert page.text == "TOTAL  $9\nthanks\n"
    assert page.turn == (360 - lies) % 360
    assert page.confidence == pytest.approx(0.99)
    assert page.warning is None
    assert finder.num_calls == num_calls
    for word in page.words:
        assert word[:4] == turn_image(_picture_of(WORDS[word.text]), lies).getbbox()
    assert [(word.text, word.line) for word in page.placed_words] == [
        ("TOTAL", 0),
        ("$9", 0),
        ("thanks", 1),
    ]
    for word in page.placed_words:
        sides = [
            side * 1000 / full
            for side, full in zip(_box_of(word, lies), image.size * 2, strict=True)
        ]
        assert word[2:] == (*map(math.floor, sides[:2]), *map(math.ceil, sides[2:]))


def test_read_gives_the_words():
    reader = OcrReader(Finder())

    assert reader.read(_page()) == reader.read_page(_page()).words
    assert [word.text for word in reader.read(_page())] == list(WORDS)


def test_the_engine_sees_rgb_whatever_the_image():
    class Modes:
        def find(self, image):
            modes.append(image.mode)
            return []

    modes = []
    for mode in ("1", "L", "RGBA", "CMYK"):
        OcrReader(Modes()).read(Image.new(mode, (9, 9)))

    assert modes == ["RGB"] * 4


def test_a_blank_page_is_read_once():
    finder = Lines()
    page = OcrReader(finder).read_page(_page())

    assert (page.text, page.words, page.turn) == ("", (), 0)
    assert page.confidence is None
    assert page.warning is None
    assert finder.num_calls == 1


@pytest.mark.parametrize("confidence, is_kept", [(0.849, False), (0.85, True)])
def test_lines_below_the_confidence_are_dropped(confidence, is_kept):
    finder = Lines(_line("sure", 1.0), _line("so-so", confidence, 30))

    assert OcrReader(finder).read_page(_page()).text == "sure\n" + "so-so\n" * is_kept


def test_a_page_that_reads_badly_both_ways_stays_as_it_is_and_says_so():
    finder = Lines(_line("good", 0.9), _line("gibberish", 0.5, 30))
    page = OcrReader(finder).read_page(_page())

    assert page.turn == 0
    assert page.text == "good\n"
    assert page.confidence == pytest.approx((4 * 0.9 + 9 * 0.5) / 13)
    assert "Latin and Chinese" in page.warning
    assert finder.num_calls == 2


def test_a_sideways_note_does_not_turn_the_page():
    note = Line("note", 0.99, ((180, 0), (190, 0), (190, 60), (180, 60)))
    finder = Lines(_line("what the page says", 0.99), note)

    assert OcrReader(finder).read_page(_page()).turn == 0
    assert finder.num_calls == 1
