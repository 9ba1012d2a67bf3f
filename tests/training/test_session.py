"""A run from its mixture to its folder; the same again, and on from where it was stopped."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForImageTextToText

from monkeycli import api
from monkeycli.errors import ModelError, OutputError, UsageError
from monkeycli.signals import StopRequest
from monkeycli.training import session
from monkeycli.training import trainer as trainer_module
from monkeycli.training.mixture_file import read_mixture
from monkeycli.training.run_folder import RunFolder
from monkeycli.training.run_log import read_log
from monkeycli.training.session import Hooks, RunOptions, train
from tests.small_disk import small_disk
from tests.training.runs import write_mixture

TIMES = {"samples_per_second", "tokens_per_second", "peak_memory", "eta_seconds"}
"""Of a line of the log, what differs from run to run."""


@pytest.fixture(scope="module")
def data(tmp_path_factory, small_folder):
    """Give a mixture file; runs lie beside it."""
    folder = tmp_path_factory.mktemp("data")
    return write_mixture(folder, small_folder)


@pytest.fixture(autouse=True)
def plots(monkeypatch, request):
    """Draw nothing where it is not looked at: a plot takes longer than the steps it shows."""
    if "whole" not in request.fixturenames:
        monkeypatch.setattr(session, "draw_loss", lambda _: b"")
        monkeypatch.setattr(session, "draw_evaluations", lambda _: None)


def start(data, out, *changes, resume=False, stop=None, **hooks):
    mixture = read_mixture(data, ["train.precision=float32", *changes])
    options = RunOptions(resume=resume, device="cpu", logger="none", command=["monkey", "train"])
    return train(mixture, out, options, stop=stop, hooks=Hooks(**hooks))


@pytest.fixture(scope="module")
def whole(data):
    """Give the folder of a run that nothing interrupted, and what came of it."""
    out = data.parent / "whole"
    return out, start(data, out)


def told(out: Path) -> list[dict]:
    """Give the log without what differs from run to run."""
    return [
        {key: value for key, value in line.items() if key not in TIMES}
        for line in read_log(out / "log.jsonl")
    ]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return {
        f"{path.name}:{name}": tensor
        for path in sorted(folder.glob("*.safetensors"))
        for name, tensor in load_file(path).items()
    }


def assert_same_weights(one: Path, other: Path):
    ours, theirs = weights(one), weights(other)
    assert ours and ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_run_leaves_all_that_was_promised(whole):
    out, outcome = whole

    assert {path.name for path in out.iterdir()} >= {
        *("run.yaml", "log.jsonl", "loss.png", "eval.png", "best", "adapter", "model", "step-6"),
    }
    assert (outcome.step, outcome.num_steps) == (6, 6)
    assert [line["step"] for line in told(out) if line["kind"] == "train"] == [1, 2, 3, 4, 5, 6]
    assert [line["step"] for line in told(out) if line["kind"] == "eval"] == [0, 3, 6]
    lines = [line for line in read_log(out / "log.jsonl") if line["kind"] == "train"]
    assert all(line.keys() >= TIMES | {"epoch", "loss", "lr", "loss_by_task"} for line in lines)
    assert lines[-1]["eta_seconds"] == 0 and lines[0]["eta_seconds"] > 0
    assert lines[2]["epoch"] == 1.0
    assert lines[-1]["loss"] < lines[0]["loss"] - 1  # it learns


def test_the_loss_is_that_of_its_tasks(whole):
    """Steps have the labels of 7 samples, so that the mean over tasks alone would be another."""
    for line in told(whole[0]):
        if line["kind"] == "train":
            losses = line["loss_by_task"].values()
            assert min(losses) - 1e-6 <= line["loss"] <= max(losses) + 1e-6


def test_the_whole_model_is_ready_to_be_asked(whole, data):
    monkey = api.load(whole[0], device="cpu", dtype="float32")
    (record,) = monkey.ask(data.parent / "other.pdf", "total?")

    assert record.status == "ok"
    assert record.model.startswith("whole@")


def test_the_whole_model_is_one_for_transformers(whole, small_folder):
    model = AutoModelForImageTextToText.from_pretrained(whole[0] / "model")
    base = AutoModelForImageTextToText.from_pretrained(small_folder)

    changed = {
        name
        for name, weight in model.state_dict().items()
        if not torch.equal(weight, base.state_dict()[name])
    }
    assert changed
    assert not any("lora" in name and "language_model" in name for name in model.state_dict())
    assert not hasattr(model.config, "use_cache")


def test_the_same_seed_gives_the_same_weights(whole, data):
    start(data, data.parent / "again")

    assert told(data.parent / "again") == told(whole[0])
    assert_same_weights(data.parent / "again" / "step-6", whole[0] / "step-6")
    assert_same_weights(data.parent / "again" / "model", whole[0] / "model")


def test_a_stopped_run_is_saved_and_goes_on_bit_for_bit(whole, data):
    out = data.parent / "stopped"
    stop = StopRequest()

    def ask(step):
        if step == 3:
            stop.number = signal.SIGINT

    outcome = start(data, out, stop=stop, on_step=ask)
    assert (outcome.step, list(RunFolder(out).checkpoints())) == (3, [2, 3])
    assert (out / "model" / "config.json").is_file()

    outcome = start(data, out, resume=True)
    assert outcome.step == 6
    losses = [line for line in told(out) if line["kind"] == "train"]
    assert losses == [line for line in told(whole[0]) if line["kind"] == "train"]
    assert_same_weights(out / "step-6", whole[0] / "step-6")


KILLED = """
import os, signal, sys
from pathlib import Path
from monkeycli.training.mixture_file import read_mixture
from monkeycli.training.session import Hooks, RunOptions, train

