from pathlib import Path

import pytest

from monkeycli import options
from monkeycli.commands.request import Request
from monkeycli.errors import ModelError, OutputError, UsageError
from monkeycli.options import RasterOptions
from monkeycli.questions import Question
from tests.drawn_documents import draw_image, draw_pdf

DEFAULTS = {
    "kind": "answer",
    "inputs": (),
    "files_from": None,
    "pages": "all",
    "password_file": None,
    "questions": (Question("who?", "q1"),),
    "questions_file": None,
    "each": "document",
    "short": False,
    "output": None,
    "form": None,
    "resume": False,
    "overwrite": False,
    "retry_failed": False,
    "max_errors": None,
    "dry_run": False,
    "save_windows": None,
    "model": "marmoset",
    "text": "auto",
    "grid": "auto",
    "device": "auto",
    "dtype": "auto",
    "batch_size": "auto",
    "max_tokens": 512,
    "page_timeout": 60.0,
    "jobs": 1,
    "quiet": False,
    "no_progress": False,
}


def make(**changed):
    return Request(**{**DEFAULTS, **changed})


def tasks(request):
    return [
        (task.document.path, task.document.pages, [q and q.id for q in task.questions])
        for task in request.tasks()
    ]


@pytest.fixture(autouse=True)
def files(folder):
    draw_pdf(folder / "a.pdf", "One", "Two")
    draw_image(folder / "b.png")


def test_every_input_is_asked_every_question():
    questions = (Question("who?", "1"), Question("when?", "2"))

    assert tasks(make(inputs=("a.pdf", "b.png"), questions=questions, pages="1")) == [
        ("a.pdf", "1", ["1", "2"]),
        ("b.png", "1", ["1", "2"]),
    ]


def test_documents_that_questions_name_come_after_the_inputs():
    questions = (
        Question("who?", "1", document="c.pdf"),
        Question("when?", "2"),
        Question("where?", "3", pages="2"),
        Question("why?", "4", document="c.pdf", pages="7"),
        Question("how?", "5", document="c.pdf"),
    )

    assert tasks(make(inputs=("a.pdf",), questions=questions, pages="1-3")) == [
        ("a.pdf", "1-3", ["2"]),
        ("a.pdf", "2", ["3"]),
        ("c.pdf", "1-3", ["1", "5"]),
        ("c.pdf", "7", ["4"]),
    ]


def test_captions_ask_no_question():
    assert tasks(make(kind="caption", inputs=("b.png",), questions=(None,))) == [
        ("b.png", "all", [None])
    ]


@pytest.mark.parametrize(
    "changed, complaint",
    [
        ({}, "no documents to ask"),
        ({"kind": "caption", "questions": (None,)}, "no documents to describe"),
        ({"inputs": ("nowhere",)}, "nowhere does not exist"),
        ({"questions": (Question("?", "7", "a.pdf", pages="0"),)}, "pages of question '7' '0'"),
        ({"inputs": ("a.pdf",), "questions": (Question("?", "7", "a.pdf"),)}, "asked nothing"),
    ],
)
def test_what_cannot_be_asked_is_told_at_once(changed, complaint):
    with pytest.raises(UsageError, match=complaint):
        make(**changed).tasks()


@pytest.mark.parametrize(
    "inputs, questions, each, pages, is_single",
    [
        (("b.png",), 1, "document", "all", True),
        (("b.png",), 1, "page", "all", True),
        (("b.png",), 2, "document", "all", False),
        (("a.pdf",), 1, "document", "all", True),
        (("a.pdf",), 1, "page", "all", False),
        (("a.pdf",), 1, "page", "2", True),
        (("a.pdf", "b.png"), 1, "document", "all", False),
    ],
)
def test_it_is_known_beforehand_whether_one_record_comes(inputs, questions, each, pages, is_single):
    asked = tuple(Question("?", str(number)) for number in range(questions))
    request = make(inputs=inputs, questions=asked, each=each, pages=pages)

    assert request.is_single(list(request.tasks())[:2], RasterOptions()) is is_single


def test_options_go_where_they_belong(monkeypatch):
    Path("word").write_text("sesame\r\n")
    monkeypatch.setenv("MONKEY_PDF_PASSWORD", "other")
    request = make(grid="2x1", page_timeout=5, jobs=3, batch_size="7", max_tokens=9)
    locked = make(password_file="word")

    assert (request.raster.grid.rows, request.raster.grid.cols) == (2, 1)
    assert (request.raster.page_timeout, request.raster.num_workers) == (5, 3)
    assert (request.generate.batch_size, request.generate.max_tokens) == (7, 9)
    assert (request.raster.password, locked.raster.password) == ("other", "sesame")


def test_nothing_that_is_read_may_be_written(small_folder):
    for name in ("a.pdf", "list", "q.csv", "word"):
        Path(name).touch()
        request = make(
            model=str(small_folder),
            inputs=("a.pdf", "-"),
            files_from="list",
            questions_file="q.csv",
            password_file="word",
            output=name,
            form="csv",
            overwrite=True,
        )
        with pytest.raises(UsageError, match=f"output {name} is an input as well"):
            request.check()


@pytest.mark.parametrize(
    "changed, error",
    [
        ({"model": "gorilla"}, UsageError),
        ({"model": "monkey"}, ModelError),
        ({"output": "nowhere/out.csv"}, OutputError),
        ({"output": "a.pdf", "form": "csv"}, UsageError),
        ({"form": "xml"}, UsageError),
    ],
)
def test_mistakes_are_found_without_a_model(small_folder, changed, error):
    with pytest.raises(error):
        make(**{"model": str(small_folder), **changed}).check()


def test_a_package_that_is_missing_is_told_before_a_model_is_looked_for(monkeypatch):
    monkeypatch.setattr(options, "find_spec", lambda name: None)

    with pytest.raises(ModelError, match=r"pip install 'monkeycli\[quantize\]'"):
        make(model="gorilla", quantize="int8").check()


@pytest.mark.parametrize("output, has_file", [(None, False), ("-", False), ("out.csv", True)])
def test_a_dash_is_no_file(output, has_file):
    assert make(output=output).has_file is has_file
