"""What is wrong with a mixture's files, and where a process computes."""

import pytest
import torch

from monkeycli.errors import UsageError
from monkeycli.training.loading import MAX_PROBLEMS, find_place, load_samples, load_tuned
from monkeycli.training.mixture_file import read_mixture
from tests.training.runs import write_mixture


@pytest.fixture
def path(tmp_path, small_folder):
    return write_mixture(tmp_path, small_folder)


def test_samples_are_those_of_the_files(path):
    samples, (held_out,) = load_samples(read_mixture(path))
    assert len(samples) == 7
    assert {sample.task for sample in samples} == {"vqa", "no_answer", "caption"}
    assert (held_out.evaluation.name, len(held_out.samples)) == ("held-out", 1)


def test_an_image_that_is_not_there_is_named_once(path, tmp_path):
    (tmp_path / "report.pdf").unlink()
    with pytest.raises(UsageError) as caught:
        load_samples(read_mixture(path))
    assert caught.value.message.count("\n") == 0
    assert "learn.jsonl:1: image " in caught.value.message
    assert "report.pdf does not exist" in caught.value.message


def test_of_many_problems_the_first_are_shown_and_the_others_counted(path, tmp_path):
    (tmp_path / "learn.jsonl").write_text('{"image": 1}\n' * (MAX_PROBLEMS + 5))
    with pytest.raises(UsageError) as caught:
        load_samples(read_mixture(path))
    lines = caught.value.message.splitlines()
    assert len(lines) == MAX_PROBLEMS + 1
    assert lines[-1] == "and 5 more problems"


@pytest.mark.parametrize("precision, dtype", [("float32", 4), ("bfloat16", 2)])
def test_what_is_learnt_is_float32_and_what_stays_is_in_the_precision(path, precision, dtype):
    mixture = read_mixture(path, [f"train.precision={precision}"])
    tuned, _ = load_tuned(mixture, find_place("cpu", precision))
    learns = set(map(id, tuned.trainable().values()))

    assert all(weight.dtype == torch.float32 for weight in tuned.trainable().values())
    stays = {w.dtype.itemsize for w in tuned.model.parameters() if id(w) not in learns}
    assert stays == {dtype}


def test_what_is_tuned_as_a_whole_is_not_rounded_first(path, small_monkey):
    mixture = read_mixture(path, ["tune.method=full", "train.precision=bfloat16"])
    tuned, _ = load_tuned(mixture, find_place("cpu", "bfloat16"))
    stored = dict(small_monkey.model.named_parameters())
    assert all(torch.equal(weight, stored[name]) for name, weight in tuned.trainable().items())


def test_a_process_is_told_its_place_by_its_launcher(monkeypatch):
    assert find_place("cpu", "float32").is_main
    for name, value in {"RANK": "1", "WORLD_SIZE": "4", "ACCELERATE_USE_FSDP": "true"}.items():
        monkeypatch.setenv(name, value)
    place = find_place("cpu", "float32")

    assert (place.process, place.num_processes, place.is_main) == (1, 4, False)
    assert place.is_sharded
    assert place.dtype == torch.float32


def test_processes_cannot_all_have_the_same_gpu(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    with pytest.raises(UsageError, match="2 processes were started, each with a GPU of its own"):
        find_place("cuda:1", "float32")
