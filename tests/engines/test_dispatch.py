"""Every record once and in order, whoever makes it and whoever dies."""

from dataclasses import replace

import pytest

from monkeycli.document import Document
from monkeycli.engines import dispatch as dispatch_module
from monkeycli.engines.crew import Gone
from monkeycli.engines.dispatch import Dispatch
from monkeycli.engines.work import Failed, Work
from monkeycli.errors import ExitCode, ModelError, MonkeyError, OutputError
from monkeycli.options import GenerateOptions, RasterOptions
from monkeycli.prompt import Prompts
from monkeycli.questions import Question
from monkeycli.signals import StoppedError
from monkeycli.task import Task
from tests.scripted_crew import PageCounter, ScriptedCrew, answers

QUESTIONS = (Question("total?", "q1", gold="7"), Question("who?", "q2"))
PAGES = {f"{number}.pdf": 1 + number % 4 for number in range(60)}
TASKS = [Task(Document(path), QUESTIONS) for path in PAGES]
EXPECTED = [
    record
    for task in TASKS
    for record in answers(task.document.path, PAGES[task.document.path], task)
]
PROMPTS = Prompts("", "", "{evidence}", "{question}", "describe", "briefly")
WORK = Work(
    folder=".",
    model=None,
    adapter=None,
    dtype="auto",
    each="page",
    with_text=True,
    with_ocr=False,
    short=False,
    raster=RasterOptions(),
    generate=GenerateOptions(),
)


def crew_of(num_workers, **script):
    return ScriptedCrew(num_workers, lambda: PageCounter(PAGES), **script)


def dispatch(crew, tasks=TASKS, work=WORK, **hooks):
    return Dispatch(crew, work, PROMPTS, **hooks).records(tasks)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("num_workers", [1, 2, 5])
def test_records_come_in_input_order_whoever_is_faster(num_workers, seed):
    crew = crew_of(num_workers, seed=seed)

    assert list(dispatch(crew)) == EXPECTED
    assert crew.num_started == num_workers
    assert crew.is_closed


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("after", [0, 1, 3])
def test_workers_that_die_cost_nothing(after, seed):
    deaths = dict.fromkeys(list(PAGES)[seed::9], 1)
    crew = crew_of(3, deaths=deaths, deaths_after=after, seed=seed)

    assert list(dispatch(crew)) == EXPECTED
    died = [path for path in deaths if PAGES[path] * len(QUESTIONS) > after]
    assert crew.num_started == 3 + len(died)
    assert died or after == 3


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_document_at_which_a_second_worker_dies_is_given_up_alone(after, seed):
    crew = crew_of(2, deaths={"30.pdf": 99}, deaths_after=after, seed=seed)  # it has three pages

    records = list(dispatch(crew))

    assert [one for one in records if one.source != "30.pdf"] == [
        one for one in EXPECTED if one.source != "30.pdf"
    ]
    found = [one for one in records if one.source == "30.pdf"]
    assert found[:after] == answers("30.pdf", 3, TASKS[30])[:after]
    assert [one.question_id for one in found[after:]] == ["q1", "q2"]
    assert {one.error.code for one in found[after:]} == {"internal"}
    assert "2 workers died while they were at this document (SIGKILL)" in found[-1].error.message
    assert found[-1].error.retryable and found[-1].page is None
    assert crew.num_started == 4
    assert [*records].index(found[0]) == [one.source for one in EXPECTED].index("30.pdf")


def test_the_second_try_is_that_of_the_document_alone():
    crew = crew_of(2, deaths={"30.pdf": 99})
    list(dispatch(crew))

    assert [batch for batch in crew.batches if "30.pdf" in batch][1:] == [["30.pdf"]]
    assert max(map(len, crew.batches)) > 2


def test_of_a_document_as_a_whole_each_question_has_one_record_all_the_same():
    crew = crew_of(2, deaths={"0.pdf": 2}, deaths_after=1)
    work = replace(WORK, each="document")

    found = list(dispatch(crew, TASKS[:1], work))

    assert [(one.question_id, one.status) for one in found] == [("q1", "ok"), ("q2", "error")]


def test_that_memory_ran_out_is_said_where_it_is_known():
    crew = crew_of(1, deaths={"0.pdf": 2}, gone=Gone("too much", is_memory=True))

    assert [one.error.code for one in dispatch(crew, TASKS[:1])] == ["oom", "oom"]


def test_what_an_earlier_run_made_is_given_again_as_this_runs():
    earlier = {
        one.id: replace(one, source="old", answer="before", gold=None) for one in EXPECTED[9:40]
    }
    records = list(dispatch(crew_of(2), done_ids=earlier, earlier=earlier.get))

    assert records == [
        replace(one, answer="before") if one.id in earlier else one for one in EXPECTED
    ]


def test_no_worker_is_started_for_nothing():
    crew = crew_of(2)

    assert list(dispatch(crew, [])) == []
    assert crew.num_started == 0


def test_documents_are_taken_as_late_as_keeps_the_workers_busy(monkeypatch):
    monkeypatch.setattr(dispatch_module, "AHEAD", 3)
    taken = []

    def tasks():
        for task in TASKS:
            taken.append(task)
            yield task

    for record in dispatch(crew_of(2, seed=3), tasks()):
        waiting = [task.document.path for task in taken]
        assert len(waiting) - waiting.index(record.source) <= 2 * 3


@pytest.mark.parametrize("times, is_too_often", [(2, False), (3, True)])
def test_workers_that_die_at_once_end_the_run(times, is_too_often):
    crew = crew_of(1, start_deaths=times)
    if not is_too_often:
        assert list(dispatch(crew)) == EXPECTED
        return
    with pytest.raises(ModelError, match=r"die while they load the model \(SIGKILL\); see that"):
        list(dispatch(crew))
    assert crew.is_closed


def test_workers_have_to_have_the_same_model():
    models = iter(["a@1", "a@2"])
    crew = ScriptedCrew(2, lambda: PageCounter(PAGES, next(models)))

    with pytest.raises(ModelError, match=r"different models: a@. \(None\) and a@. \(None\)"):
        list(dispatch(crew))


@pytest.mark.parametrize(
    "code, kind",
    [
        (ExitCode.MODEL, ModelError),
        (ExitCode.OUTPUT, OutputError),
        (ExitCode.INTERNAL, MonkeyError),
    ],
)
def test_what_a_worker_cannot_do_is_raised_here(code, kind):
    class Broken(PageCounter):
        def reply(self, message):
            yield Failed(code, "it is not there", "look").pack()

    crew = ScriptedCrew(2, lambda: Broken(PAGES))
    with pytest.raises(kind, match="it is not there; look") as caught:
        list(dispatch(crew))

    assert caught.value.exit_code == code
    assert crew.is_closed


def test_a_run_that_is_stopped_ends_its_workers():
    crew = crew_of(2)
    count = iter(range(10))

    def between():
        if next(count) == 9:
            raise StoppedError(2)

    with pytest.raises(StoppedError):
        list(dispatch(crew, between=between))
    assert crew.is_closed
