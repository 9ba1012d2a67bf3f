"""Text read from images by a plugin, for pages that have none."""

from dataclasses import dataclass

import pytest
from PIL import Image

from monkeycli import page_text
from monkeycli.document import Page, PlacedWord
from monkeycli.errors import UsageError
from monkeycli.grid import WindowGrid
from monkeycli.page_text import has_text_reader, load_text_reader, read_missing_text, unsqueeze

GRID = WindowGrid(1, 1)


@dataclass(frozen=True)
class Read:
    text: str
    warning: str | None = None
    placed_words: tuple[PlacedWord, ...] = ()


class FakeReader:
    def __init__(self, read: Read) -> None:
        self.seen: list[tuple[int, int]] = []
        self._read = read

    def read_page(self, image: Image.Image) -> Read:
        self.seen.append(image.size)
        return self._read


def page(text: str | None) -> Page:
    return Page(1, None, Image.new("RGB", (448, 448)), GRID, text)


def test_a_page_with_text_of_its_own_is_not_read():
    reader = FakeReader(Read("other"))

    same, warning = read_missing_text(page("Total 5\n"), reader)

    assert (same.text, same.text_source, warning, reader.seen) == ("Total 5\n", "layer", None, [])


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_a_page_without_text_is_read_from_its_image(text):
    words = (PlacedWord("Total", 0, 1, 2, 3, 4), PlacedWord("5", 0, 5, 2, 6, 4))
    reader = FakeReader(Read("Total 5\n", "poor print", words))

    found, warning = read_missing_text(page(text), reader)

    assert (found.text, found.text_source, warning) == ("Total 5\n", "ocr", "poor print")
    assert found.words == words
    assert reader.seen == [(448, 448)]


@pytest.mark.parametrize(
    "shape, canvas, size",
    [
        (None, (448, 896), (448, 896)),
        ((1000, 1000), (448, 448), (448, 448)),
        ((1412, 747), (896, 1344), (711, 1344)),  # a receipt that was stretched
        ((595, 842), (1344, 896), (1268, 896)),
        ((1, 10_000), (1344, 448), (1344, 1)),
    ],
)
def test_text_is_read_in_the_proportions_of_the_page(shape, canvas, size):
    squeezed = Page(1, None, Image.new("RGB", canvas), GRID, None, shape)
    reader = FakeReader(Read(""))
    read_missing_text(squeezed, reader)

    assert unsqueeze(squeezed).size == size
    assert reader.seen == [size]


def test_a_page_on_which_nothing_is_read_has_no_text():
    found, warning = read_missing_text(page(None), FakeReader(Read("")))

    assert (found.text, warning) == (None, None)


def test_no_plugin_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr(page_text, "plugin_names", lambda _: [])

    assert not has_text_reader()
    with pytest.raises(UsageError, match=r"monkey-ocr; pip install \./plugins/ocr"):
        load_text_reader()


def test_the_plugin_is_loaded_and_called(monkeypatch):
    reader = FakeReader(Read("x"))
    monkeypatch.setattr(page_text, "plugin_names", lambda _: ["ocr"])
    monkeypatch.setattr(page_text, "load_plugin", lambda group, name: lambda: reader)

    assert load_text_reader() is reader
