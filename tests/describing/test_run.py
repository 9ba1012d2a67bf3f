"""Documents to descriptions: one record a page, in input order, whatever happens to some."""

import pytest
from PIL import Image

from monkeycli.describing.captions import Captions
from monkeycli.describing.filtering import Thresholds
from monkeycli.describing.fusing import TemplateFuser
from monkeycli.describing.providers import Providers
from monkeycli.describing.run import NOTHING_FOUND, DescribeOptions, DescribeRun
from monkeycli.document import Document
from monkeycli.options import RasterOptions
from tests.describing import fake_generators as fakes
from tests.drawn_documents import draw_image, draw_pdf

GENERATORS = {
    "captioner": fakes.Captioner,
    "region_finder": fakes.RegionFinder,
    "text_finder": fakes.TextFinder,
    "fuser": TemplateFuser,
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_image(tmp_path / "a.png", seed=1)
    draw_pdf(tmp_path / "b.pdf", "One", "Two", "Three")
    draw_image(tmp_path / "c.png", seed=3)
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return tmp_path


def describe(*paths, pages="all", generators=None, earlier=None, captions=None, **options):
    made = {name: kind() for name, kind in (generators or GENERATORS).items()}
    run = DescribeRun(
        Providers(**made),
        DescribeOptions(**options),
        RasterOptions(),
        captions=Captions(captions),
        earlier=(earlier or {}).get,
    )
    documents = [Document(path, pages) for path in paths]
    return [record for record, _ in run.records(documents)]


def test_every_page_has_a_record_in_input_order():
    records = describe("c.png", "b.pdf", "a.png")

    assert [(record.source, record.page) for record in records] == [
        ("c.png", 1),
        ("b.pdf", 1),
        ("b.pdf", 2),
        ("b.pdf", 3),
        ("a.png", 1),
    ]
    assert all(record.status == "ok" and record.description for record in records)


def test_a_record_tells_what_was_found_by_whom_and_what_was_not_believed():
    (record,) = describe("a.png")

    assert {item.kind for item in record.evidence} == {"global", "region", "text"}
    assert {item.text: item.why for item in record.dropped} == {
        "a dog": "it repeats a kept one, whose box it covers by 1",
        "smudge": "confidence 0.5 is not above 0.85",
    }
    assert record.stages == {
        "global": "fake-global@1",
        "region": "fake-region@1",
        "segment": None,
        "text": "fake-text@1",
        "match": None,
        "fuse": "template",
    }
    assert (record.fused_by, record.checks["sentences"]) == ("template", 4)
    assert record.size == (448, 448)


def test_generators_see_an_image_in_its_own_proportions(folder):
    draw_image(folder / "wide.png", size=(450, 900))
    seen = []

    class Finder(fakes.TextFinder):
        def answer(self, image):
            seen.append((image.height, image.width))
            return super().answer(image)

    (record,) = describe("wide.png", generators={**GENERATORS, "text_finder": Finder})

    assert record.grid == (1, 2)
    assert seen == [(448, 896)] == [record.size]
    tall = draw_image(folder / "tall.png", size=(1200, 450))
    (record,) = describe(tall.name, generators={**GENERATORS, "text_finder": Finder})
    assert seen[1:] == [(1195, 448)] == [record.size]


def test_the_batch_size_changes_nothing():
    paths = ["a.png", "b.pdf", "bad.png", "c.png"]

    assert describe(*paths, batch_size=1) == describe(*paths, batch_size=50)


def test_a_bad_file_is_one_failed_record():
    records = describe("a.png", "bad.png", "none.png", "c.png")

    assert [record.error and record.error.code for record in records] == [
        *(None, "corrupt", "not_found", None)
    ]
    assert records[1].evidence is None


def test_nothing_found_is_an_empty_list_and_no_failure():
    (record,) = describe("a.png", generators={"fuser": TemplateFuser})

    assert (record.status, record.evidence, record.dropped) == ("ok", (), ())
    assert (record.description, record.warnings) == (None, (NOTHING_FOUND,))


def test_without_a_fuser_there_is_the_evidence():
    Image.new("RGB", (300, 300), "red").save("red.png")
    (record,) = describe("red.png", generators={"captioner": fakes.Captioner})

    assert (record.description, record.fused_by) == (None, None)
    assert [item.text for item in record.evidence] == ["a red picture"]


def test_the_caption_that_came_with_an_image_is_evidence(folder):
    (folder / "a.txt").write_text("Rex at play")
    (record,) = describe("a.png", captions="beside")

    assert (record.evidence[0].kind, record.evidence[0].text) == ("source", "Rex at play")
    assert "Rex at play" in record.description


def test_a_caption_that_cannot_be_read_fails_its_image(folder):
    (folder / "a.txt").mkdir()
    first, second = describe("a.png", "c.png", captions="beside")

    assert first.error.code == "unsupported"
    assert second.status == "ok"


def test_a_generator_that_raises_costs_the_image_alone(monkeypatch):
    class Finder(fakes.TextFinder):
        def answer(self, image):
            if image.height > 1000:
                raise RuntimeError("no luck")
            return super().answer(image)

    records = describe("a.png", "b.pdf", "c.png", generators={**GENERATORS, "text_finder": Finder})

    assert [record.error and record.error.stage for record in records] == [
        *(None, "text", "text", "text", None)
    ]


def test_what_an_earlier_run_did_is_not_done_again(folder):
    (record,) = describe("a.png")
    (folder / "a.png").rename(folder / "moved.png")

    class Nobody(fakes.Captioner):
        def answer(self, image):
            raise AssertionError("asked again")

    generators = {**GENERATORS, "captioner": Nobody}
    (again,) = describe("moved.png", generators=generators, earlier={record.id: record})

    assert again.description == record.description
    assert again.source == "moved.png"


@pytest.mark.parametrize(
    "change",
    [
        {"thresholds": Thresholds(text=0.4)},
        {"max_segments": 3},
        {"captions": "beside"},
        {"generators": {**GENERATORS, "matcher": fakes.Matcher}},
    ],
    ids=["threshold", "segments", "caption", "generator"],
)
def test_what_changes_a_description_changes_its_id(folder, change):
    (folder / "a.txt").write_text("Rex at play")

    assert describe("a.png")[0].id != describe("a.png", **change)[0].id


def test_two_paths_of_one_image_have_one_id(folder):
    (folder / "copy.png").write_bytes((folder / "a.png").read_bytes())
    one, other = describe("a.png", "copy.png")

    assert one.id == other.id
    assert (one.source, other.source) == ("a.png", "copy.png")
