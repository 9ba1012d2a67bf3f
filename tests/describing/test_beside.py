"""Files beside the records: whole or not at all."""

import json

import pytest
from PIL import Image

from monkeycli.describing.beside import ReportFile, TrainingFile
from monkeycli.describing.evidence import Evidence
from monkeycli.describing.lessons import LessonOptions
from monkeycli.document import Document, Page, PageResult
from monkeycli.errors import ItemError, OutputError
from monkeycli.grid import WindowGrid
from monkeycli.records import Record
from tests.small_disk import small_disk

PAGE = Page(1, None, Image.new("RGB", (448, 448)), WindowGrid(1, 1), None, (300.0, 300.0))


def described(path):
    document = Document(path)
    result = PageResult(document, "sha", 1, 1, PAGE, None, is_last=True)
    record = Record(
        kind="description",
        id=path,
        source=path,
        page=1,
        size=(448, 448),
        description="A dog.",
        evidence=(Evidence("global", "a dog"),),
        dropped=(),
    )
    return record, result


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(file, *paths):
    for path in paths:
        file.add(*described(path))
    line = file.finish()
    file.close()
    return line


def test_image_paths_start_from_the_data_sets_own_folder(folder):
    (folder / "sets").mkdir()
    line = write(TrainingFile(folder / "sets" / "t.jsonl", LessonOptions()), "a.png", "x/b.png")

    lines = [json.loads(line) for line in (folder / "sets" / "t.jsonl").read_bytes().splitlines()]
    assert [one["image"] for one in lines] == ["../a.png", "../x/b.png"]
    assert lines[0] == {
        "image": "../a.png",
        "page": 1,
        "task": "detailed_caption",
        "answer": "A dog.",
    }
    assert line.endswith("t.jsonl: 2 lines from 2 pages to learn from.")


def test_an_image_without_a_path_teaches_nothing(folder):
    write(TrainingFile(folder / "t.jsonl", LessonOptions()), "-", "caf\udce9.png")

    assert (folder / "t.jsonl").read_bytes() == b""


def test_a_failed_record_is_in_the_report_alone(folder):
    record, result = described("a.png")
    failed = record.failed(ItemError("corrupt", "torn"))
    files = (TrainingFile(folder / "t.jsonl", LessonOptions()), ReportFile(folder / "r.html"))
    for file in files:
        file.add(failed, result)
        file.finish()
        file.close()

    assert (folder / "t.jsonl").read_bytes() == b""
    assert "corrupt: torn" in (folder / "r.html").read_text()


@pytest.mark.parametrize("kind", ["train", "report"])
def test_until_it_is_finished_an_earlier_file_stays(folder, kind):
    path = folder / kind
    path.write_text("earlier")
    file = ReportFile(path) if kind == "report" else TrainingFile(path, LessonOptions())
    file.add(*described("a.png"))
    assert path.read_text() == "earlier"
    file.close()

    assert [entry.name for entry in folder.iterdir()] == [kind]


def test_a_report_counts_its_images(folder):
    write(ReportFile(folder / "r.html"), "a.png", "b.png")
    text = (folder / "r.html").read_text()

    assert "<title>Descriptions of 2 images</title>" in text
    assert text.count("<article>") == 2


def test_a_folder_that_is_not_there(folder):
    with pytest.raises(OutputError, match="cannot be written"):
        ReportFile(folder / "none" / "r.html")


def test_a_full_disk_is_told_and_closing_adds_nothing(folder):
    file = ReportFile(folder / "r.html")

    def add_often():
        for _ in range(100):
            file.add(*described("a.png"))

    with small_disk(1000):
        with pytest.raises(OutputError, match=r"r.html: the disk is full after \d+ bytes"):
            add_often()
        file.close()
    assert not (folder / "r.html").exists()
