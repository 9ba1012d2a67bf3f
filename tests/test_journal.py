import os
import threading
import time

import pytest

from monkeycli import journal as journal_module
from monkeycli.errors import OutputError, UsageError
from monkeycli.journal import Journal, read_records, write_all
from monkeycli.records import Record, to_json

RECORDS = [Record(kind="answer", id=str(i), source="a.pdf", answer="x" * i) for i in range(5)]
START = b'{"journal":1,"kind":"answer","keeps":false}\n'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.jsonl.part"


def write(path, records):
    journal = Journal(path)
    journal.start("answer", keeps=False)
    for record in records:
        journal.append(to_json(record))
    journal.close()


def read(path):
    journal = Journal(path)
    try:
        assert journal.read_start("answer") is False
        return [record for record, _ in journal.read_records()]
    finally:
        journal.close()


def test_what_was_written_is_read_and_can_be_added_to(path):
    write(path, RECORDS[:3])
    journal = Journal(path)
    journal.read_start("answer")
    found = list(journal.read_records())
    journal.append(to_json(RECORDS[3]))

    assert [place.read() for _, place in found] == [to_json(record) for record in RECORDS[:3]]
    journal.close()
    assert read(path) == RECORDS[:4]


def test_every_torn_end_costs_the_last_record_only(path):
    write(path, RECORDS[:2])
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for size in range(last, len(whole), 9):
        path.write_bytes(whole[:size])

        assert read(path) == RECORDS[:1]
        assert path.read_bytes() == whole[:last]


@pytest.mark.parametrize("tail", [b"\0" * 40, b"\0" * 40 + b"\n", b'{"v":1,\n'])
def test_a_last_line_that_the_disk_lost_is_cut_off(path, tail):
    write(path, RECORDS[:2])
    path.write_bytes(path.read_bytes() + tail)

    assert read(path) == RECORDS[:2]


def test_lines_longer_than_what_is_read_at_once_are_whole(path, monkeypatch):
    monkeypatch.setattr(journal_module, "_CHUNK", 7)
    write(path, RECORDS)

    assert read(path) == RECORDS


def test_a_line_in_the_middle_that_is_no_record_is_not_passed_over(path):
    write(path, RECORDS[:1])
    path.write_bytes(path.read_bytes() + b'{"v":1}\n' + to_json(RECORDS[1]))

    with pytest.raises(UsageError, match=r'mend or remove the line: {"v":1}'):
        read(path)


@pytest.mark.parametrize("torn", [b"", START[:-1], START[:9]])
def test_a_run_killed_before_its_first_line_has_none(path, torn):
    path.write_bytes(torn)
    journal = Journal(path)

    assert journal.read_start("answer") is None
    journal.close()


@pytest.mark.parametrize(
    "start,complaint",
    [
        (b"hello\n{}\n", "is not the journal of a run"),
        (b'{"a":1}\n', "is not the journal of a run"),
        (b'{"journal":2,"kind":"answer"}\n', "was written by another version"),
        (b'{"journal":1,"kind":"caption"}\n', "holds caption records, not answer records"),
    ],
)
def test_a_foreign_journal_is_refused(path, start, complaint):
    path.write_bytes(start)
    journal = Journal(path)

    with pytest.raises(UsageError, match=complaint):
        journal.read_start("answer")
    journal.close()
    assert path.read_bytes() == start


def test_a_second_run_is_refused_and_told_who_holds_it(path):
    first = Journal(path)
    with pytest.raises(OutputError, match="is being written by process 7"):
        Journal(path, owner="process 7")

    first.close()
    Journal(path).close()


def test_a_journal_removed_while_we_waited_for_it_is_made_anew(path, monkeypatch):
    """Otherwise two runs could write, one of them to a file without a name."""
    lock = journal_module._lock

    def lock_late(fd, name, owner):
        monkeypatch.setattr(journal_module, "_lock", lock)
        path.unlink()
        lock(fd, name, owner)

    monkeypatch.setattr(journal_module, "_lock", lock_late)
    journal = Journal(path)

    assert os.path.samestat(os.fstat(journal.fd), path.stat())
    journal.close()


def test_a_link_is_not_followed(path, tmp_path):
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OutputError, match="cannot be opened"):
        Journal(path)


def test_a_record_is_safe_on_the_disk_soon_after_it_was_written(path, monkeypatch):
    synced = threading.Event()
    journal = Journal(path)
    journal.start("answer", keeps=False)
    monkeypatch.setattr(os, "fsync", lambda _: synced.set())
    journal.append(to_json(RECORDS[0]))

    assert synced.wait(1.0)
    journal.close()


def test_a_disk_that_fails_in_the_background_is_told_at_the_next_record(path, monkeypatch):
    failed = threading.Event()

    def fail(_):
        failed.set()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(journal_module, "SYNC_SECONDS", 0.01)
    journal = Journal(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        journal.start("answer", keeps=False)
        assert failed.wait(1.0)
        journal._syncer.join(0.1)
        with pytest.raises(OutputError, match=r"cannot be written after \d+ bytes"):
            journal.append(to_json(RECORDS[0]))
    journal.close()


def remove(path):
    path.unlink()


def replace(path):
    path.rename(path.with_name("old"))
    path.touch()


def remove_folder(path):
    path.unlink()
    path.parent.rmdir()


@pytest.mark.parametrize("harm", [remove, replace, remove_folder])
def test_a_journal_that_was_removed_is_told_at_the_next_record(tmp_path, monkeypatch, harm):
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "out.jsonl.part"
    monkeypatch.setattr(journal_module, "SYNC_SECONDS", 0.01)
    journal = Journal(path)
    journal.start("answer", keeps=False)
    harm(path)

    def append_often():
        for _ in range(1000):
            journal.append(to_json(RECORDS[0]))
            time.sleep(0.01)

    with pytest.raises(OutputError, match=r"was removed, moved or replaced .* --resume, or run"):
        append_often()
    journal.close()


def test_a_full_disk_leaves_whole_lines_only(path, monkeypatch):
    journal = Journal(path)
    journal.start("answer", keeps=False)
    journal.append(to_json(RECORDS[0]))
    before = path.read_bytes()

    def fill(fd, data, offset):
        os.pwrite(fd, data[:10], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal_module, "write_all", fill)
    with pytest.raises(OutputError, match=f"the disk is full after {len(before)} bytes"):
        journal.append(to_json(RECORDS[1]))
    journal.close()
    assert path.read_bytes() == before


def test_write_all_goes_on_where_the_disk_took_only_a_part(path, monkeypatch):
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: pwrite(fd, data[:3], offset))
    with path.open("wb") as file:
        write_all(file.fileno(), b"0123456789", 2)

    assert path.read_bytes() == b"\0\0" + b"0123456789"


def test_a_finished_file_is_read_with_the_places_of_its_records(path):
    path.write_bytes(b"".join(to_json(record) for record in RECORDS))
    with path.open("rb") as file:
        found = list(read_records(file.fileno(), path))

        assert [record for record, _ in found] == RECORDS
        assert [place.read() for _, place in found] == [to_json(record) for record in RECORDS]
