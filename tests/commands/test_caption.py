"""`monkey caption` as a user meets it; what it shares with `monkey ask` is tested there."""

import json

import pytest

from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image, draw_pdf

SHORT = ("--max-tokens", 8)


@pytest.fixture(autouse=True)
def photos(folder):
    (folder / "photos").mkdir()
    draw_image(folder / "photos" / "a.png", seed=1)
    draw_image(folder / "photos" / "b.jpg", seed=2)
    (folder / "photos" / "notes.txt").write_text("no picture")


def test_one_image_gives_its_caption_alone(monkey, small_monkey):
    (record,) = small_monkey.caption("photos/a.png")
    ended = monkey("caption", "photos/a.png")

    assert (ended.code, ended.out.decode()) == (ExitCode.OK, f"{record.caption}\n")


def test_a_short_caption_is_another(monkey, small_monkey):
    (record,) = small_monkey.caption("photos/a.png", short=True)
    ended = monkey("caption", "photos/a.png", "--short")

    assert ended.out.decode() == f"{record.caption}\n"
    assert ended.out != monkey("caption", "photos/a.png").out


def test_a_folder_needs_no_other_option_than_a_file(monkey, folder):
    ended = monkey("caption", "photos", "-o", "out.jsonl")

    assert (ended.code, ended.out) == (ExitCode.OK, b"")
    assert "2 captioned, 0 failed, 0 skipped" in ended.err
    records = [json.loads(line) for line in (folder / "out.jsonl").read_bytes().splitlines()]
    assert [(record["kind"], record["source"]) for record in records] == [
        ("caption", "photos/a.png"),
        ("caption", "photos/b.jpg"),
    ]
    assert all(record["caption"] and "question" not in record for record in records)


def test_several_pages_have_a_line_each(monkey, folder):
    draw_pdf(folder / "slides.pdf", "One", "", "Three")
    ended = monkey("caption", "slides.pdf", "--pages", "2-3", *SHORT)

    cells = [line.split("\t") for line in ended.lines]
    assert [row[:2] for row in cells] == [["slides.pdf", "2"], ["slides.pdf", "3"]]
    assert {len(row) for row in cells} == {3}


def test_captions_do_not_go_on_in_a_file_of_answers(monkey):
    monkey("ask", "photos", "-q", "who?", "-o", "out.jsonl", *SHORT)
    ended = monkey("caption", "photos", "-o", "out.jsonl", "--resume")

    assert ended.code == ExitCode.USAGE
    assert "out.jsonl holds answer records, not caption records" in ended.err


def test_nothing_to_describe_is_a_usage_error(monkey):
    ended = monkey("caption")

    assert ended.code == ExitCode.USAGE
    assert "no documents to describe; name files or folders" in ended.err


def test_a_model_without_captions_is_told_from_a_bad_page(monkey, tmp_path_factory):
    from tests.small_checkpoint import PROMPTS, draw_small

    prompts = {**PROMPTS, "caption": "", "short_caption": ""}
    mute = draw_small(tmp_path_factory.mktemp("models") / "mute", prompts=prompts)
    ended = monkey("caption", "photos", "-m", mute)

    assert ended.code == ExitCode.MODEL
    assert ended.err == (
        "monkey: small@1.0 was not trained to write captions; choose another --model\n"
    )
