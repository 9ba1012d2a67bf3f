"""Two processes learn what one learns: DDP on the CPU, started as on a cluster."""

import os
import subprocess
import sys

import pytest

from monkeycli.training.run_log import read_log
from tests.small_checkpoint import draw_small, small_config
from tests.training.runs import write_mixture

CHANGES = ("train.precision=float32", "tune.dropout=0", "train.steps=4", "train.batch=4")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Give a mixture whose checkpoint has no dropout, which processes would draw differently."""
    folder = tmp_path_factory.mktemp("data")
    vision = small_config().vision_config.to_dict() | {"adapter_dropout": 0.0}
    return write_mixture(folder, draw_small(folder / "calm", vision_config=vision))


def monkey_train(data, name, *launcher, resume=False, lines=()):
    out = data.parent / name
    words = [*launcher, "train", "--data", data, "-o", out, "--device", "cpu", "--log", "none"]
    words += [word for change in CHANGES for word in ("--set", change)]
    words += ["--resume"] if resume else []
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in read_log(out / "log.jsonl") if line["kind"] in lines]


ONE = (sys.executable, "-m", "monkeycli")
TWO = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend")
TWO += ("c10d", "--rdzv-endpoint", "localhost:0", "-m", "--", "monkeycli")


@pytest.mark.slow
def test_two_processes_have_the_loss_curve_of_one_that_accumulates_twice_as_much(data):
    kinds = ("train", "eval")
    _, alone = monkey_train(data, "one", *ONE, lines=kinds)
    printed, together = monkey_train(data, "two", *TWO, lines=kinds)

    assert printed.splitlines()[0].endswith("two")
    assert len(printed.splitlines()) == 2
    assert [line["kind"] for line in together] == [line["kind"] for line in alone]
    for one, two in zip(alone, together, strict=True):
        for key in one.keys() & {"step", "epoch", "lr", "mean", "n"}:
            assert two[key] == one[key]
        for key in one.keys() & {"loss", "grad_norm", "loss_by_task"}:
            assert two[key] == pytest.approx(one[key], rel=1e-4)
