"""Every sample is learnt once an epoch, in steps of `batch`, however many processes share them."""

from dataclasses import replace
from itertools import chain
from pathlib import Path
from threading import Event, Timer
from time import sleep

import pytest

from monkeycli.training.mixture import Dataset, TrainSettings
from monkeycli.training.page_dataset import PageDataset, PassLoader, cut, share_out
from monkeycli.training.sample import ImageSource, Sample
from monkeycli.training.sampling import Group


def group(page, num_samples=1):
    image = ImageSource(Path(f"{page}.png"))
    samples = [
        Sample(f"a.jsonl:{page}.{n}", 0, "vqa", image, f"q{n}", ("a",)) for n in range(num_samples)
    ]
    return Group(image, tuple(samples))


SAMPLES = [sample for page in range(7) for sample in group(page, 1 + page % 3).samples]
SETTINGS = TrainSettings(batch=4, epochs=2, seed=3)


def dataset(settings=SETTINGS, **sharing):
    return PageDataset(
        SAMPLES, [Dataset(Path("a.jsonl"))], settings, num_labels=lambda sample: 2, **sharing
    )


def origins(groups):
    return [sample.origin for group in groups for sample in group.samples]


def learnt(step):
    """Name the samples of a step's passes, those of idle passes left out."""
    passes = step.passes[: len(step.passes) - step.num_idle]
    return origins(chain.from_iterable(passes))


def test_a_step_has_as_many_samples_as_a_batch():
    steps = cut([group(0, 3), group(1, 6), group(2, 1)], 4)

    assert [sum(len(part.samples) for part in step) for step in steps] == [4, 4, 2]
    assert origins(chain.from_iterable(steps)) == origins([group(0, 3), group(1, 6), group(2, 1)])


def test_an_epoch_is_every_sample_once():
    run = dataset()
    assert len(run) == 2 * run.steps_per_epoch == 8
    for epoch in (0, 1):
        steps = [run[n] for n in range(4 * epoch, 4 * epoch + 4)]
        assert sorted(chain.from_iterable(map(learnt, steps))) == sorted(
            sample.origin for sample in SAMPLES
        )
        assert [step.num_samples for step in steps] == [4, 4, 4, 1]
        assert [step.num_labels for step in steps] == [8, 8, 8, 2]
    assert run[7].epoch == 2.0


def test_step_n_is_the_same_whatever_was_drawn_before():
    run, other = dataset(), dataset()
    steps = [run[n] for n in range(8)]

    assert [other[n] for n in reversed(range(8))] == steps[::-1]
    assert learnt(steps[0]) != learnt(steps[4])


def test_another_seed_is_another_order():
    assert learnt(dataset()[0]) != learnt(dataset(replace(SETTINGS, seed=4))[0])


@pytest.mark.parametrize(
    "settings, steps",
    [({"steps": 3}, 3), ({"steps": 11}, 11), ({"epochs": 0.5}, 2), ({"epochs": 0.3}, 2)],
)
def test_steps_count_more_than_epochs(settings, steps):
    run = dataset(replace(SETTINGS, **settings))
    assert len(run) == steps
    with pytest.raises(IndexError):
        run[steps]


@pytest.mark.parametrize("num_processes", [1, 2, 3, 5])
@pytest.mark.parametrize("pages_per_pass", [1, 2, 3])
def test_processes_share_a_step_without_losing_or_doubling_a_sample(num_processes, pages_per_pass):
    settings = replace(SETTINGS, pages_per_pass=pages_per_pass)
    alone = dataset(settings)
    runs = [dataset(settings, process=n, num_processes=num_processes) for n in range(num_processes)]
    for number in range(len(alone)):
        steps = [run[number] for run in runs]
        assert sorted(chain(*map(learnt, steps))) == sorted(learnt(alone[number]))
        assert len({len(step.passes) for step in steps}) == 1
        assert {step.num_labels for step in steps} == {alone[number].num_labels}
        assert max(len(groups) for step in steps for groups in step.passes) <= pages_per_pass


def test_a_single_page_is_divided_rather_than_leaving_a_process_idle():
    (mine,), num_idle = share_out([group(0, 4)], 1, process=1, num_processes=2)
    assert (origins(mine), num_idle) == (["a.jsonl:0.2", "a.jsonl:0.3"], 0)


def test_a_process_without_work_keeps_up():
    passes, num_idle = share_out([group(0), group(1), group(2)], 1, process=1, num_processes=2)
    assert ([origins(groups) for groups in passes], num_idle) == (
        [["a.jsonl:1.0"], ["a.jsonl:0.0"]],
        1,
    )


@pytest.mark.parametrize("first", [0, 5])
def test_the_loader_prepares_each_pass_once_and_begins_where_it_is_told(first):
    run = dataset()
    prepared = []

    def prepare(groups):
        prepared.append(groups)
        return {"groups": groups}

    steps, drawn = [], []
    for step, passes in PassLoader(run, prepare, first):
        steps.append(step)
        drawn.append(tuple(tensors["groups"] for tensors in passes))

    assert steps == [run[n] for n in range(first, len(run))]
    assert drawn == [step.passes for step in steps]
    assert prepared == list(chain.from_iterable(drawn))


def test_what_fails_while_preparing_is_raised_to_whoever_waits_for_it():
    def prepare(groups):
        raise OSError("page 3 is gone")

    steps = iter(PassLoader(dataset(), prepare))
    _, passes = next(steps)
    with pytest.raises(OSError, match="page 3 is gone"):
        next(passes)


def test_nothing_is_being_prepared_once_the_loader_is_closed():
    begun, released, ended = Event(), Event(), []

    def prepare(groups):
        if begun.is_set():
            released.wait(60)
        begun.set()
        ended.append(groups)
        return {}

    loader = PassLoader(dataset(), prepare)
    steps = iter(loader)  # held on to, as a traceback does
    next(next(steps)[1])
    Timer(0.2, released.set).start()
    loader.close()
    num_ended = len(ended)
    assert num_ended == 2
    sleep(0.3)
    assert len(ended) == num_ended
