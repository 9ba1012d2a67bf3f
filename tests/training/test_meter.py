"""Lines of the log are sums over the steps since the last one."""

import pytest
import torch
from accelerate import Accelerator

from monkeycli.training.losses import Losses
from monkeycli.training.meter import Meter, peak_memory
from monkeycli.training.page_dataset import Step
from monkeycli.training.sample import TASKS


@pytest.fixture
def clock():
    """Give a clock that stands still until it is set."""

    class Clock:
        now = 100.0

        def __call__(self):
            return self.now

    return Clock()


def count(meter, number, *, samples, **losses):
    sums = torch.tensor([float(losses.get(task, (0, 0))[0]) for task in TASKS])
    counts = torch.tensor([losses.get(task, (0, 0))[1] for task in TASKS])
    tokens = {"input_ids": torch.zeros(2, 50, dtype=torch.long)}
    meter.count_pass(Losses(sums.sum(), sums, counts), tokens)
    meter.count_step(Step(number, (number + 1) / 4, (), 0, samples, 1))


def test_a_line_says_how_fast_it_went_and_how_long_it_will_take(clock):
    meter = Meter(Accelerator(cpu=True), num_steps=10, clock=clock)
    count(meter, 0, samples=3, vqa=(6, 2), caption=(8, 4))
    count(meter, 1, samples=5, vqa=(4, 2))
    clock.now += 4
    line = meter.read(step=2, loss=1.5, lr=0.1, grad_norm=None)

    assert line["loss_by_task"] == {"vqa": 2.5, "caption": 2.0}
    assert (line["samples_per_second"], line["tokens_per_second"]) == (2.0, 50.0)
    assert line["eta_seconds"] == 16.0
    assert (line["step"], line["epoch"], line["loss"]) == (2, 0.5, 1.5)


def test_a_line_begins_where_the_last_one_ended(clock):
    meter = Meter(Accelerator(cpu=True), num_steps=4, clock=clock)
    count(meter, 0, samples=8, vqa=(6, 2))
    clock.now += 1
    meter.read(step=1, loss=3.0, lr=0.1, grad_norm=None)
    count(meter, 1, samples=2, read=(5, 5))
    clock.now += 1
    line = meter.read(step=2, loss=1.0, lr=0.1, grad_norm=2.0)

    assert line["loss_by_task"] == {"read": 1.0}
    assert line["samples_per_second"] == 2.0


def test_time_that_went_into_something_else_slows_nothing_but_counts_until_the_end(clock):
    meter = Meter(Accelerator(cpu=True), num_steps=3, clock=clock)
    count(meter, 0, samples=2, vqa=(1, 1))
    clock.now += 1
    meter.read(step=1, loss=1.0, lr=0.1, grad_norm=None)
    clock.now += 8
    meter.pause()
    count(meter, 1, samples=2, vqa=(1, 1))
    clock.now += 1
    line = meter.read(step=2, loss=1.0, lr=0.1, grad_norm=None)

    assert (line["samples_per_second"], line["eta_seconds"]) == (2.0, 5.0)


def test_what_comes_before_the_first_step_comes_once(clock):
    meter = Meter(Accelerator(cpu=True), num_steps=3, clock=clock)
    clock.now += 9
    meter.pause()
    count(meter, 0, samples=2, vqa=(1, 1))
    clock.now += 1
    line = meter.read(step=1, loss=1.0, lr=0.1, grad_norm=None)

    assert (line["samples_per_second"], line["eta_seconds"]) == (2.0, 2.0)


def test_steps_of_an_earlier_run_took_this_one_no_time(clock):
    meter = Meter(Accelerator(cpu=True), num_steps=100, first=50, clock=clock)
    count(meter, 50, samples=1, vqa=(1, 1))
    clock.now += 2
    assert meter.read(step=51, loss=1.0, lr=0.1, grad_norm=None)["eta_seconds"] == 98.0


def test_memory_is_counted_in_bytes():
    assert peak_memory(torch.device("cpu")) > 50 << 20  # torch alone takes more
