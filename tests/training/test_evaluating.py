"""Evaluation sets are answered as a user's questions are, and every sample is scored."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from monkeycli.answer import Answerer
from monkeycli.errors import ItemError
from monkeycli.training.evaluating import EvaluationSet, Evaluator, Given
from monkeycli.training.images import PageImages, raster_options
from monkeycli.training.mixture import Evaluation
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sample import ImageSource, Sample
from tests.drawn_documents import draw_pdf

QUESTIONS = ("total?", "who?", "when?")


@pytest.fixture(scope="module")
def samples(tmp_path_factory, small_monkey):
    """Give samples whose gold answers are what the small model says anyway."""
    path = draw_pdf(tmp_path_factory.mktemp("pages") / "a.pdf", "Total 41", "Sum 17")
    found = []
    for number in (1, 2):
        asked = small_monkey.ask(path, QUESTIONS, each="page", pages=str(number))
        for record in asked:
            image = ImageSource(path, number)
            answers = () if record.answer is None else (record.answer,)
            found.append(Sample("a:1", 0, "vqa", image, record.question, answers))
    return found


def evaluator(small_monkey, stack, samples, *, metric="exact", **sharing):
    part = EvaluationSet.of(Evaluation(Path("a.jsonl"), "a", metric=metric), samples)
    raster = raster_options(small_monkey.processor.config, "auto")
    return Evaluator(
        [part],
        stack.enter_context(PageImages(raster)),
        small_monkey.processor,
        TaskPrompts(small_monkey.processor, {}),
        with_text=True,
        **sharing,
    )


def test_answers_are_those_of_monkey_ask(small_monkey, samples):
    with ExitStack() as stack:
        (score,) = evaluator(small_monkey, stack, samples).evaluate(small_monkey.model)
    assert (score.interval.mean, score.interval.n, score.mean_by_task) == (1.0, 6, {})


def test_wrong_answers_count_and_tasks_are_told_apart(small_monkey, samples):
    wrong = [replace(samples[0], answers=("never this",), task="read"), *samples[1:]]
    with ExitStack() as stack:
        (score,) = evaluator(small_monkey, stack, wrong).evaluate(small_monkey.model)

    assert score.interval.mean == pytest.approx(5 / 6)
    assert score.mean_by_task == {"read": 0.0, "vqa": 1.0}
    line = score.line(7)
    assert (line["kind"], line["step"], line["name"], line["metric"]) == ("eval", 7, "a", "exact")
    assert (line["low"], line["high"]) == (None, None)  # all are of one document


def test_an_answer_that_cannot_be_given_is_wrong_even_where_there_is_none_to_find(
    small_monkey, samples, monkeypatch
):
    def fail(self, prompts, endings):
        error = ItemError("empty_output", "the model wrote nothing")
        return [[error for _ in questions] for questions in endings]

    monkeypatch.setattr(Answerer, "answer", fail)
    nothing_to_find = [replace(sample, answers=(), task="no_answer") for sample in samples]
    with ExitStack() as stack:
        (score,) = evaluator(small_monkey, stack, nothing_to_find).evaluate(small_monkey.model)
    assert score.interval.mean == 0.0


def test_processes_share_the_pages(small_monkey, samples):
    def answered(**sharing):
        heard = []

        def gather(found):
            heard.extend(found)
            others = set(range(6)) - {given.place for given in found}
            return [*found, *(Given(place, None, is_failure=True) for place in others)]

        with ExitStack() as stack:
            evaluator(small_monkey, stack, samples, gather=gather, **sharing).evaluate(
                small_monkey.model
            )
        return heard

    halves = [answered(process=n, num_processes=2) for n in (0, 1)]
    assert [len(half) for half in halves] == [3, 3]
    assert sorted(halves[0] + halves[1]) == answered()


def test_a_set_is_thinned_evenly_and_always_the_same_way(samples):
    def chosen(wanted):
        evaluation = Evaluation(Path("a.jsonl"), "a", samples=wanted)
        return [samples.index(sample) for sample in EvaluationSet.of(evaluation, samples).samples]

    assert chosen(None) == chosen(6) == chosen(60) == [0, 1, 2, 3, 4, 5]
    assert chosen(3) == [0, 2, 4]
    assert chosen(1) == [0]


def test_a_score_is_a_share_of_the_best_there_can_be(small_monkey, samples):
    with ExitStack() as stack:
        scores = evaluator(small_monkey, stack, samples, metric="exact").evaluate(
            small_monkey.model
        )
    (score,) = scores
    ten = replace(score, metric=replace(score.metric, most=10.0))
    assert (score.share, ten.share) == (1.0, 0.1)
