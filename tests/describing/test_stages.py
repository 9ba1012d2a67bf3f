"""Stages: what each is asked, what becomes of it, and that nothing is asked twice."""

from dataclasses import replace

import pytest
from PIL import Image

from monkeycli.describing.evidence import Evidence
from monkeycli.describing.providers import Found, Providers
from monkeycli.describing.stage_file import StageFile
from monkeycli.describing.stages import Look, Stages
from monkeycli.errors import ModelError
from tests.describing import fake_generators as fakes

ALL = {
    "captioner": fakes.Captioner,
    "region_finder": fakes.RegionFinder,
    "segmenter": fakes.Segmenter,
    "text_finder": fakes.TextFinder,
    "matcher": fakes.Matcher,
}


def providers(*names):
    return Providers(**{name: ALL[name]() for name in names or ALL})


def look(colour="red", name="sha", source=None, size=(300, 240)):
    return Look(Image.new("RGB", size, colour), (name, 1), source)


@pytest.fixture
def log(tmp_path, monkeypatch):
    path = tmp_path / "log"
    monkeypatch.setenv("FAKE_LOG", str(path))
    return lambda: path.read_text().split()[::2] if path.exists() else []


def test_every_stage_says_what_it_found():
    page = look(source="Rex\n at play")
    Stages(providers()).gather([page])

    assert [(item.kind, item.text, item.by) for item in page.evidence] == [
        ("source", "Rex at play", "source"),
        ("global", "a red picture", "fake-global@1"),
        ("region", "A dog", "fake-region@1"),
        ("region", "a ball", "fake-region@1"),
        ("region", "a dog", "fake-region@1"),
        ("segment", "a red picture", "fake-segment@1+fake-global@1"),
        ("text", fakes.digest(page.image), "fake-text@1"),
        ("text", "smudge", "fake-text@1"),
        ("text", "Total: $12", "fake-text@1"),
    ]


def test_boxes_are_shares_of_the_page_and_end_at_its_edge():
    page = look()
    Stages(providers("region_finder")).gather([page])

    assert [item.box for item in page.evidence][:2] == [
        (0.0, 0.0, 0.333, 1.0),
        (0.667, 0.0, 1.0, 1.0),
    ]


def test_captions_of_places_are_matched_and_no_others():
    page = look()
    Stages(providers()).gather([page])

    assert all(
        (item.match is not None) == (item.kind in ("region", "segment")) for item in page.evidence
    )


def test_the_matcher_sees_the_rectangle_not_the_cut_out():
    seen = []

    class Matcher(fakes.Matcher):
        def match(self, crops, texts):
            seen.extend(crops)
            return super().match(crops, texts)

    page = look(size=(300, 200))
    Stages(replace(providers("captioner", "segmenter"), matcher=Matcher())).gather([page])

    assert [crop.size for crop in seen] == [(150, 100)]
    assert seen[0].getextrema() == ((255, 255), (0, 0), (0, 0))  # nowhere white


def test_things_are_cut_out_for_the_captioner_and_no_more_than_allowed():
    seen = []

    class Captioner(fakes.Captioner):
        def caption(self, images):
            seen.append([image.size for image in images])
            return super().caption(images)

    class Segmenter(fakes.Segmenter):
        def answer(self, image):
            return super().answer(image) * 30

    stages = Stages(Providers(captioner=Captioner(), segmenter=Segmenter()), max_segments=7)
    page = look()
    stages.gather([page])

    assert seen == [[(300, 240)], [(150, 120)] * 7]
    assert sum(item.kind == "segment" for item in page.evidence) == 7


def test_an_image_with_nothing_in_it_has_no_evidence_and_no_error():
    class Nothing:
        by = "nothing"

        def caption(self, images):
            return [None] * len(images)

        def find_regions(self, images):
            return [[] for _ in images]

        find_masks = find_text = find_regions

        def match(self, crops, texts):
            raise AssertionError("there is nothing to match")

    nobody = Nothing()
    page = look()
    Stages(Providers(nobody, nobody, nobody, nobody, nobody)).gather([page])

    assert (page.evidence, page.error) == ([], None)