def die(step):
    if step == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

mixture = read_mixture(Path(sys.argv[1]), ["train.precision=float32"])
options = RunOptions(resume=True, device="cpu", logger="none")
train(mixture, Path(sys.argv[2]), options, hooks=Hooks(on_step=die))
"""


@pytest.mark.parametrize("step, saved", [(5, [2, 3, 4]), (1, [])])
def test_a_killed_run_goes_on_bit_for_bit(whole, data, step, saved):
    out = data.parent / f"killed-{step}"
    # Other tests may have changed the number of threads, on which the last digits hang.
    threads = {**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    program = [sys.executable, "-c", KILLED, data, out, str(step)]
    done = subprocess.run(program, check=False, env=threads)
    assert done.returncode == -signal.SIGKILL
    assert list(RunFolder(out).checkpoints()) == saved

    outcome = start(data, out, resume=True)
    assert outcome.step == 6
    assert told(out) == told(whole[0])
    assert_same_weights(out / "step-6", whole[0] / "step-6")
    assert_same_weights(out / "model", whole[0] / "model")


KILLED_OFTEN = """
import os, random, signal, sys, time
from pathlib import Path
from monkeycli.training.mixture_file import read_mixture
from monkeycli.training.run_folder import RunFolder
from monkeycli.training.session import RunOptions, train

