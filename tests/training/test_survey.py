import json

import pytest

from monkeycli.grid import WindowGrid
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.mixture_file import read_mixture
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sample import ImageSource
from monkeycli.training.survey import and_more, take_survey
from tests.drawn_documents import draw_image, draw_pdf
from tests.small_checkpoint import small_config, small_tokenizer


@pytest.fixture
def survey(tmp_path):
    draw_image(tmp_path / "a.png", seed=1)
    draw_image(tmp_path / "b.png", seed=2, size=(1300, 600))
    draw_pdf(tmp_path / "doc.pdf", "ten letter")
    line = {"question": "How much?", "answer": "12"}

    def survey(*lines, held_out=(), settings="", processor=None, on_image=lambda *_: None):
        for name, part in (("d.jsonl", lines), ("e.jsonl", held_out)):
            text = "".join(json.dumps({**line, **fields}) + "\n" for fields in part)
            (tmp_path / name).write_text(text or "\n")
        parts = "eval: [{path: e.jsonl}]\n" if held_out else ""
        text = f"version: 1\ndatasets: [{{path: d.jsonl}}]\n{parts}{settings}"
        (tmp_path / "mix.yaml").write_text(text)
        mixture = read_mixture(tmp_path / "mix.yaml")
        used = processor or MonkeyProcessor(small_tokenizer(), small_config())
        prompts = TaskPrompts(used, mixture.prompts)
        return take_survey(mixture, used, prompts, num_workers=1, on_image=on_image)

    survey.folder = tmp_path
    return survey


def test_samples_and_images_are_measured(survey):
    found = survey({"image": "a.png"}, {"image": "b.png"}, {"image": "doc.pdf", "answer": "longer"})
    images = {source.path.name: image for source, image in found.images.items()}

    assert found.problems == ()
    assert [seen.num_answer for seen in found.learnt] == [3, 3, 7], "a byte a token, and the end"
    assert {seen.num_prompt for seen in found.learnt} == {
        len("\nHow much? Answer:") + len("\nassistant\n") + 2
    }
    assert images["b.png"].grid == WindowGrid(2, 1)
    assert images["b.png"].num_tokens - images["a.png"].num_tokens == 2 * 4, "windows x features"
    assert images["a.png"].num_evidence == 0
    assert images["doc.pdf"].num_evidence == len("\nten letter\n")
    assert found.limit == 512


def test_text_is_measured_only_where_it_is_learnt(survey):
    found = survey({"image": "doc.pdf"}, settings="train: {text: none, max_tokens: 100}\n")

    assert next(iter(found.images.values())).num_evidence == 0
    assert (found.limit, found.context) == (100, 512)


def test_an_image_is_opened_once_for_all_its_samples(survey):
    counted = []
    survey(
        *[{"image": "a.png"}, {"image": "a.png", "question": "Why?"}, {"image": "b.png"}],
        held_out=[{"image": "a.png"}],
        on_image=lambda number, total: counted.append((number, total)),
    )

    assert counted == [(1, 2), (2, 2)]


def test_a_fault_of_an_image_is_told_once_for_all_its_lines(survey):
    found = survey(*[{"image": "gone.png"}] * 3, {"image": "a.png"}, held_out=[{"image": "x.png"}])
    first, second = found.problems

    assert first.origin.endswith("d.jsonl:1")
    assert first.message.endswith("gone.png does not exist; check the path (and 2 more lines)")
    assert second.origin.endswith("e.jsonl:1")
    assert [seen.sample.origin[-2:] for seen in found.learnt] == [":4"]


def test_the_same_bytes_are_the_same_page_under_any_name(survey):
    (survey.folder / "copy.png").write_bytes((survey.folder / "a.png").read_bytes())
    found = survey({"image": "a.png"}, {"image": "b.png"}, held_out=[{"image": "copy.png"}])
    content = {source.path.name: image.content for source, image in found.images.items()}

    assert content["copy.png"] == content["a.png"] != content["b.png"]
    assert {type(source) for source in found.images} == {ImageSource}


def test_more_lines_are_counted():
    assert [and_more(number) for number in (0, 1, 2)] == [
        *("", " (and 1 more line)", " (and 2 more lines)"),
    ]