def test_finished_stages_are_not_repeated(tmp_path, log):
    def gather():
        file = StageFile(tmp_path / "stages")
        pages = [look("red", "a"), look("blue", "b")]
        Stages(providers(), file).gather(pages)
        file.close()
        return [page.evidence for page in pages]

    first = gather()
    asked = log()
    assert {"region", "segment", "text", "match"} <= set(asked)
    assert gather() == first
    assert log() == asked


@pytest.mark.parametrize("change", ["image", "by", "max_segments"])
def test_what_a_stage_hangs_on_makes_it_run_again(tmp_path, log, change):
    def gather(by="one", name="a", most=20):
        file = StageFile(tmp_path / "stages")
        generators = providers("captioner", "segmenter")
        generators.segmenter.by = by
        Stages(generators, file, max_segments=most).gather([look("red", name)])
        file.close()

    gather()
    before = log().count("segment")
    gather(**{"image": {"name": "b"}, "by": {"by": "two"}, "max_segments": {"most": 3}}[change])

    assert log().count("segment") == before + 1


@pytest.mark.parametrize("stage", ["global", "region", "segment", "text", "match"])
@pytest.mark.parametrize("fault", ["raise", "item", "rubbish", "short"])
def test_a_generator_that_fails_at_an_image_fails_that_image_alone(monkeypatch, stage, fault):
    pages = [look("red", "a"), look("blue", "b"), look("green", "c")]
    generators = providers()
    victim = {
        "global": generators.captioner,
        "region": generators.region_finder,
        "segment": generators.segmenter,
        "text": generators.text_finder,
        "match": generators.matcher,
    }[stage]
    answer = victim.answer

    def fail(image):
        if fakes.colour(image) == "blue":
            monkeypatch.setenv("FAKE_FAULT", f"{stage}:{fault}:1")
        try:
            if (bad := victim._fault()) == "rubbish":
                return object()
            return [] if bad == "short" else answer(image)
        finally:
            monkeypatch.delenv("FAKE_FAULT", raising=False)

    victim.answer = fail
    Stages(generators).gather(pages)
    if (stage, fault) in {("region", "short"), ("segment", "short"), ("text", "short")}:
        assert [page.error for page in pages] == [None] * 3  # nothing found is no fault
        return

    assert [page.error is None for page in pages] == [True, False, True]
    assert pages[1].error.stage == stage
    assert pages[0].evidence
    assert pages[2].evidence


def test_a_failed_image_is_not_asked_about_again(monkeypatch, log):
    monkeypatch.setenv("FAKE_FAULT", "region:raise:1")
    page = look()
    Stages(providers()).gather([page])

    assert page.error is not None
    assert log() == ["global"]


def test_what_succeeded_before_a_failure_is_kept(tmp_path, monkeypatch, log):
    monkeypatch.setenv("FAKE_FAULT", "region:raise:1")
    file = StageFile(tmp_path / "stages")
    Stages(providers(), file).gather([look()])
    monkeypatch.delenv("FAKE_FAULT")
    Stages(providers(), file).gather([look()])
    file.close()

    assert log().count("global") == 2  # the image, and its cut-out in the second run


def test_a_generator_without_weights_ends_the_run(monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", "text:model:1")

    with pytest.raises(ModelError):
        Stages(providers()).gather([look(), look("blue", "b")])


def test_somebody_may_stop_it_between_two_stages(log):
    def stop():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        Stages(providers()).gather([look()], stop)
    assert log() == ["global"]


def test_a_box_beside_the_page_is_no_evidence():
    class Finder(fakes.TextFinder):
        def answer(self, image):
            return [Found("far", (900, 900, 950, 950), 0.9)]

    page = look()
    Stages(Providers(text_finder=Finder())).gather([page])

    assert page.evidence == []


def test_evidence_survives_the_stage_file(tmp_path):
    results = []
    for _ in range(2):
        file = StageFile(tmp_path / "stages")
        page = look(source="x")
        Stages(providers(), file).gather([page])
        file.close()
        results.append(page.evidence)

    assert results[0] == results[1]
    assert all(isinstance(item, Evidence) for item in results[1])
