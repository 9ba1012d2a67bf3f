"""What is printed of a run; the command itself is tested in `test_train`."""

from pathlib import Path

import pytest

from monkeycli.commands import train_run
from monkeycli.training.session import Outcome

SCORE = {
    "kind": "eval",
    "step": 4,
    "name": "val",
    "metric": "anls",
    "n": 64,
    "mean": 0.71234,
    "low": 0.65,
    "high": 0.77,
}


def outcome(**changed):
    return Outcome(**{"step": 6, "num_steps": 9, "chosen": 4, "loss": 0.5, "scores": ()} | changed)


def test_results_are_the_folder_and_a_line_for_every_evaluation():
    assert train_run._results(Path("runs/a b"), outcome(scores=(SCORE,))) == [
        "runs/a b",
        "val\tanls\t64\t0.7123\t0.65\t0.77",
    ]


@pytest.mark.parametrize(
    "changed, told",
    [
        ({}, "6 of 9 steps done, loss 0.5; kept are the weights of step 4"),
        ({"step": 0, "chosen": 0, "loss": None}, "0 of 9 steps done"),
    ],
)
def test_the_summary_says_how_far_it_came(changed, told):
    assert train_run._summary(outcome(**changed)) == told


def test_progress_is_a_line_where_there_is_no_terminal(capfd):
    shown = train_run._Shown(is_quiet=False, has_progress=True)
    hooks = shown.hooks
    with shown:
        hooks.on_start(2, 9)
        hooks.on_line({"kind": "train", "loss": 1.25, "eta_seconds": 75.0})
        hooks.on_line(SCORE)
        hooks.on_step(3)
    assert capfd.readouterr().err.splitlines() == [
        "going on after step 2",
        "step 4: val: anls 0.7123 (0.65 to 0.77), n=64",
    ]
    assert shown._also == ["loss 1.25", "1m15s left"]


def test_quietly_nothing_is_shown(capfd):
    shown = train_run._Shown(is_quiet=True, has_progress=False)
    with shown:
        shown.hooks.on_start(2, 9)
        shown.hooks.say("a harmless change")
        shown.hooks.on_line(SCORE)
        shown.hooks.on_step(3)
    assert capfd.readouterr().err == ""
