"""Settings reach transformers' Trainer under its own names; runs are tested as a whole."""

import pytest
import torch

from monkeycli.training.mixture import TrainSettings
from monkeycli.training.run_folder import RunFolder
from monkeycli.training.trainer import _is_out_of_memory, arguments_of


@pytest.fixture
def translate(tmp_path):
    def run(num_steps=1000, has_evaluation=True, first=0, **settings):
        return arguments_of(
            TrainSettings(**settings),
            RunFolder(tmp_path),
            num_steps=num_steps,
            has_bfloat16=False,
            is_cpu=True,
            has_evaluation=has_evaluation,
            first=first,
        )

    return run


def test_settings_are_translated(translate):
    arguments = translate(lr=3e-4, betas=(0.8, 0.9), weight_decay=0.2, clip=0.5, seed=9)

    assert arguments.learning_rate == 3e-4
    assert (arguments.adam_beta1, arguments.adam_beta2) == (0.8, 0.9)
    assert (arguments.weight_decay, arguments.max_grad_norm, arguments.seed) == (0.2, 0.5, 9)
    assert arguments.max_steps == 1000


@pytest.mark.parametrize("warmup, steps", [(100, 100), (0.05, 50), (0, 0)])
def test_warm_up_is_steps_or_a_share_of_them(translate, warmup, steps):
    assert translate(warmup=warmup).get_warmup_steps(1000) == steps


@pytest.mark.parametrize(
    "schedule, middle, end", [("cosine", 0.5, 0.0), ("linear", 0.5, 0.0), ("constant", 1.0, 1.0)]
)
def test_the_rate_follows_the_schedule(translate, schedule, middle, end):
    from transformers import get_scheduler

    arguments = translate(schedule=schedule, warmup=10)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = get_scheduler(
        arguments.lr_scheduler_type,
        optimizer=optimizer,
        num_warmup_steps=arguments.get_warmup_steps(110),
        num_training_steps=110,
    )
    rates = []
    for _ in range(111):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    assert (rates[0], rates[5], rates[10]) == (0.0, 0.5, 1.0)
    assert rates[60] == pytest.approx(middle)
    assert rates[110] == pytest.approx(end, abs=1e-6)


def test_without_an_evaluation_none_is_due(translate):
    assert translate(has_evaluation=False).eval_strategy == "no"
    assert (translate(eval_every=7).eval_strategy, translate(eval_every=7).eval_steps) == (
        "steps",
        7,
    )


def test_only_a_run_that_begins_is_evaluated_before_its_first_step(translate):
    assert translate().eval_on_start
    assert not translate(first=1).eval_on_start
    assert not translate(has_evaluation=False).eval_on_start


@pytest.mark.parametrize(
    "error, expected",
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("The size of tensor a must match"), False),
    ],
    ids=str,
)
def test_memory_that_is_full_is_told_from_other_errors(error, expected):
    assert _is_out_of_memory(error) is expected
