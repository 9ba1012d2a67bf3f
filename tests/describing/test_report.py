"""The report: looked at in a browser where there is one, and taken apart where there is none."""

import io
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from PIL import Image, ImageChops

from monkeycli.describing.evidence import Dropped, Evidence
from monkeycli.describing.report import foot, head, show_record
from monkeycli.document import Page
from monkeycli.errors import ItemError
from monkeycli.grid import WindowGrid
from monkeycli.records import Record

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PAGE = Page(1, None, Image.new("RGB", (448, 448), "white"), WindowGrid(1, 1), None, (300.0, 600.0))
RECORD = Record(
    kind="description",
    id="1",
    source="<b>a&b.png",
    page=2,
    pages=3,
    description='A <script>alert("x")</script> dog.',
    evidence=(
        Evidence("global", "a dog"),
        Evidence("region", "a <i>dog</i>", (0.25, 0.25, 0.5, 0.75), 0.9, by="fake@1"),
        Evidence("text", 'say "hi" & go', (0.6, 0.1, 0.9, 0.2), None, 0.99),
    ),
    dropped=(Dropped("text", "smudge", (0.6, 0.8, 0.9, 0.9), confidence=0.5, why="0.5 < 0.85"),),
    stages={"global": "fake@1", "fuse": "template"},
)
FAILED = RECORD.failed(ItemError("corrupt", "<torn>"))
VOID = {"meta", "img", "br", "!doctype"}


class Balance(HTMLParser):
    """Complains of a tag that is not closed, or closed twice."""

    def __init__(self):
        super().__init__()
        self.open, self.found, self.texts = [], [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def parse(*parts):
    parser = Balance()
    parser.feed(head("Title <1>") + "".join(parts) + foot())
    parser.close()
    assert parser.open == []
    return parser


def test_every_tag_is_closed_and_no_text_becomes_one():
    page = parse(show_record(RECORD, PAGE, 1), show_record(FAILED, None, 2))
    tags = [tag for tag, _ in page.found]

    assert not {"script", "i-dog", "torn"} & set(tags)
    assert RECORD.description in page.texts
    assert "corrupt: <torn>" in page.texts
    assert page.texts.count("a <i>dog</i>") == 1


def test_nothing_is_loaded_and_no_address_leaves_the_page():
    page = parse(show_record(RECORD, PAGE, 1))
    addresses = [
        value for _, attrs in page.found for key, value in attrs.items() if key in ("src", "href")
    ]

    assert addresses
    assert all(address.startswith(("#box-1-", "data:image/jpeg;base64,")) for address in addresses)
    policy = next(attrs for tag, attrs in page.found if "http-equiv" in attrs)
    assert policy["content"].startswith("default-src 'none';")


def test_every_number_in_a_list_leads_to_a_box():
    page = parse(show_record(RECORD, PAGE, 1), show_record(RECORD, PAGE, 2))
    ids = [attrs["id"] for _, attrs in page.found if "id" in attrs]
    targets = [attrs["href"][1:] for _, attrs in page.found if "href" in attrs]

    assert sorted(ids) == sorted(targets)
    assert len(set(ids)) == len(ids) == 6


def test_kept_and_dropped_can_be_told_apart():
    page = parse(show_record(RECORD, PAGE, 1))
    boxes = [attrs["class"] for tag, attrs in page.found if "box" in attrs.get("class", "").split()]

    assert boxes == ["box region", "box text", "box text dropped"]
    assert {"Kept (3)", "Dropped (1)", "0.5 < 0.85"} <= set(page.texts)


def test_the_image_has_the_shape_it_had_before_it_was_squeezed():
    assert "--ratio: 600 / 300" in show_record(RECORD, PAGE, 1)


def test_a_record_without_a_description_says_why():
    empty = Record(kind="description", id="1", source="a.png", evidence=(), warnings=("nothing",))

    assert "nothing" in parse(show_record(empty, PAGE, 1)).texts


def _browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("NOT TESTED: no Chromium here to look at the report with")
    return found


def _look(tmp_path, *options):
    """Take a picture of the report as a browser shows it."""
    (tmp_path / "r.html").write_text(head("R") + show_record(RECORD, PAGE, 1) + foot())
    command = [
        *(_browser(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *(f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1300,900", *options),
        *(f"--screenshot={tmp_path / 'r.png'}", (tmp_path / "r.html").as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert (tmp_path / "r.png").exists(), done.stderr.decode()[-2000:]
    with Image.open(io.BytesIO((tmp_path / "r.png").read_bytes())) as picture:
        return picture.convert("RGB")


def _extent(picture, colour):
    """Give the box around all pixels of a colour left of the middle, where the image stands."""
    left = picture.crop((0, 150, picture.width // 2, picture.height))
    same = [
        band.point(lambda value, wanted=wanted: 255 if value == wanted else 0)
        for band, wanted in zip(left.split(), colour, strict=True)
    ]
    return ImageChops.darker(ImageChops.darker(same[0], same[1]), same[2]).getbbox()


@pytest.mark.slow
def test_a_browser_shows_boxes_where_they_lie_on_the_image(tmp_path):
    picture = _look(tmp_path)
    left, top, right, bottom = _extent(picture, (255, 255, 255))
    width, height = right - left, bottom - top
    region = _extent(picture, (0x0B, 0x7A, 0x75))
    dropped = _extent(picture, (0xB3, 0x26, 0x1E))

    assert width / height == pytest.approx(2, rel=0.05)
    assert region is not None
    assert dropped is not None
    assert (region[2] - left) / width == pytest.approx(0.5, abs=0.03)
    assert (region[1] - top) / height == pytest.approx(0.25, abs=0.03)
    assert (region[3] - top) / height == pytest.approx(0.75, abs=0.03)
    assert (dropped[1] - top) / height == pytest.approx(0.8, abs=0.03)


@pytest.mark.slow
def test_a_browser_in_the_dark_shows_a_dark_page(tmp_path):
    light = _look(tmp_path)
    (tmp_path / "r.png").unlink()
    dark = _look(tmp_path, "--blink-settings=preferredColorScheme=0")

    assert min(light.getpixel((5, 5))) > 200
    assert max(dark.getpixel((5, 5))) < 60
