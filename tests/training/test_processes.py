"""Two processes learn what one learns: DDP and FSDP on the CPU, started as on a cluster."""

import os
import shutil
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

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
SHARED = (sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch", "--use_fsdp")
SHARED += ("--fsdp_version", "2", "--fsdp_auto_wrap_policy", "TRANSFORMER_BASED_WRAP")
SHARED += ("--fsdp_transformer_layer_cls_to_wrap", "LlamaDecoderLayer", "--num_processes", "2")
SHARED += ("--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no")
SHARED += ("--main_process_port", "0", "-m", "tests.training.sharing")


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


@pytest.mark.slow
def test_weights_shared_out_by_accelerate_learn_the_same_and_are_resumed(data):
    kinds = ("train", "eval")
    _, alone = monkey_train(data, "calm-one", *ONE, lines=kinds)
    printed, together = monkey_train(data, "shared", *SHARED, lines=kinds)

    assert len(printed.splitlines()) == 2
    assert [line["kind"] for line in together] == [line["kind"] for line in alone]
    for one, two in zip(alone, together, strict=True):
        for key in one.keys() & {"step", "mean", "n", "loss", "grad_norm"}:
            assert two[key] == pytest.approx(one[key], rel=1e-4)
    learnt = [
        load_file(data.parent / run / "step-4" / "adapter_model.safetensors")
        for run in ("calm-one", "shared")
    ]
    assert not list((data.parent / "shared" / "step-4").glob("*model_fsdp*"))  # not all again
    assert learnt[0].keys() == learnt[1].keys()
    assert all(torch.allclose(learnt[0][name], learnt[1][name], atol=1e-5) for name in learnt[0])

    shutil.rmtree(data.parent / "shared" / "step-4")
    _, resumed = monkey_train(data, "shared", *SHARED, resume=True, lines=kinds)
    steps = {line["step"]: line["loss"] for line in resumed if line["kind"] == "train"}
    assert steps == pytest.approx(
        {line["step"]: line["loss"] for line in together if line["kind"] == "train"}, rel=1e-6
    )