data, out, num_kills, *changes = sys.argv[1:]
mixture, out = read_mixture(Path(data), changes), Path(out)
options = RunOptions(resume=True, device="cpu", logger="none")
draw = random.Random(7)
for kill in range(int(num_kills)):
    before = max(RunFolder(out).checkpoints(), default=0)
    child = os.fork()  # what is imported is imported once
    if not child:
        train(mixture, out, options)
        os._exit(0)
    while max(RunFolder(out).checkpoints(), default=0) <= before:
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it ended before it was killed"
        time.sleep(0.005)
    time.sleep(draw.random() * 0.5)
    os.kill(child, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    print(max(RunFolder(out).checkpoints()), *(p.name for p in out.glob("*.part")), flush=True)
train(mixture, out, options)
"""


@pytest.mark.slow
def test_twenty_kills_at_any_moment_change_nothing(data):
    """Every step is saved, so that kills fall into saving, evaluating and drawing, too."""
    changes = [f"train.{name}" for name in ("steps=80", "save_every=1", "eval_every=7", "keep=2")]
    changes.append("train.precision=float32")
    calm, out = data.parent / "calm", data.parent / "killed-often"
    start(data, calm, *changes)
    words = [sys.executable, "-c", KILLED_OFTEN, data, out, "20", *changes]
    done = subprocess.run(words, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 20
    assert told(out) == told(calm)
    assert_same_weights(out / "step-80", calm / "step-80")


@pytest.mark.slow
def test_a_torn_checkpoint_is_passed_over(whole, data):
    out = data.parent / "torn"
    start(data, out, stop=_stop_at(4))
    (out / "step-4" / "optimizer.pt").write_bytes(b"half")

    steps = []
    start(data, out, resume=True, on_step=steps.append)
    assert steps[0] < 5
    assert_same_weights(out / "step-6", whole[0] / "step-6")


def _stop_at(step):
    """Make a request that is made when it has been looked at so many times."""

    class Counting(StopRequest):
        looked = 0

        @property
        def is_made(self):
            self.looked += 1
            return self.looked >= step

    return Counting()


@pytest.mark.slow
def test_a_run_without_an_evaluation_keeps_the_last_step(data):
    out = data.parent / "blind"
    mixture = data.with_name("blind.yaml")
    head, _, rest = data.read_text().partition("eval:")
    mixture.write_text(head + rest[rest.index("train:") :])
    outcome = start(mixture, out, "train.save_every=1", "train.keep=1", "train.steps=2")

    assert (outcome.chosen, outcome.scores) == (2, ())
    assert list(RunFolder(out).checkpoints()) == [2]
    assert not (out / "eval.png").exists() and (out / "loss.png").exists()
    assert_same_weights(out / "adapter", out / "step-2")


def test_the_best_step_is_the_one_that_is_exported(data, monkeypatch):
    scores = iter([1.0, 0.1, 0.9, 0.3])  # that before the first step does not count

    class Falling(session.Evaluator):
        def evaluate(self, model):
            (score,) = super().evaluate(model)
            interval = replace(score.interval, mean=next(scores))
            return [replace(score, interval=interval)]

    monkeypatch.setattr(session, "Evaluator", Falling)
    out = data.parent / "best"
    outcome = start(data, out, "train.steps=3", "train.eval_every=1", "train.keep=1")

    assert outcome.chosen == 2
    assert json.loads((out / "best").read_text()) == {"step": 2, "score": 0.9}
    assert list(RunFolder(out).checkpoints()) == [2, 3]
    assert_same_weights(out / "adapter", out / "step-2")
    assert [line["mean"] for line in outcome.scores] == [0.9]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["full", "prompt", "prefix", "ia3"])
def test_every_method_trains_and_goes_on(data, method):
    changes = (f"tune.method={method}", "train.steps=2", "train.save_every=1", "train.lr=1e-3")
    whole, out = data.parent / method, data.parent / f"{method}-stopped"
    start(data, whole, *changes)
    start(data, out, *changes, stop=_stop_at(1))
    start(data, out, *changes, resume=True)

    assert_same_weights(out / "step-2", whole / "step-2")
    assert (whole / "model" / "config.json").is_file()


def test_memory_that_does_not_suffice_names_samples_and_what_to_lower(data, monkeypatch):
    out = data.parent / "memory"
    take = trainer_module.MonkeyTrainer._take_pass

    def fill(self, model, tensors, step):
        if step.number == 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried ...")
        return take(self, model, tensors, step)

    monkeypatch.setattr(trainer_module.MonkeyTrainer, "_take_pass", fill)
    with pytest.raises(ModelError) as caught:
        start(data, out)

    told = str(caught.value)
    assert "step 3 does not fit into memory, at" in told
    assert "learn.jsonl:" in told
    for setting in ("pages_per_pass", "max_tokens", "gradient_checkpointing"):
        assert setting in told
    assert list(RunFolder(out).checkpoints()) == [2]


def test_a_loss_that_is_no_number_stops_the_run(data, monkeypatch):
    monkeypatch.setattr(
        trainer_module.MonkeyTrainer, "_take_pass", lambda *_: torch.tensor(float("nan"))
    )
    with pytest.raises(UsageError, match=r"the loss of step 1 is nan, at .*; lower train\.lr"):
        start(data, data.parent / "nan")


def test_a_full_disk_keeps_the_last_good_checkpoint(data):
    out = data.parent / "disk"
    stack = ExitStack()

    def fill(step):
        if step == 2:
            stack.enter_context(small_disk(50_000))

    with stack, pytest.raises(OutputError) as caught:
        start(data, out, "train.save_every=1", on_step=fill)

    assert re.search(r"step-2\.part.*the disk is full.* after \d+ bytes; what", str(caught.value))
    assert list(RunFolder(out).checkpoints()) == [1]
    assert not (out / "step-2.part").exists()


@pytest.mark.slow
def test_a_page_that_vanishes_while_training_is_named(data, small_folder, tmp_path):
    mixture = write_mixture(tmp_path, small_folder)

    def remove(step):
        (tmp_path / "report.pdf").unlink(missing_ok=True)

    with pytest.raises(UsageError, match=r"report\.pdf does not exist"):
        start(mixture, tmp_path / "run", "train.steps=30", "train.save_every=1", on_step=remove)
    assert RunFolder(tmp_path / "run").checkpoints()


def test_bad_lines_and_missing_images_are_all_named_before_anything_is_made(small_folder, tmp_path):
    mixture = write_mixture(tmp_path, small_folder)
    lines = (tmp_path / "learn.jsonl").read_text()
    (tmp_path / "learn.jsonl").write_text(f'{lines}{{"image": 3}}\nwhat?\n')
    (tmp_path / "photo.png").unlink()

    with pytest.raises(UsageError) as caught:
        start(mixture, tmp_path / "run")
    told = str(caught.value).splitlines()
    assert len(told) == 3
    assert "learn.jsonl:8" in told[0] and "learn.jsonl:9" in told[1]
    assert re.search(r"learn\.jsonl:5: image .*photo\.png does not exist", told[2])
    assert not (tmp_path / "run").exists()


def test_another_mixture_is_refused_and_harmless_changes_are_told(whole, data):
    with pytest.raises(UsageError, match=r"train\.lr was 0\.01 and is now 0\.1"):
        start(data, whole[0], "train.lr=0.1", resume=True)

    said = []
    start(data, whole[0], "train.keep=9", resume=True, say=said.append)
    assert said == ["train.keep was 3 and is now 9"]


def test_a_run_that_is_there_is_not_written_over(whole, data):
    before = {path: path.stat().st_mtime_ns for path in whole[0].rglob("*")}
    with pytest.raises(UsageError, match="whole is there already; go on with --resume"):
        start(data, whole[0])
    assert {path: path.stat().st_mtime_ns for path in whole[0].rglob("*")} == before


@pytest.mark.slow
def test_tensorboard_gets_the_log(data):
    out = data.parent / "board"
    mixture = read_mixture(data, ["train.precision=float32", "train.steps=1"])
    train(mixture, out, RunOptions(device="cpu"))

    (events,) = (out / "tensorboard").iterdir()
    content = events.read_bytes()
    for name in (b"train/loss", b"train/loss_by_task/vqa", b"eval/held-out/anls"):
        assert name in content


def test_wandb_that_is_not_installed_is_told(data):
    mixture = read_mixture(data, ["train.precision=float32"])
    with pytest.raises(UsageError, match="wandb is not installed; pip install wandb"):
        train(mixture, data.parent / "wandb", RunOptions(device="cpu", logger="wandb"))
