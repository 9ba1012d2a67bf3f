from pathlib import Path

import pytest

from monkeycli.errors import ExitCode
from monkeycli.grid import GridRule, WindowGrid
from monkeycli.options import RasterOptions
from monkeycli.training import images
from monkeycli.training.images import ImageError, PageImages, raster_options, read_images
from monkeycli.training.sample import ImageSource
from tests.drawn_documents import draw_image, draw_pdf
from tests.small_checkpoint import small_config


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for number in range(4):
        draw_image(folder / f"{number}.png", seed=number)
    draw_image(folder / "upright.png", size=(1300, 600))
    draw_pdf(folder / "doc.pdf", "first", "second", "third")
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnonsense")
    (folder / "empty.png").write_bytes(b"")
    return folder


@pytest.fixture
def opened():
    with PageImages(RasterOptions(with_text=True), kept=3) as pages:
        yield pages


def test_pages_come_as_they_do_when_a_question_is_answered(folder, opened):
    upright = opened.open(ImageSource(folder / "upright.png"))
    third = opened.open(ImageSource(folder / "doc.pdf", 3))

    assert (upright.grid, upright.image.size, upright.text) == (WindowGrid(2, 1), (448, 896), None)
    assert (third.number, third.text) == (3, "third\n")
    assert third.image.size == third.grid.canvas[::-1]


def test_pixels_are_those_of_the_page_that_was_asked_for(folder, opened):
    pages = [ImageSource(folder / f"{number}.png") for number in (2, 0, 2, 3, 1, 0)]
    pixels = [opened.open(page).image.tobytes() for page in pages]

    assert pixels[0] == pixels[2] and pixels[1] == pixels[5]
    assert len(set(pixels)) == 4


def test_a_page_is_read_once_for_all_its_questions(folder, opened):
    source = ImageSource(folder / "0.png")
    first = opened.open(source)

    assert opened.open(ImageSource(folder / "0.png")) is first
    for number in (1, 2):
        opened.open(ImageSource(folder / f"{number}.png"))
    assert opened.open(source) is first, "three are kept"
    for number in (1, 2, 3):
        opened.open(ImageSource(folder / f"{number}.png"))
    assert opened.open(source) is not first, "the one that was not asked for longest goes"


def test_what_is_expected_is_read_ahead_in_any_order(folder, monkeypatch):
    read = []
    real = images.read_pages

    def count(documents, options):
        for result in real(documents, options):
            read.append(Path(result.document.path).name)
            yield result

    monkeypatch.setattr(images, "read_pages", count)
    sources = [ImageSource(folder / f"{number}.png") for number in range(4)]
    with PageImages(RasterOptions(num_workers=2)) as pages:
        pages.expect(sources)
        pages.expect(sources[:2])
        found = [pages.open(sources[number]).image.tobytes() for number in (2, 0, 3, 1)]

    assert read == ["0.png", "1.png", "2.png", "3.png"]
    assert len(set(found)) == 4


@pytest.mark.parametrize(
    "place, code, complaint",
    [
        (("gone.png", 1), "not_found", "{}/gone.png does not exist; check the path"),
        (("bad.png", 1), "corrupt", "{}/bad.png: the image cannot be opened"),
        (("empty.png", 1), "corrupt", "{}/empty.png is empty; copy it again"),
        (
            ("doc.pdf", 9),
            "page_out_of_range",
            "{}/doc.pdf#page=9: page 9 does not exist: the document",
        ),
        (("", 1), "unsupported", "{} is a directory"),
    ],
)
def test_what_cannot_be_read_is_named(folder, opened, place, code, complaint):
    source = ImageSource(folder / place[0], place[1])
    with pytest.raises(ImageError) as caught:
        opened.open(source)

    assert str(caught.value).startswith(complaint.format(folder))
    assert caught.value.error.code == code
    assert caught.value.source == source
    assert caught.value.exit_code == ExitCode.USAGE
    assert opened.open(ImageSource(folder / "0.png")).number == 1, "the next one is read"
    with pytest.raises(ImageError):
        opened.open(source)


def test_pages_can_be_closed_and_opened_again(folder):
    pages = PageImages(RasterOptions())
    pages.close()
    pages.open(ImageSource(folder / "0.png"))
    pages.expect([ImageSource(folder / "1.png")])
    pages.close()

    assert pages.open(ImageSource(folder / "2.png")).number == 1
    pages.close()


def test_an_interruption_leaves_nothing_mixed_up(folder, monkeypatch):
    pages = PageImages(RasterOptions())
    before = pages.open(ImageSource(folder / "0.png")).image.tobytes()
    with monkeypatch.context() as patch:
        patch.setattr("monkeycli.reading.pool._Pool._wait", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            pages.open(ImageSource(folder / "1.png"))

    assert pages.open(ImageSource(folder / "2.png")).image.tobytes() != before
    assert pages.open(ImageSource(folder / "0.png")).image.tobytes() == before
    pages.close()


def _interrupt(_):
    raise KeyboardInterrupt


def test_every_image_is_read_once_and_each_document_opened_once(folder):
    sources = [
        ImageSource(folder / "doc.pdf", 3),
        ImageSource(folder / "0.png"),
        ImageSource(folder / "doc.pdf", 1),
        ImageSource(folder / "doc.pdf", 3),
        ImageSource(folder / "doc.pdf", 9),
        ImageSource(folder / "bad.png", 1),
        ImageSource(folder / "bad.png", 2),
    ]
    found = list(read_images(sources, RasterOptions(with_text=True, num_workers=2)))

    assert [(read.source.path.name, read.source.page) for read in found] == [
        *(("doc.pdf", 1), ("doc.pdf", 3), ("doc.pdf", 9), ("0.png", 1)),
        *(("bad.png", 1), ("bad.png", 2)),
    ]
    assert [read.page.text if read.page else None for read in found[:2]] == ["first\n", "third\n"]
    assert [read.error is None for read in found] == [True, True, False, True, False, False]
    assert len({read.sha256 for read in found[:3]}) == 1, "the digest is the document's"
    assert str(found[5].error) != str(found[4].error), "each names its page"


@pytest.mark.parametrize(
    "text, has_evidence, wanted",
    [("auto", True, True), ("auto", False, False), ("none", True, False), ("layer", False, True)],
)
def test_text_is_read_where_it_is_learnt(text, has_evidence, wanted):
    config = small_config(max_evidence_tokens=200 if has_evidence else 0, grids=[[2, 2]])
    options = raster_options(config, text, num_workers=3)

    assert options.with_text is wanted
    assert options.rule == GridRule((WindowGrid(2, 2),))
    assert options.num_workers == 3
