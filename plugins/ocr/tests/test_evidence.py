"""Lines of text for `monkey describe`, those that were read badly, too."""

import pytest
from monkey_ocr import evidence
from monkey_ocr.engine import OcrReader
from monkey_ocr.evidence import OcrTextFinder
from monkey_ocr.lines import Line
from PIL import Image

from monkeycli.describing.providers import Found

LINES = (
    Line("Total due", 0.99, ((20, 30), (70, 30), (70, 40), (20, 40))),
    Line("smudge", 0.5, ((20, 60), (80, 62), (80, 72), (20, 70))),
)


class Finder:
    def find(self, image):
        return LINES


@pytest.fixture
def finder(monkeypatch):
    monkeypatch.setattr(evidence, "engine_name", lambda: "rapidocr@3.10.0")
    return OcrTextFinder(None, OcrReader(Finder()))


def test_lines_come_whole_with_their_upright_boxes_and_confidence(finder):
    (found,) = finder.find_text([Image.new("RGB", (200, 120), "white")])

    assert found == [
        Found("Total due", (20, 30, 70, 40), 0.99),
        Found("smudge", (20, 60, 80, 72), 0.5),
    ]


def test_each_image_has_its_own(finder):
    images = [Image.new("RGB", (200, 120), colour) for colour in ("white", "red")]

    assert len(finder.find_text(images)) == 2
    assert finder.find_text([]) == []


def test_its_name_tells_the_engines_version(finder):
    assert finder.by == "rapidocr@3.10.0"
