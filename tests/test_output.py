import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import orjson
import pytest

from monkeycli.errors import ItemError, OutputError, UsageError
from monkeycli.output import (
    FileOutput,
    OutputOptions,
    StreamOutput,
    check_options,
    open_output,
)
from monkeycli.records import Record, from_json, to_json
from tests.small_disk import small_disk


def record(number, **known):
    known = {"source": f"{number}.pdf", "question": "total?", "answer": f"${number}", **known}
    return Record(kind="answer", id=f"{number:032}", page=1, **known)


def failed(number, **known):
    return record(number, **known).failed(ItemError("oom", "too large"))


class Stream:
    """Standard output, for a test."""

    def __init__(self):
        self.writes = []

    def write(self, data):
        self.writes.append(data)


@pytest.fixture
def run(tmp_path):
    """Write records to `out.jsonl`, or another file, as a run would; return its output."""

    def write(records, name="out.jsonl", *, error=None, **options):
        options = OutputOptions(path=str(tmp_path / name), **options)
        with open_output(options, Stream()) as output:
            for item in records:
                output.write(output.done(item.id) or item)
            if error:
                raise error
        return output

    return write


def lines(path):
    return [from_json(line) for line in path.read_bytes().splitlines()]


def part(path):
    return [from_json(line) for line in path.read_bytes().splitlines()[1:]]


# Standard output


def test_standard_output_gets_each_record_as_it_comes():
    stream = Stream()
    with open_output(OutputOptions(), stream) as output:
        output.write(record(1))
        assert stream.writes == [b"1.pdf\t1\ttotal?\t$1\n"]
        output.write(record(2))

    assert isinstance(output, StreamOutput)
    assert len(stream.writes) == 2
    assert output.done(record(1).id) is None
    assert output.totals.answered == 2


def test_a_single_answer_stands_alone():
    stream = Stream()
    with open_output(OutputOptions(is_single=True), stream) as output:
        output.write(record(1))

    assert stream.writes == [b"$1\n"]


@pytest.mark.parametrize("records", [[], [record(1)], [record(1), record(2)]])
def test_a_table_has_its_header_once(records):
    stream = Stream()
    with open_output(OutputOptions(format="csv", path="-"), stream) as output:
        for item in records:
            output.write(item)

    assert len(stream.writes) == 1 + len(records)
    assert stream.writes[0].startswith(b"source,page,")


def test_a_run_that_breaks_off_adds_nothing_to_standard_output():
    stream = Stream()
    with pytest.raises(ZeroDivisionError), open_output(OutputOptions(format="csv"), stream):
        raise ZeroDivisionError

    assert stream.writes == []


