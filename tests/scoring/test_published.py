"""The published scores that are shipped."""

import pytest

from monkeycli.errors import UsageError
from monkeycli.scoring.definitions import DEFINITIONS
from monkeycli.scoring.published import all_published, published_for


def test_every_score_names_its_measure_and_source():
    for entry in all_published():
        assert entry.measure
        assert entry.source
        assert entry.metric is None or entry.metric in DEFINITIONS
        assert entry.unit in ("percent", "points")
        assert entry.scores
        if entry.unit == "percent":
            assert all(0 < score <= 1 for score in entry.scaled().values())


def test_no_two_entries_are_of_the_same_benchmark_and_measure():
    named = [(entry.benchmark, entry.measure) for entry in all_published()]

    assert len(named) == len(set(named))


def test_the_average_gain_on_documents_is_that_of_the_papers_text():
    """ "9.77 average gain": worked out again from the rows of the table."""
    names = ("docvqa", "chartqa", "infovqa", "deepform", "klc", "wtq")
    scores = [published_for(name)[0].scores for name in names]
    gain = sum(score["Monkey"] - score["Qwen-VL"] for score in scores) / len(scores)

    assert gain == pytest.approx(9.77, abs=0.005)


def test_the_same_checkpoint_has_another_score_in_another_measure():
    anls, accuracy = published_for("DocVQA")

    assert (anls.metric, anls.scaled()["Monkey"]) == ("anls", 0.665)
    assert (accuracy.metric, accuracy.scaled()["Monkey"]) == ("contains", 0.501)


def test_points_are_not_scaled():
    assert published_for("mme")[0].scaled() == {"Monkey": 1505.3}


def test_what_is_from_memory_says_so():
    assert "from memory" in (published_for("flickr30k")[0].note or "")
    assert "from memory" in (published_for("textcaps")[0].note or "")


def test_an_unknown_benchmark_is_told_with_those_there_are():
    with pytest.raises(UsageError, match=r"no published scores for 'docqva'; known are .*, docvqa"):
        published_for("docqva")
