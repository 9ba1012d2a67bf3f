"""The log outlives its run, and is taken back to the step that a run goes on from."""

import pytest

from monkeycli.errors import OutputError, UsageError
from monkeycli.training.run_log import RunLog, read_log


def lines(*steps):
    return [{"kind": "train", "step": step, "loss": 1.0 / step} for step in steps]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "log.jsonl"
    with RunLog(path) as log:
        for line in lines(1, 2, 3):
            log.append(line)
    return path


def test_what_is_appended_is_read(path):
    assert read_log(path) == lines(1, 2, 3)


def test_steps_that_will_be_taken_again_are_taken_back(path):
    with RunLog(path, last_step=2) as log:
        assert log.lines == lines(1, 2)
        log.append({"kind": "train", "step": 3, "loss": 7.0})

    assert [line["loss"] for line in read_log(path)] == [1.0, 0.5, 7.0]


@pytest.mark.parametrize("torn", [b'{"kind":"train","st', b'{"kind":"train","st\n'])
def test_a_torn_last_line_is_left_out(path, torn):
    path.write_bytes(path.read_bytes() + torn)

    assert read_log(path) == lines(1, 2, 3)
    with RunLog(path, last_step=3) as log:
        log.append({"step": 4})
    assert len(read_log(path)) == 4


def test_another_broken_line_is_an_error_with_its_number(path):
    path.write_bytes(b"what?\n" + path.read_bytes())

    with pytest.raises(UsageError, match=r"log\.jsonl:1: not a line of a run's log"):
        read_log(path)


def test_two_runs_cannot_have_the_same_log(path):
    with (
        RunLog(path, last_step=3),
        pytest.raises(OutputError, match="is being written by another run"),
    ):
        RunLog(path, last_step=3)
    assert read_log(path) == lines(1, 2, 3)
