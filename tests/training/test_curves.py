"""The plots hold what the log says, with both axes labelled."""

import io

import pytest
from PIL import Image

from monkeycli.training import curves

LOSSES = [
    {
        "kind": "train",
        "step": step,
        "loss": 2 / step,
        "loss_by_task": {"vqa": 1 / step, "read": 3 / step},
    }
    for step in range(1, 6)
]
SCORES = [
    {
        "kind": "eval",
        "step": step,
        "name": "val",
        "metric": "anls",
        "n": 8,
        "mean": step / 10,
        "low": step / 10 - 0.05,
        "high": step / 10 + 0.05,
        "mean_by_task": {"vqa": step / 10, "no_answer": 1 - step / 10},
    }
    for step in (2, 4)
]


@pytest.fixture
def drawn(monkeypatch):
    """Collect the axes that are drawn."""
    found = []
    finish = curves._finish

    def keep(figure, axes):
        found.append(axes)
        return finish(figure, axes)

    monkeypatch.setattr(curves, "_finish", keep)
    return found


def test_the_loss_is_drawn_by_task(drawn):
    png = curves.draw_loss([*LOSSES, *SCORES])

    (axes,) = drawn
    by_label = {line.get_label(): line for line in axes.get_lines()}
    assert set(by_label) == {"all tasks", "vqa", "read"}
    assert list(by_label["read"].get_ydata()) == [3 / step for step in range(1, 6)]
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "optimizer steps",
        "loss per answer token (nats)",
    )
    assert Image.open(io.BytesIO(png)).size == (960, 600)


def test_scores_are_drawn_with_their_interval_and_by_task(drawn):
    curves.draw_evaluations([*LOSSES, *SCORES])

    (axes,) = drawn
    labels = {line.get_label() for line in axes.get_lines()}
    assert labels == {"val (anls, n=8)", "val: vqa", "val: no_answer"}
    (band,) = axes.collections
    assert band.get_paths()[0].vertices[:, 1].min() == pytest.approx(0.15)
    assert axes.get_xlabel() and axes.get_ylabel() == "mean score, and its 95 % interval"


def test_a_score_without_an_interval_or_above_one_is_drawn(drawn):
    line = {**SCORES[0], "metric": "cider", "mean": 3.5, "low": None, "high": None}
    curves.draw_evaluations([line])

    assert drawn[0].get_ylim()[1] > 3.5
    assert list(drawn[0].collections[0].get_paths()[0].vertices[:, 1]) == [3.5] * 5


def test_one_point_is_visible(drawn):
    curves.draw_loss(LOSSES[:1])
    assert {line.get_marker() for line in drawn[0].get_lines()} == {"o"}


def test_an_empty_log_is_not_drawn():
    assert curves.draw_loss(SCORES) is None
    assert curves.draw_evaluations(LOSSES) is None
