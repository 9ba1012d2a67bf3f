"""From tasks to records: what one page costs another (nothing), in which order, asked how often."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from monkeycli import pipeline
from monkeycli.answer import Answer, Answerer
from monkeycli.best_page import has_unread_pages
from monkeycli.document import Document, PageResult, PlacedWord
from monkeycli.errors import ExitCode, ItemError, ModelError
from monkeycli.options import GenerateOptions, RasterOptions, RunOptions
from monkeycli.pages import parse_pages
from monkeycli.pipeline import Run
from monkeycli.questions import Question
from monkeycli.signals import StoppedError
from monkeycli.task import Task
from tests.drawn_documents import draw_page
from tests.test_portion import OUT_OF_MEMORY

QUESTIONS = (Question("total?", "q1", gold="7"), Question("what is it?", "q2", meta={"a": [1]}))

SHUT = ItemError("encrypted", "it is locked", "give a password")
TORN = ItemError("corrupt", "the page is torn", stage="render")

DOCUMENTS = {
    "a.pdf": [draw_page(1, "3x2", "Total 7"), draw_page(2), draw_page(3, "2x2", "a line\n" * 50)],
    "torn.pdf": [draw_page(1), TORN, draw_page(3)],
    "shut.pdf": SHUT,
    "b.png": [draw_page(1, "1x2")],
    "copy.png": [draw_page(1, "1x2")],
}
DIGESTS = {"a.pdf": "aa", "torn.pdf": "cc", "shut.pdf": None, "b.png": "bb", "copy.png": "bb"}


@pytest.fixture(autouse=True)
def taken(monkeypatch):
    """Give pages of drawn documents in place of read ones, and the list of those taken."""
    numbers = []

    def read_pages(documents, options):
        for document in documents:
            pages, digest = DOCUMENTS[document.path], DIGESTS[document.path]
            if isinstance(pages, ItemError):
                yield PageResult(document, digest, None, None, None, pages, is_last=True)
                continue
            wanted = list(parse_pages(document.pages).select(len(pages)))
            for number in wanted:
                numbers.append((document.path, number))
                page = pages[number - 1]
                is_page = not isinstance(page, ItemError)
                if is_page and not options.with_text:
                    page = replace(page, text=None)
                yield PageResult(
                    document,
                    digest,
                    len(pages),
                    number,
                    page if is_page else None,
                    None if is_page else page,
                    is_last=number == wanted[-1],
                )

    monkeypatch.setattr(pipeline, "read_pages", read_pages)
    return numbers


@pytest.fixture
def answerer(small_monkey):
    return Answerer(small_monkey.model, small_monkey.processor, GenerateOptions(max_tokens=12))


@pytest.fixture
def run(answerer):
    """Give a function that asks `QUESTIONS`, or others, of documents, and gives the records."""

    def ask(*paths, each="page", questions=QUESTIONS, pages="all", short=False, **hooks):
        options = RunOptions(each=each, with_text=True, short=short, model="small@1.0")
        tasks = [Task(Document(path, pages), questions) for path in paths]
        return list(Run(answerer, options, RasterOptions(), **hooks).records(tasks))

    return ask


@pytest.fixture
def asked(answerer, monkeypatch):
    """Give the list of what the model is asked: for each call, the questions of each page."""
    calls = []
    answer = answerer.answer

    def answer_and_note(prompts, endings):
        calls.append([len(texts) for texts in endings])
        return answer(prompts, endings)

    monkeypatch.setattr(answerer, "answer", answer_and_note)
    return calls


def near(records):
    """Give records without what may differ: seconds, and the last digits of a confidence."""
    return [
        replace(
            record,
            seconds=None,
            confidence=record.confidence and pytest.approx(record.confidence, abs=2e-4),
            runners_up=record.runners_up
            and tuple(replace(r, confidence=round(r.confidence, 2)) for r in record.runners_up),
        )
        for record in records
    ]


def test_records_come_in_the_order_of_documents_pages_and_questions(run):
    records = run("b.png", "torn.pdf", "shut.pdf", "a.pdf")

    assert [(record.source, record.page, record.question_id) for record in records] == [
        (path, page, question)
        for path, numbers in [
            ("b.png", [1]),
            ("torn.pdf", [1, 2, 3]),
            ("shut.pdf", [None]),
            ("a.pdf", [1, 2, 3]),
        ]
        for page in numbers
        for question in ("q1", "q2")
    ]
    codes = [record.error.code for record in records if record.error]
    assert codes == ["corrupt", "corrupt", "encrypted", "encrypted"]


def test_a_record_says_all_that_is_known(run):
    first, second = run("a.pdf", pages="1")

    assert (first.kind, first.doc_sha256, first.pages) == ("answer", "aa", 3)
    assert (first.grid, first.size) == ((3, 2), (1344, 896))
    assert (first.text_source, first.model) == ("layer", "small@1.0")
    assert first.answer
    assert first.runners_up is None
    assert 0 < first.confidence <= 1
    assert first.output_tokens <= 12 < first.prompt_tokens
    assert (first.gold, first.meta, second.meta) == ("7", {}, {"a": [1]})


def test_a_page_without_text_says_so_and_one_cut_warns(run):
    records = run("a.pdf", questions=QUESTIONS[:1])

    assert [record.text_source for record in records] == ["layer", "none", "layer"]
    cut = "the page's text was cut to fit"
    assert [cut in record.warnings for record in records] == [False, False, True]


def test_an_answer_that_is_cut_off_warns(run):
    records = run("a.pdf")
    cut = [record for record in records if record.finish_reason == "length"]

    assert cut
    for record in cut:
        assert "cut off after 12 tokens: raise --max-tokens" in record.warnings


def test_an_answer_across_cells_has_single_spaces(run, answerer, monkeypatch):
    answer = Answer("EUR  34,73", 0.9, "stop", 40, 6)
    monkeypatch.setattr(
        answerer, "answer", lambda _, asked: [[answer] * len(some) for some in asked]
    )

    assert {record.answer for record in run("a.pdf")} == {"EUR 34,73"}


def test_captions_ask_no_question(run):
    (long,), (short,) = (run("b.png", questions=(None,), short=short) for short in (False, True))

    assert (long.kind, long.question, long.answer) == ("caption", None, None)
    assert long.caption != short.caption
    assert long.id != short.id


@pytest.mark.parametrize("pages_at_once", [1, 2, 3, 100])
@pytest.mark.parametrize("each", ["page", "document"])
def test_answers_do_not_hang_on_how_many_pages_are_taken_at_once(
    run, monkeypatch, each, pages_at_once
):
    paths = ("a.pdf", "shut.pdf", "b.png", "torn.pdf")
    usual = run(*paths, each=each)
    monkeypatch.setattr(pipeline, "PAGES_AT_ONCE", {"cpu": pages_at_once})

    assert near(run(*paths, each=each)) == near(usual)


def test_a_document_gives_the_answer_of_its_surest_page(run):
    pages = run("a.pdf")
    documents = run("a.pdf", each="document")

    for question, best in zip(QUESTIONS, documents, strict=True):
        answers = [record for record in pages if record.question_id == question.id]
        answers.sort(key=lambda record: -record.confidence)
        assert (best.page, best.answer) == (answers[0].page, answers[0].answer)
        assert [r.answer for r in best.runners_up] == [record.answer for record in answers[1:]]


def test_a_document_with_a_torn_page_has_an_answer_and_a_warning(run):
    torn, shut = run("torn.pdf", "shut.pdf", each="document", questions=QUESTIONS[:1])

    assert has_unread_pages(torn)
    assert torn.answer
    assert shut.error.code == "encrypted"


def test_the_model_says_that_no_page_has_the_answer(run, small_monkey, monkeypatch):
    texts = {record.answer for record in run("a.pdf", questions=QUESTIONS[:1])}
    decode = small_monkey.processor.decode
    monkeypatch.setattr(
        small_monkey.processor, "decode", lambda ids: "No." if decode(ids) in texts else decode(ids)
    )
    monkeypatch.setattr(small_monkey.model.config, "no_answer", "no")
    (found,) = run("a.pdf", each="document", questions=QUESTIONS[:1])

    assert (found.status, found.answer, found.page) == ("ok", None, None)
    assert found.finish_reason == "no_answer"


# Work is done once


def test_a_page_is_asked_all_its_questions_at_once(run, asked):
    run("a.pdf", "torn.pdf")

    assert asked == [[2, 2, 2, 2], [2]]


def test_ids_hang_on_content_and_not_on_path_order_or_batch(run, monkeypatch):
    usual = run("a.pdf", "b.png")
    monkeypatch.setattr(pipeline, "PAGES_AT_ONCE", {"cpu": 1})
    moved = run("copy.png", "a.pdf")

    ids = {(record.doc_sha256, record.page, record.question): record.id for record in usual}
    assert len(set(ids.values())) == len(ids) == len(usual)
    for record in moved:
        assert record.id == ids[record.doc_sha256, record.page, record.question]


def test_ids_hang_on_all_that_changes_an_answer(run, answerer):
    def names(*, each="page", pages="2", with_text=True, grid=None, max_tokens=12, model="m@1"):
        options = RunOptions(each=each, with_text=with_text, model=model)
        answerer.options = GenerateOptions(max_tokens=max_tokens)
        task = Task(Document("a.pdf", pages), QUESTIONS)
        raster = RasterOptions(grid=grid)
        return {record.id for record in Run(answerer, options, raster).records([task])}

    found = [
        names(),
        names(pages="3"),
        names(each="document"),
        names(each="document", pages="2-3"),
        names(with_text=False),
        names(grid=draw_page(1, "2x2").grid),
        names(max_tokens=13),
        names(model="m@2"),
    ]
    assert len(set().union(*found)) == sum(map(len, found)) == 2 * len(found)


@pytest.mark.parametrize("each", ["page", "document"])
def test_what_an_earlier_run_made_is_not_asked_again(run, asked, each):
    usual = run("a.pdf", "b.png", each=each)
    asked.clear()
    earlier = {record.id: replace(record, source="old", gold="old") for record in usual}
    again = run("a.pdf", "copy.png", each=each, earlier=earlier.get)

    assert asked == []
    expected = [
        replace(record, source="copy.png" if record.source == "b.png" else record.source)
        for record in usual
    ]
    assert again == expected


@pytest.mark.parametrize("each", ["page", "document"])
def test_only_what_is_missing_is_asked(run, asked, each):
    usual = run("a.pdf", each=each)
    asked.clear()
    earlier = {record.id: record for record in usual if record.question_id == "q2"}
    again = run("a.pdf", each=each, earlier=earlier.get)

    assert asked == [[1, 1, 1]]
    assert near(again) == near(usual)


def test_a_record_of_before_is_looked_up_once_for_a_document(run):
    names = []
    run("a.pdf", each="document", earlier=names.append)

    assert len(names) == len(set(names)) == len(QUESTIONS)


def test_records_come_while_documents_are_still_to_be_read(answerer, taken):
    options = RunOptions(each="page", with_text=True, model="m")
    tasks = (Task(Document("a.pdf"), QUESTIONS) for _ in range(1000))
    records = Run(answerer, options, RasterOptions()).records(tasks)
    next(records)
    records.close()

    assert len(taken) == pipeline.PAGES_AT_ONCE["cpu"]


def test_unreadable_documents_are_reported_as_they_come(answerer):
    started = []

    def tasks():
        for number in range(1000):
            started.append(number)
            yield Task(Document("shut.pdf"), QUESTIONS)

    options = RunOptions(each="document", with_text=True, model="m")
    records = Run(answerer, options, RasterOptions()).records(tasks())
    assert next(records).error.code == "encrypted"
    records.close()

    assert len(started) <= pipeline.PAGES_AT_ONCE["cpu"] + 1


# Faults


@pytest.fixture
def fail(answerer, monkeypatch):
    """Give a function that makes the model fail: `fault` gets the pages that are encoded."""

    def install(fault):
        encode = answerer.encode

        def encode_or_fail(pages, *, with_text):
            fault(pages)
            return encode(pages, with_text=with_text)

        monkeypatch.setattr(answerer, "encode", encode_or_fail)

    return install


@pytest.mark.parametrize("each", ["page", "document"])
def test_a_page_that_fails_in_the_model_costs_itself_only(run, fail, each):
    usual = run("a.pdf", "b.png", each=each)

    def fault(pages):
        if any(page is DOCUMENTS["a.pdf"][1] for page in pages):
            raise RuntimeError("shapes do not match")

    fail(fault)
    found = run("a.pdf", "b.png", each=each)

    if each == "document":
        assert all(has_unread_pages(record) for record in found[:2])
        assert near(found[2:]) == near(usual[2:])
        return
    broken = [record for record in found if record.error]
    assert {(record.source, record.page) for record in broken} == {("a.pdf", 2)}
    assert {record.error.code for record in broken} == {"internal"}
    assert "RuntimeError: shapes do not match" in broken[0].error.message
    well = [new for new in found if not new.error]
    assert near(well) == near(old for old in usual if (old.source, old.page) != ("a.pdf", 2))


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_pages_that_do_not_fit_together_are_answered_one_by_one(run, fail, error):
    usual = run("a.pdf", "b.png")
    sizes = []

    def fault(pages):
        sizes.append(len(pages))
        if len(pages) > 1:
            raise error

    fail(fault)

    assert near(run("a.pdf", "b.png")) == near(usual)
    assert sizes == [4, 1, 1, 1, 1]


def test_questions_that_do_not_fit_together_are_answered_one_by_one(run, answerer, monkeypatch):
    usual = run("a.pdf")
    answer = answerer.answer

    def answer_or_fail(prompts, endings):
        if sum(map(len, endings)) > 1:
            raise OUT_OF_MEMORY[0]
        return answer(prompts, endings)

    monkeypatch.setattr(answerer, "answer", answer_or_fail)

    assert near(run("a.pdf")) == near(usual)


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_a_page_that_does_not_fit_alone_is_out_of_memory(run, fail, error):
    def fault(_):
        raise error

    fail(fault)
    found = run("b.png")

    assert [record.error.code for record in found] == ["oom", "oom"]
    assert all(record.error.retryable for record in found)


def test_a_question_that_is_too_long_costs_itself_only(run):
    found = run("b.png", questions=(QUESTIONS[0], Question("x" * 600, "q2")))

    assert [record.error and record.error.code for record in found] == [None, "too_long"]


@pytest.mark.parametrize("error", [StoppedError(2), ModelError("no such thing")])
def test_what_concerns_the_whole_run_is_no_pages_fault(run, fail, error):
    """The second Ctrl-C may come in the middle of the model."""

    def fault(_):
        raise error

    fail(fault)
    with pytest.raises(type(error)):
        run("a.pdf")


def test_a_request_to_stop_is_heard_between_pages(answerer, taken, monkeypatch):
    def stop():
        if len(taken) >= 2:
            raise StoppedError(2)

    monkeypatch.setattr(pipeline, "PAGES_AT_ONCE", {"cpu": 1})
    options = RunOptions(each="page", with_text=True, model="m")
    tasks = [Task(Document("a.pdf"), QUESTIONS)]
    found = []
    with pytest.raises(StoppedError) as stopped:
        found.extend(Run(answerer, options, RasterOptions(), between=stop).records(tasks))

    assert stopped.value.exit_code == ExitCode.INTERRUPTED
    assert taken == [("a.pdf", 1), ("a.pdf", 2)]


def test_every_page_is_shown_before_it_is_answered(run):
    seen = []
    run("torn.pdf", "shut.pdf", on_page=lambda result: seen.append(result.number))

    assert seen == [1, 2, 3, None]


# Text that a page lacks


def test_text_that_a_page_lacks_is_read_from_its_image(answerer, monkeypatch):
    seen = []

    class Reader:
        def read_page(self, image):
            seen.append(image.size)
            words = (PlacedWord("Ann", 0, 1, 2, 3, 4), PlacedWord("owes", 0, 4, 2, 6, 4))
            return SimpleNamespace(text="Ann owes\n", warning="poor print", placed_words=words)

    monkeypatch.setattr(pipeline, "load_text_reader", Reader)
    monkeypatch.setattr(answerer.processor, "decode", lambda ids: "Ann Owes.")
    tasks = [Task(Document("a.pdf"), QUESTIONS)]

    def records(*, with_ocr):
        options = RunOptions(each="page", with_text=False, with_ocr=with_ocr, model="m")
        return list(Run(answerer, options, RasterOptions()).records(tasks))

    without, read = records(with_ocr=False), records(with_ocr=True)

    num_pages = len(DOCUMENTS["a.pdf"])
    assert len(seen) == num_pages
    assert {record.text_source for record in without} == {"none"}
    assert {record.text_source for record in read} == {"ocr"}
    assert {record.boxes for record in without} == {None}
    assert {record.boxes for record in read} == {((1, 2, 6, 4),)}
    assert all("poor print" in record.warnings for record in read)
    assert not {record.id for record in read} & {record.id for record in without}


def test_a_page_that_the_model_can_know_nothing_of_is_warned_of(answerer, run, monkeypatch):
    monkeypatch.setattr(answerer.model.config, "reads_pixels", False)

    for record in run("a.pdf"):
        is_blank = record.text_source == "none"
        assert any("does not read pixels" in text for text in record.warnings) == is_blank
        if is_blank:
            assert (record.status, record.answer, record.confidence) == ("ok", None, None)
