"""What finished stages found outlives the run, whatever happens to the last line."""

import pytest

from monkeycli.describing.stage_file import StageFile, stage_key, stages_path
from monkeycli.errors import OutputError, UsageError

FOUND = [{"text": "Total", "box": [0.1, 0.2, 0.3, 0.4]}]


@pytest.fixture
def path(tmp_path):
    path = stages_path(tmp_path / "out.jsonl")
    file = StageFile(path)
    file.keep("text", "one", FOUND)
    file.keep("text", "two", [])
    file.close()
    return path


def reopen(path):
    file = StageFile(path)
    try:
        return [file.find(key) for key in ("one", "two", "three")]
    finally:
        file.close()


def test_what_was_kept_is_found_and_nothing_else(path):
    assert reopen(path) == [FOUND, [], None]


def test_an_empty_result_is_not_asked_for_again(path):
    assert reopen(path)[1] == []


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_file_cut_at_any_byte_keeps_its_whole_lines(path, cut):
    data = path.read_bytes()
    path.write_bytes(data[:-cut])
    num_lines = data[:-cut].count(b"\n") - 1

    assert [found is not None for found in reopen(path)] == [n < num_lines for n in range(3)]
    file = StageFile(path)
    file.keep("text", "three", FOUND)
    file.close()
    assert reopen(path)[2] == FOUND


def test_cut_within_its_first_line_it_begins_anew(path):
    path.write_bytes(path.read_bytes()[:5])

    assert reopen(path) == [None, None, None]


@pytest.mark.parametrize(
    "data", [b"a,b\n1,2\n3,4\n", b'{"v":1}\n{"v":1}\n', b"x" * 5000, b'{"stages":1}\n[]\n[]\n']
)
def test_another_file_is_left_as_it_is(tmp_path, data):
    path = tmp_path / "notes"
    path.write_bytes(data)

    with pytest.raises(UsageError, match="is not a file of stages"):
        StageFile(path)
    assert path.read_bytes() == data


def test_two_runs_do_not_write_at_once(path):
    file = StageFile(path)
    with pytest.raises(OutputError, match="is being written by another run"):
        StageFile(path)
    file.close()
    file.close()


def test_it_can_be_removed(path):
    StageFile(path).remove()

    assert not path.exists()


def test_a_key_hangs_on_all_its_parts():
    keys = {stage_key(*parts) for parts in (("a", 1), ("a", 2), ("a",), ("a", "1"), (("a", 1),))}

    assert len(keys) == 5
    assert stage_key("a", 1) == stage_key("a", 1)
