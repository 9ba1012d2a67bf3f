"""What holds for every metric, and what an answer that is not there scores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.errors import UsageError
from monkeycli.scoring.boxes import write_boxes
from monkeycli.scoring.definitions import DEFINITIONS
from monkeycli.scoring.metrics import METRICS, choose_metric, metric_named

TEXT_METRICS = ["anls", "relaxed", "relaxed-qwen", "contains", "exact"]
BOX = st.tuples(*[st.integers(0, 99)] * 4).map(lambda box: write_boxes([box]))
WORDS = st.text(max_size=12) | st.sampled_from(["1.5", "5%", "0", "unanswerable", "Yes.", " "])


def test_every_definition_is_that_of_a_metric():
    assert set(DEFINITIONS) == set(METRICS)
    assert all(METRICS[name].definition == said for name, said in DEFINITIONS.items())


@pytest.mark.parametrize("name", [*TEXT_METRICS, "vqa"])
@given(prediction=st.none() | WORDS, golds=st.lists(WORDS, max_size=5))
def test_a_score_is_a_share(name, prediction, golds):
    assert 0 <= metric_named(name).score(prediction, golds) <= 1


@pytest.mark.parametrize("name", TEXT_METRICS)
@given(prediction=st.none() | WORDS, golds=st.lists(WORDS, min_size=1, max_size=5), more=WORDS)
def test_more_gold_answers_never_lower_the_score(name, prediction, golds, more):
    metric = metric_named(name)

    assert metric.score(prediction, golds) <= metric.score(prediction, [*golds, more])


@given(prediction=BOX, golds=st.lists(BOX, min_size=1, max_size=4), more=BOX)
def test_more_gold_boxes_never_lower_the_score(prediction, golds, more):
    metric = metric_named("iou")

    assert 0 <= metric.score(prediction, golds) <= metric.score(prediction, [*golds, more]) <= 1


@pytest.mark.parametrize("name", TEXT_METRICS)
@given(golds=st.lists(WORDS, min_size=1, max_size=5))
def test_a_gold_answer_is_right(name, golds):
    assert all(metric_named(name).score(gold, golds) == 1 for gold in golds)


@pytest.mark.parametrize("name", [*TEXT_METRICS, "iou"])
@pytest.mark.parametrize(
    "prediction, golds, score",
    [
        (None, [], 1),
        (None, [""], 1),
        ("  ", [], 1),
        ("Unanswerable", [], 1),
        ("(1,2),(3,4)", [], 0),
        (None, ["(1,2),(3,4)"], 0),
        (None, ["(1,2),(3,4)", ""], 1),  # some people found no answer
        ("(1,2),(3,4)", ["(1,2),(3,4)", ""], 1),
    ],
)
def test_no_answer_is_right_where_there_is_none(name, prediction, golds, score):
    assert metric_named(name).score(prediction, golds) == score


@pytest.mark.parametrize("name", [*TEXT_METRICS, "vqa"])
def test_no_answer_is_what_people_call_unanswerable(name):
    golds = ["unanswerable"] * 10

    assert metric_named(name).score(None, golds) == 1
    assert metric_named(name).score("42", golds) == 0


def test_no_answer_is_not_half_right_by_its_letters():
    assert metric_named("anls").score(None, ["unable"]) == 0
    assert metric_named("anls").score(None, ["unanswered"]) == 0


def test_a_corpus_is_scored_as_a_whole():
    metric = metric_named("cider")

    assert metric.score_all(["a red car", None], [["a red car"], ["a dog"]])[1] == 0
    with pytest.raises(AssertionError, match="use score_all"):
        metric.score("a red car", ["a red car"])


def test_an_unknown_metric_is_told_with_those_there_are():
    with pytest.raises(UsageError, match="metric 'bleu' is not one of anls, relaxed,"):
        metric_named("bleu")


@pytest.mark.parametrize(
    "is_caption, golds, name",
    [
        (True, [["a car"]], "cider"),
        (False, [["(1,2),(3,4)"]], "iou"),
        (False, [["(1,2),(3,4)"], ["left"]], "anls"),
        (False, [[]], "anls"),
    ],
)
def test_the_metric_suits_the_records(is_caption, golds, name):
    assert choose_metric(is_caption=is_caption, golds=golds) == name
