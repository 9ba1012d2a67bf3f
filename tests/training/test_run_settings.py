"""A run's settings are written down whole, and a run goes on only as itself."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from monkeycli.errors import UsageError
from monkeycli.model.adapter_files import Base
from monkeycli.training.mixture import Dataset, Evaluation, Mixture
from monkeycli.training.mixture_file import read_mixture
from monkeycli.training.run_settings import (
    HARMLESS,
    check_same,
    describe_run,
    read_settings,
    write_settings,
)

BASE = Base("small", "small@1.0", "0" * 8)


@pytest.fixture
def mixture(tmp_path):
    (tmp_path / "a.jsonl").write_text("{}\n")
    (tmp_path / "b.jsonl").write_text("{}\n")
    return Mixture(
        path=tmp_path / "mix.yaml",
        datasets=(Dataset(tmp_path / "a.jsonl", weight=2.0),),
        evaluations=(Evaluation(tmp_path / "b.jsonl", "b"),),
        prompts={"vqa": "{question}?"},
    )


def describe(mixture, base=BASE, **facts):
    return describe_run(mixture, base, {"device": "cpu", **facts}, command=["monkey", "train"])


def changed(mixture, **settings):
    return replace(mixture, train=replace(mixture.train, **settings))


def test_what_is_written_is_read(mixture, tmp_path):
    path = tmp_path / "run.yaml"
    path.write_bytes(write_settings(describe(mixture)))

    assert read_settings(path) == describe(mixture)
    assert check_same(read_settings(path), describe(mixture), path) == []


def test_it_says_what_is_needed_to_repeat_the_run(mixture):
    settings = yaml.safe_load(write_settings(describe(mixture, trainable_parameters=7)))

    assert settings["command"] == ["monkey", "train"]
    assert {"monkeycli", "python", "torch", "transformers", "accelerate", "peft"} == set(
        settings["versions"]
    )
    assert settings["base"] == {"model": "small", "name": "small@1.0", "digest": "00000000"}
    assert settings["trainable_parameters"] == 7
    assert settings["mixture"]["train"]["betas"] == [0.9, 0.95]
    assert settings["mixture"]["datasets"][0]["weight"] == 2.0
    assert len(settings["sha256"]["datasets"][0]) == 64


@pytest.mark.parametrize("key", sorted(HARMLESS))
def test_harmless_changes_are_told_and_allowed(mixture, key):
    name = key.removeprefix("train.")
    other = not mixture.train.gradient_checkpointing if "gradient" in name else 77
    (line,) = check_same(
        describe(mixture), describe(changed(mixture, **{name: other})), Path("run.yaml")
    )
    assert line == f"{key} was {getattr(mixture.train, name)!r} and is now {other!r}"


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda mix: changed(mix, lr=1.0), r"train\.lr was 1e-05 and is now 1\.0"),
        (lambda mix: changed(mix, steps=9), r"train\.steps was None and is now 9"),
        (
            lambda mix: replace(mix, prompts={}),
            r"prompts\.vqa was '\{question\}\?' and is now None",
        ),
        (lambda mix: replace(mix, datasets=mix.datasets * 2), r"sha256\.datasets\[1\] was None"),
        (lambda mix: replace(mix, tune=replace(mix.tune, rank=1)), r"tune\.rank was 16"),
    ],
)
def test_other_changes_are_named_and_refused(mixture, change, told):
    with pytest.raises(UsageError, match=told) as caught:
        check_same(describe(mixture), describe(change(mixture)), Path("run.yaml"))
    assert "this is not the run of run.yaml" in str(caught.value)


def test_all_differences_are_named_at_once(mixture):
    other = changed(mixture, lr=1.0, seed=5)
    with pytest.raises(UsageError, match=r"train\.lr was .*; train\.seed was"):
        check_same(describe(mixture), describe(other), Path("run.yaml"))


def test_a_changed_file_is_another_run_and_a_moved_one_is_not(mixture, tmp_path):
    before = describe(mixture)
    moved = tmp_path / "elsewhere.jsonl"
    mixture.datasets[0].path.rename(moved)
    other = replace(mixture, datasets=(replace(mixture.datasets[0], path=moved),))
    assert check_same(before, describe(other), Path("run.yaml")) == []

    moved.write_text("{} \n")
    with pytest.raises(UsageError, match=r"sha256\.datasets\[0\] was"):
        check_same(before, describe(other), Path("run.yaml"))


def test_another_base_is_another_run(mixture):
    other = replace(BASE, name="small@1.1", digest="1" * 8)
    with pytest.raises(UsageError, match=r"name was 'small@1\.0' and is now 'small@1\.1'; digest"):
        check_same(describe(mixture), describe(mixture, other), Path("run.yaml"))


def test_the_mixture_in_it_is_a_mixture_file(mixture, tmp_path):
    path = tmp_path / "again.yaml"
    path.write_text(yaml.safe_dump(describe(mixture)["mixture"]))

    assert replace(read_mixture(path), path=mixture.path) == mixture


@pytest.mark.parametrize("text", ["[1", "[]", "version: 1", "mixture: 3\nbase: 4", ""])
def test_what_is_no_runs_settings_is_told(tmp_path, text):
    path = tmp_path / "run.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"run\.yaml"):
        read_settings(path)


def test_a_missing_dataset_is_named(mixture):
    mixture.datasets[0].path.unlink()
    with pytest.raises(UsageError, match=r"a\.jsonl cannot be read: No such file"):
        describe(mixture)