@pytest.mark.parametrize(
    "options,complaint",
    [
        ({"resume": True}, "need a file"),
        ({"overwrite": True, "path": "-"}, "need a file"),
        ({"resume": True, "overwrite": True, "path": "x.csv"}, "exclude each other"),
        ({"retry_failed": True, "path": "x.csv"}, "no effect without --resume"),
        ({"path": "x.xml"}, "none of the suffixes"),
        ({"path": "x.csv", "format": "xml"}, "is not one of"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=complaint):
        open_output(OutputOptions(**options), Stream())

    assert list(tmp_path.iterdir()) == []


# A file


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.tsv", "out.md", "out.txt"])
def test_a_file_holds_what_standard_output_would(run, tmp_path, name):
    records = [record(1), failed(2), record(3)]
    output = run(records, name)
    stream = Stream()
    with open_output(
        OutputOptions(format=output.path.suffix[1:].replace("txt", "text")), stream
    ) as s:
        for item in records:
            s.write(item)

    assert (tmp_path / name).read_bytes() == b"".join(stream.writes)
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, f"{name}.run.json"]


def test_the_file_appears_only_when_the_run_is_over(run, tmp_path):
    with pytest.raises(ZeroDivisionError):
        run([record(1)], error=ZeroDivisionError())

    assert not (tmp_path / "out.jsonl").exists()
    assert part(tmp_path / "out.jsonl.part") == [record(1)]


def test_a_record_can_be_read_from_the_journal_as_soon_as_it_is_written(tmp_path):
    path = tmp_path / "out.csv"
    with open_output(OutputOptions(path=str(path)), Stream()) as output:
        output.write(record(1))

        assert part(tmp_path / "out.csv.part") == [record(1)]


@pytest.mark.parametrize("error", [None, ZeroDivisionError()])
def test_what_is_there_is_neither_clobbered_nor_added_to(run, tmp_path, error):
    if error:
        with pytest.raises(ZeroDivisionError):
            run([record(1)], error=error)
    else:
        run([record(1)])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    with pytest.raises(UsageError, match="--resume goes on with it, --overwrite replaces it"):
        run([record(2)])
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_overwriting_keeps_the_old_file_until_the_new_one_is_whole(run, tmp_path):
    run([record(1)])
    with pytest.raises(ZeroDivisionError):
        run([record(2)], overwrite=True, error=ZeroDivisionError())
    assert lines(tmp_path / "out.jsonl") == [record(1)]

    run([record(2), record(3)], resume=True)
    assert lines(tmp_path / "out.jsonl") == [record(2), record(3)]


def test_overwriting_drops_what_an_earlier_run_left(run, tmp_path):
    with pytest.raises(ZeroDivisionError):
        run([record(1)], error=ZeroDivisionError())
    run([record(2)], overwrite=True)

    assert lines(tmp_path / "out.jsonl") == [record(2)]


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.md"])
def test_a_run_that_was_resumed_equals_one_that_was_not(run, tmp_path, name):
    records = [record(number) for number in range(6)]
    with pytest.raises(ZeroDivisionError):
        run(records[:3], name, error=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        run(records[:5], name, error=ZeroDivisionError(), resume=True)
    output = run(records, name, resume=True)
    run(records, f"whole-{name}")

    assert (tmp_path / name).read_bytes() == (tmp_path / f"whole-{name}").read_bytes()
    assert (output.totals.answered, output.totals.skipped) == (1, 5)


def test_resuming_with_nothing_to_resume_begins(run, tmp_path):
    run([record(1)], resume=True)

    assert lines(tmp_path / "out.jsonl") == [record(1)]


def test_records_come_in_the_order_of_this_run(run, tmp_path):
    run([record(1), record(2), record(3)])
    run([record(3), record(4), record(1), record(2)], resume=True)

    assert lines(tmp_path / "out.jsonl") == [record(3), record(4), record(1), record(2)]


def test_failed_records_are_done_again_only_when_asked(run, tmp_path):
    run([record(1), failed(2)])
    output = run([record(1), record(2)], resume=True)
    assert lines(tmp_path / "out.jsonl") == [record(1), failed(2)]
    assert (output.totals.failed, output.totals.skipped) == (1, 1)

    output = run([record(1), record(2)], resume=True, retry_failed=True)
    assert lines(tmp_path / "out.jsonl") == [record(1), record(2)]
    assert (output.totals.answered, output.totals.skipped) == (1, 1)


def test_a_document_with_unread_pages_is_done_again_when_asked(run, tmp_path):
    half = record(1, warnings=("page not read: page 2: render_timeout: too slow",))
    run([half])
    assert run([record(1)], resume=True).totals.skipped == 1
    assert lines(tmp_path / "out.jsonl") == [half]

    run([record(1)], resume=True, retry_failed=True)
    assert lines(tmp_path / "out.jsonl") == [record(1)]


def test_options_are_checked_without_a_trace(tmp_path):
    path = tmp_path / "out.jsonl"
    check_options(OutputOptions(path=str(path)))
    assert not list(tmp_path.iterdir())

    path.touch()
    with pytest.raises(UsageError, match="exists already"):
        check_options(OutputOptions(path=str(path)))
    check_options(OutputOptions(path=str(path), resume=True))
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_again_is_written_once(run, tmp_path):
    run([failed(1)])
    run([failed(1)], resume=True, retry_failed=True)

    assert lines(tmp_path / "out.jsonl") == [failed(1)]


def test_records_this_run_was_not_asked_for_stay_in_front(run, tmp_path):
    run([record(1), record(2), failed(3)])
    run([record(2), record(4)], resume=True)

    assert lines(tmp_path / "out.jsonl") == [record(1), failed(3), record(2), record(4)]


def test_a_document_that_can_be_read_now_has_no_failure_left(run, tmp_path):
    """A document that cannot be read has an id by its path, later one by its content."""
    shut = replace(failed(7, source="a.pdf"), page=None)
    run([shut])
    run([replace(shut, id="other question")], resume=True)
    assert lines(tmp_path / "out.jsonl") == [shut, replace(shut, id="other question")]

    run([record(8, source="a.pdf")], resume=True)
    assert lines(tmp_path / "out.jsonl") == [record(8, source="a.pdf")]


def test_a_page_that_failed_stays_when_only_other_pages_are_asked(run, tmp_path):
    run([failed(3, source="a.pdf")])
    run([record(4, source="a.pdf")], resume=True)

    assert lines(tmp_path / "out.jsonl") == [failed(3, source="a.pdf"), record(4, source="a.pdf")]


def test_a_document_that_was_moved_is_not_there_twice(run, tmp_path):
    run([record(1, source="old.pdf")])
    options = OutputOptions(path=str(tmp_path / "out.jsonl"), resume=True)
    with open_output(options, Stream()) as output:
        output.write(replace(output.done(record(1).id), source="new.pdf"))

    assert lines(tmp_path / "out.jsonl") == [record(1, source="new.pdf")]
    assert output.totals.skipped == 1


def test_the_same_document_under_two_paths_is_there_twice(run, tmp_path):
    records = [record(1, source="a.pdf"), record(1, source="b.pdf")]
    run(records)
    assert lines(tmp_path / "out.jsonl") == records

    run([record(2)], resume=True)
    assert lines(tmp_path / "out.jsonl") == [*records, record(2)]


def test_keys_that_a_newer_version_added_stay(run, tmp_path):
    line = orjson.dumps({**orjson.loads(to_json(record(1))), "mood": "fine"})
    (tmp_path / "out.jsonl").write_bytes(line + b"\r\n")
    run([record(2)], resume=True)

    assert (tmp_path / "out.jsonl").read_bytes() == line + b"\n" + to_json(record(2))


def test_a_finished_table_cannot_be_resumed(run, tmp_path):
    run([record(1)], "out.csv")
    before = (tmp_path / "out.csv").read_bytes()

    with pytest.raises(UsageError, match=r"only a .jsonl file can be added to; use --overwrite"):
        run([record(2)], "out.csv", resume=True)
    assert (tmp_path / "out.csv").read_bytes() == before
    assert not (tmp_path / "out.csv.part").exists()


@pytest.mark.parametrize("error", [None, ZeroDivisionError()])
def test_answers_and_captions_are_not_mixed(run, error):
    if error:
        with pytest.raises(ZeroDivisionError):
            run([record(1)], error=error)
    else:
        run([record(1)])

    with pytest.raises(UsageError, match="holds answer records, not caption records"):
        run([], kind="caption", resume=True)


def test_a_file_of_something_else_is_not_resumed(run, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"my\nnotes\nof today\n")

    with pytest.raises(UsageError, match="mend or remove the line: my"):
        run([record(1)], resume=True)
    assert path.read_bytes() == b"my\nnotes\nof today\n"


def test_a_second_run_on_the_same_output_is_told_who_is_first(run, tmp_path):
    options = OutputOptions(path=str(tmp_path / "out.jsonl"))
    with open_output(options, Stream()) as output:
        output.write(record(1))
        for flags in ({}, {"resume": True}, {"overwrite": True}):
            with pytest.raises(OutputError, match=f"is being written by process {os.getpid()} on"):
                run([record(2)], **flags)

    assert lines(tmp_path / "out.jsonl") == [record(1)]


def test_the_output_is_checked_before_any_work(tmp_path):
    path = tmp_path / "in.jsonl"
    path.touch()
    options = OutputOptions(path=str(path), inputs=(str(path),), overwrite=True)

    with pytest.raises(UsageError, match="is an input as well"):
        open_output(options, Stream())


def test_the_facts_of_a_run_are_told(run, tmp_path):
    path = tmp_path / "out.jsonl.run.json"
    with pytest.raises(ZeroDivisionError):
        run([record(1)], facts={"arguments": ["ask"]}, error=ZeroDivisionError())
    assert orjson.loads(path.read_bytes())["status"] == "stopped"

    run([record(1), failed(2)], facts={"arguments": ["ask", "--resume"]}, resume=True)
    facts = orjson.loads(path.read_bytes())
    assert (facts["status"], facts["arguments"]) == ("finished", ["ask", "--resume"])
    assert facts["totals"] == {
        "answered": 0,
        "failed": 1,
        "skipped": 1,
        "failures": {"2.pdf p.1 oom": 1},
    }
    assert facts["started"] <= facts["ended"]


def test_a_run_killed_between_its_last_steps_can_be_resumed(run, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(FileOutput, "_close", lambda self: os.close(self._journal.fd))
        patch.setattr(type(tmp_path), "unlink", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run([record(1)])
    assert (tmp_path / "out.jsonl.part").exists()

    run([record(1), record(2)], resume=True)
    assert lines(tmp_path / "out.jsonl") == [record(1), record(2)]


# Faults


def test_a_full_disk_breaks_the_run_off_and_loses_nothing(run, tmp_path):
    records = [record(number) for number in range(20)]
    told = r"out.jsonl.part: the disk is full after \d+ bytes .*--res"
    with small_disk(3000), pytest.raises(OutputError, match=told):
        run(records)
    kept = part(tmp_path / "out.jsonl.part")
    assert 0 < len(kept) < 20
    assert kept == records[: len(kept)]

    output = run(records, resume=True)
    assert lines(tmp_path / "out.jsonl") == records
    assert output.totals.skipped == len(kept)


PROGRAM = """
import os, signal, sys
from monkeycli import journal
from monkeycli.output import OutputOptions, open_output
from monkeycli.records import Record

path, count, bytes_left = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

def write_and_die(fd, data, offset):
    global bytes_left
    os.pwrite(fd, data[:bytes_left], offset)
    bytes_left -= len(data)
    if bytes_left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

if bytes_left:
    journal.write_all = write_and_die
with open_output(OutputOptions(path=path, resume=True), None) as output:
    for number in range(count):
        record = Record(
            kind="answer", id=f"{number:032}", source="a.pdf", page=number, answer="x" * number
        )
        output.write(output.done(record.id) or record)
        os.write(1, b"%d\\n" % number)
"""


def run_apart(path, count, *, bytes_left=0, seconds=None):
    """Run in a process that is killed when so many bytes or seconds are over; say what it did."""
    command = [sys.executable, "-c", PROGRAM, str(path), str(count), str(bytes_left)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        if seconds is not None:
            process.stdout.readline()
            time.sleep(seconds)
            process.kill()
        told = process.communicate()[0].split()
    return process.returncode, told


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
def test_a_run_killed_at_any_byte_and_resumed_equals_one_that_was_not(tmp_path, name):
    generator = random.Random(7)
    path, whole = tmp_path / name, tmp_path / f"whole-{name}"
    assert run_apart(whole, 60)[0] == 0
    num_kept = 0
    for _ in range(8):
        code, told = run_apart(path, 60, bytes_left=generator.randrange(1, 3000))
        num_lines = (tmp_path / f"{name}.part").read_bytes().count(b"\n")

        assert code == -signal.SIGKILL
        assert num_lines - 1 >= len(told), "a record was lost that had been written"
        assert len(told) >= num_kept, "a record was done twice"
        num_kept = len(told)

    assert run_apart(path, 60)[0] == 0
    assert path.read_bytes() == whole.read_bytes()
    assert not (tmp_path / f"{name}.part").exists()


def test_a_run_killed_at_any_moment_and_resumed_equals_one_that_was_not(tmp_path):
    generator = random.Random(3)
    path, whole = tmp_path / "out.jsonl", tmp_path / "whole.jsonl"
    assert run_apart(whole, 3000)[0] == 0
    num_killed = 0
    for _ in range(10):
        code, _ = run_apart(path, 3000, seconds=generator.uniform(0, 0.02))
        num_killed += code == -signal.SIGKILL

    assert run_apart(path, 3000)[0] == 0
    assert path.read_bytes() == whole.read_bytes()
    assert num_killed > 0
