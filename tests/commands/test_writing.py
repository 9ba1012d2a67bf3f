"""Records are written as they come, and what is said of them on standard error."""

from dataclasses import dataclass

import pytest

from monkeycli.commands.writing import TooManyErrorsError, name_place, write_records
from monkeycli.errors import ExitCode, ItemError
from monkeycli.formats import FORMATS
from monkeycli.output import OutputOptions, StreamOutput
from monkeycli.progress import Progress
from monkeycli.records import Record
from monkeycli.streams import ResultsStream
from monkeycli.totals import Totals


@dataclass
class Wishes:
    kind: str = "description"
    quiet: bool = False
    has_file: bool = False
    max_errors: int | None = None


class Kept(ResultsStream):
    def __init__(self):
        super().__init__(None)
        self.data = b""

    def write(self, data):
        self.data += data


GOOD = Record(kind="description", id="1", source="a.png", page=1, description="A dog.")
WARNED = Record(kind="description", id="2", source="b.png", page=1, warnings=("nothing found",))
BAD = GOOD.failed(ItemError("corrupt", "torn", "mend it"))


def write(*records, **wishes):
    stream = Kept()
    output = StreamOutput(FORMATS["text"], OutputOptions(kind="description"), stream)
    made = Wishes(**wishes)
    code = write_records(records, output, made, Progress(None, is_quiet=True))
    return code, stream.data


@pytest.mark.parametrize(
    "records, code",
    [((GOOD,), ExitCode.OK), ((GOOD, BAD), ExitCode.PARTIAL), ((BAD,), ExitCode.FAILED)],
)
def test_the_code_tells_how_it_went(records, code):
    assert write(*records)[0] == code


def test_records_are_written_in_order():
    assert write(GOOD, WARNED)[1] == b"a.png\t1\tA dog.\nb.png\t1\t\n"


def test_failures_and_warnings_are_told_the_latter_not_quietly(capsys):
    write(BAD, WARNED)
    told = capsys.readouterr().err
    assert "monkey: a.png p.1: corrupt: torn; mend it\n" in told
    assert "monkey: b.png p.1: warning: nothing found\n" in told
    assert "1 described, 1 failed, 0 skipped" in told

    write(BAD, WARNED, quiet=True)
    assert capsys.readouterr().err == "monkey: a.png p.1: corrupt: torn; mend it\n"


def test_it_stops_at_the_failure_that_is_one_too_many():
    with pytest.raises(TooManyErrorsError, match="stopped after 1 failed record") as caught:
        write(GOOD, BAD, GOOD, max_errors=1)
    assert caught.value.exit_code == ExitCode.PARTIAL


def test_a_run_into_a_file_can_go_on():
    assert "go on with --resume" in str(TooManyErrorsError(Totals(failed=2), has_file=True))


def test_places():
    assert [name_place("a.png", page) for page in (None, 3)] == [
        "monkey: a.png",
        "monkey: a.png p.3",
    ]
