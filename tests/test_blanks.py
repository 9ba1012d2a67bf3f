"""What a record is called, and what it says before there is an answer."""

from dataclasses import replace

import pytest

from monkeycli.blanks import Blanks, ask_again
from monkeycli.document import Document, PageResult
from monkeycli.errors import ItemError
from monkeycli.grid import WindowGrid
from monkeycli.options import RasterOptions, RunOptions
from monkeycli.prompt import Prompts
from monkeycli.questions import Question
from monkeycli.task import Task
from tests.drawn_documents import draw_page

QUESTION = Question("total?", "q1", gold="7", meta={"a": 1})
OPTIONS = RunOptions(each="page", with_text=True, model="small@1.0")
PROMPTS = Prompts("<", ">", "{evidence}", "{question}", "describe", "briefly")
RASTER = RasterOptions()
PAGE = PageResult(
    Document("a.pdf"), "aa", 3, 2, draw_page(2, "2x3"), error=None, is_last=False
)  # page 2 of 3


def blanks(options=OPTIONS, raster=RASTER, prompts=PROMPTS, max_tokens=8):
    return Blanks(options, raster, prompts, max_tokens=max_tokens)


def test_a_record_says_what_is_asked_of_which_page():
    record = blanks().record(PAGE, QUESTION)

    assert (record.kind, record.source, record.doc_sha256) == ("answer", "a.pdf", "aa")
    assert (record.page, record.pages, record.grid, record.size) == (2, 3, (2, 3), (896, 1344))
    assert (record.question, record.gold, record.meta) == ("total?", "7", {"a": 1})
    assert record.id == blanks().id(PAGE, QUESTION)
    assert record.answer is None


@pytest.mark.parametrize(
    "changed",
    [
        {"options": replace(OPTIONS, model="small@2.0")},
        {"options": replace(OPTIONS, adapter="run@1")},
        {"options": replace(OPTIONS, with_text=False)},
        {"options": replace(OPTIONS, with_ocr=True)},
        {"options": replace(OPTIONS, each="document")},
        {"raster": RasterOptions(grid=WindowGrid(2, 2))},
        {"prompts": replace(PROMPTS, ask="{question}!")},
        {"max_tokens": 9},
    ],
)
def test_whatever_changes_an_answer_changes_its_id(changed):
    assert blanks(**changed).id(PAGE, QUESTION) != blanks().id(PAGE, QUESTION)


@pytest.mark.parametrize(
    "options, raster",
    [
        (OPTIONS, RasterOptions(page_timeout=1, num_workers=7)),
        (replace(OPTIONS, short=True), RASTER),
    ],
)
def test_what_changes_no_answer_changes_no_id(options, raster):
    assert blanks(options, raster).id(PAGE, QUESTION) == blanks().id(PAGE, QUESTION)


def test_a_short_caption_is_other_work_than_a_long_one():
    short = blanks(replace(OPTIONS, short=True))

    assert short.id(PAGE, None) != blanks().id(PAGE, None)
    assert blanks().record(PAGE, None).kind == "caption"


def test_a_document_that_failed_gives_a_record_for_each_question():
    task = Task(Document("a.pdf"), (QUESTION, Question("who?", "q2")))
    records = blanks().failed(task, ItemError("oom", "no memory", retryable=True))

    assert [record.question_id for record in records] == ["q1", "q2"]
    assert {record.page for record in records} == {None}
    assert {record.error.code for record in records} == {"oom"}
    assert len({record.id for record in records}) == 2


def test_an_earlier_record_takes_over_what_may_have_changed():
    earlier = blanks().record(PAGE, QUESTION)
    again = ask_again(earlier, "b.pdf", Question("total?", "q1", gold="8"))

    assert (again.source, again.gold, again.meta) == ("b.pdf", "8", {})
    assert again.id == earlier.id


def test_an_earlier_caption_takes_over_the_path_alone():
    earlier = blanks().record(PAGE, None)

    assert ask_again(earlier, "b.pdf", None) == replace(earlier, source="b.pdf")
