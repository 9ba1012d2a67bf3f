"""RapidOCR reads pages drawn here, with the models of its wheel and without a network."""

import socket

import numpy as np
import pymupdf
import pytest
from monkey_ocr.engine import OcrReader
from monkey_ocr.rapid import MAX_RATIO, MAX_SIDE, MIN_SIDE, RapidLines, engine_name, fit_image
from PIL import Image, ImageDraw

from monkeycli.errors import ItemError, ModelError

ROWS = (
    ("helv", 12, "Invoice 2024-0117", "Due 31 May"),
    ("tiro", 10, "Printer paper, 500 sheets", "4.50"),
    ("cour", 10, "Desk lamp", "1,299.00"),
    ("hebo", 14, "Total", "1,303.50"),
)


@pytest.fixture(scope="module")
def reader():
    pytest.importorskip("rapidocr", reason="rapidocr is not installed: pip install ./plugins/ocr")
    return OcrReader()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def _draw(rows=ROWS, *, dpi=110, size=(300, 160)):
    """Draw rows of (font, size, left cell, right cell)."""
    with pymupdf.open() as document:
        page = document.new_page(width=size[0], height=size[1])
        for number, (font, points, left, right) in enumerate(rows):
            baseline = 30 + 28 * number
            page.insert_text((15, baseline), left, fontname=font, fontsize=points)
            page.insert_text((205, baseline), right, fontname=font, fontsize=points)
        pixels = page.get_pixmap(dpi=dpi)
    return Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)


TEXT = "".join(f"{left}  {right}\n" for _, _, left, right in ROWS)


def test_reads_a_table_row_by_row_in_several_fonts(reader):
    image = _draw()
    page = reader.read_page(image)

    assert page.text == TEXT
    assert page.turn == 0
    assert page.warning is None
    pixels_HW = np.asarray(image.convert("L"))
    for word in page.words:
        left, top, right, bottom = map(round, word[:4])
        assert pixels_HW[top:bottom, left:right].min() < 128, f"{word} lies on white"


@pytest.mark.parametrize(
    "turn",
    [
        "ROTATE_180",
        pytest.param("ROTATE_90", marks=pytest.mark.slow),
        pytest.param("ROTATE_270", marks=pytest.mark.slow),
    ],
)
def test_reads_a_page_that_lies_otherwise(reader, turn):
    image = _draw()
    upright = {word.text: word for word in reader.read(image)}
    lying = image.transpose(Image.Transpose[turn])
    page = reader.read_page(lying)

    assert page.text == TEXT
    assert page.turn
    total = next(word for word in page.words if word.text == "Total")
    mask = Image.new("L", image.size)
    mask.paste(255, tuple(map(round, upright["Total"][:4])))
    assert total[:4] == pytest.approx(mask.transpose(Image.Transpose[turn]).getbbox(), abs=6)


@pytest.mark.slow
def test_words_lie_where_their_letters_are(reader):
    """A word cut out of the page by its box reads as that word, whole and alone."""
    image = _draw()
    word = next(word for word in reader.read(image) if word.text == "sheets")
    alone = image.crop((word.left - 3, word.top - 3, word.right + 3, word.bottom + 3))

    assert reader.read_page(alone).text == "sheets\n"


@pytest.mark.slow
def test_the_same_page_reads_the_same_twice(reader):
    image = _draw()

    assert reader.read_page(image) == reader.read_page(image)


@pytest.mark.parametrize(
    "size, color",
    [((300, 400), "white"), ((1, 1), "black"), ((3, 900), "grey")],
)
def test_blank_and_tiny_pages_have_no_text(reader, size, color):
    page = reader.read_page(Image.new("RGB", size, color))

    assert (page.text, page.words, page.confidence) == ("", (), None)


@pytest.mark.slow
def test_columns_of_prose_are_read_one_after_the_other(reader):
    lines = [
        "the rain that fell on the hills",
        "ran down through the narrow old",
        "streets and into the river that",
        "had always been there, as slow",
        "and brown as anybody remembered",
    ]
    other = [
        "but nobody in the town looked up",
        "when the first carts came across",
        "the bridge with their wheels and",
        "their lanterns and the two grey",
        "horses that belonged to the mill",
    ]
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=130)
        for number, (left, right) in enumerate(zip(lines, other, strict=True)):
            page.insert_text((20, 30 + 15 * number), left, fontname="tiro", fontsize=11)
            page.insert_text((230, 30 + 15 * number), right, fontname="tiro", fontsize=11)
        pixels = page.get_pixmap(dpi=120)
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)

    assert reader.read_page(image).text.splitlines() == lines + other


@pytest.mark.slow
def test_reads_chinese(reader):
    rows = [("china-s", 14, "\u53d1\u7968\u53f7\u7801", "8842"), ("helv", 12, "Total", "17")]

    assert "\u53d1\u7968\u53f7\u7801" in reader.read_page(_draw(rows)).text


def test_a_failing_engine_costs_the_page_only(reader, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("no such kernel")

    lines = RapidLines()
    monkeypatch.setitem(lines.__dict__, "_engine", fail)
    with pytest.raises(ItemError, match="no such kernel") as caught:
        lines.find(_draw())
    assert caught.value.code == "internal"


def test_a_missing_model_is_named(reader, monkeypatch, tmp_path):
    monkeypatch.setattr("rapidocr.__file__", str(tmp_path / "__init__.py"))

    with pytest.raises(ModelError, match=r"has no PP-OCRv6_det_small\.onnx"):
        RapidLines().find(_draw())


def test_rapidocr_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rapidocr", None)

    with pytest.raises(ModelError, match="cannot be imported"):
        OcrReader().read(Image.new("RGB", (9, 9)))


def test_name_has_the_version(reader):
    assert engine_name().startswith("rapidocr@3.")


@pytest.mark.parametrize(
    "size", [(1, 1), (5, 4000), (9000, 20), (3000, 2500), (63, 64), (640, 480)]
)
def test_fitted_images_are_bounded_and_points_come_back(size):
    image = Image.new("RGB", size, "white")
    fitted = fit_image(image)
    longest, shortest = max(fitted.image.size), min(fitted.image.size)

    assert shortest >= MIN_SIDE
    assert longest <= MAX_SIDE
    assert longest <= MAX_RATIO * shortest + MAX_RATIO
    assert fitted.point(0, 0) == (0, 0)
    assert fitted.point(*fitted.image.size) == pytest.approx(size, rel=0.01)


def test_an_image_of_good_size_stays_as_it_is():
    image = Image.new("RGB", (640, 480))
    ImageDraw.Draw(image).line((0, 0, 640, 480), fill="red")

    assert fit_image(image).image is image
