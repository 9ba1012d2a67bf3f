import time

import torch

from monkeycli.bench import machine

CPU = torch.device("cpu")


def test_the_first_run_does_not_count():
    naps = iter([0.05, 0.001, 0.001, 0.001])
    assert machine.seconds_of(lambda: time.sleep(next(naps)), CPU, times=3) < 0.03


def test_one_slow_run_is_not_the_median():
    naps = iter([0.0, 0.001, 0.06, 0.001])
    assert machine.seconds_of(lambda: time.sleep(next(naps)), CPU, times=3) < 0.03


def test_rates_are_of_this_world(monkeypatch):
    monkeypatch.setitem(machine.SIDE, "cpu", 64)
    monkeypatch.setitem(machine.COPIED, "cpu", 2**16)
    assert 1e6 < machine.matrix_rate(CPU, torch.float32) < 1e15
    assert 1e6 < machine.memory_rate(CPU) < 1e14
