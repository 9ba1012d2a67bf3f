import errno
import os
import stat
from pathlib import Path

import pytest

from monkeycli.errors import OutputError, UsageError
from monkeycli.output_files import cannot_write, check_output, facts_path, part_path, replace_file
from tests.small_disk import small_disk


def test_a_new_file_in_a_folder_is_fine(tmp_path):
    check_output(tmp_path / "out.jsonl", [str(tmp_path), str(tmp_path / "no.pdf")])


@pytest.mark.parametrize("beside", [lambda path: path, part_path, facts_path])
@pytest.mark.parametrize(
    "make,complaint",
    [
        (lambda path: path.mkdir(), "it is a directory"),
        (lambda path: path.symlink_to("elsewhere"), "it is a symbolic link"),
        (os.mkfifo, "it is a named pipe"),
    ],
)
def test_what_is_no_regular_file_is_refused(tmp_path, beside, make, complaint):
    path = tmp_path / "out.jsonl"
    make(beside(path))

    with pytest.raises(OutputError, match=complaint):
        check_output(path)


@pytest.mark.parametrize("name", ["no/out.jsonl", "file/out.jsonl"])
def test_the_folder_must_be_there(tmp_path, name):
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="there is no folder"):
        check_output(tmp_path / name)


def test_a_device_is_refused():
    with pytest.raises(OutputError, match="/dev/null cannot be written: it is a device"):
        check_output(Path("/dev/null"))


@pytest.mark.parametrize("name,complaint", [(".", "is not writable"), ("out", "is read-only")])
def test_what_is_not_writable_is_refused(tmp_path, monkeypatch, name, complaint):
    """`os.access` is replaced, since root may write anywhere."""
    (tmp_path / "out").touch()
    monkeypatch.setattr(os, "access", lambda path, _: path != tmp_path / name)

    with pytest.raises(OutputError, match=complaint):
        check_output(tmp_path / "out")


@pytest.mark.parametrize("beside", [lambda path: path, part_path, facts_path])
def test_an_input_is_never_the_output(tmp_path, beside):
    path = tmp_path / "out.jsonl"
    given = beside(path)
    given.touch()
    link = tmp_path / "link"
    link.symlink_to(given)

    for name in (given, link, tmp_path / "." / given.name):
        with pytest.raises(UsageError, match="is an input as well"):
            check_output(path, [str(name)])


def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, [b"n", b"ew"])

    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_content_stays_if_the_new_one_cannot_be_made(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def chunks():
        yield b"ne"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replace_file(path, chunks())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told_with_the_bytes_and_leaves_the_old_content(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"old")

    told = r"out: the disk is full after \d+ bytes"
    with small_disk(1000), pytest.raises(OutputError, match=told):
        replace_file(path, [b"x" * 600] * 3)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_another_trouble_is_not_called_a_full_disk(tmp_path):
    error = cannot_write(tmp_path, 7, OSError(errno.EIO, os.strerror(errno.EIO)))

    assert "cannot be written after 7 bytes (Input/output error)" in str(error)
