import io
import subprocess
import sys

import pytest

from monkeycli.errors import OutputError
from monkeycli.streams import ResultsStream, results_stream


def run(program, **kwargs):
    program = "from monkeycli.streams import *\n" + program
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, **kwargs
    )


POLLUTER = """
import ctypes, os, subprocess, sys
print("before")
kept = sys.stdout
with results_stream() as results:
    results.write(b"result 1\\n")
    print("printed")
    kept.write("by an old reference")
    os.write(1, b"by descriptor")
    ctypes.CDLL(None).puts(b"by C")
    subprocess.run(["echo", "by a child"])
    results.write(b"result 2\\n")
print("after")
"""


def test_only_results_reach_standard_output():
    done = run(POLLUTER)

    assert done.stdout == b"before\nresult 1\nresult 2\nafter\n"
    for stray in (b"printed", b"by an old reference", b"by descriptor", b"by C", b"by a child"):
        assert stray in done.stderr


def test_only_results_reach_standard_output_after_an_error():
    done = run("with results_stream() as results:\n print('stray')\n 1 / 0")

    assert done.stdout == b""
    assert b"ZeroDivisionError" in done.stderr


def shell(words):
    program = (
        "import sys\n"
        "from monkeycli.streams import *\n"
        "try:\n"
        " with results_stream() as results:\n"
        "  for _ in range(100000): results.write(b'x' * 99 + b'\\n')\n"
        "except OutputError as error:\n"
        " if error.exit_code != 141: sys.stderr.write(str(error))\n"
        " sys.exit(error.exit_code)\n"
    )
    command = words.replace("PROGRAM", '"$0" -c "$1"')
    words = ["bash", "-o", "pipefail", "-c", command, sys.executable, program]
    return subprocess.run(words, capture_output=True, check=False)


def test_a_reader_that_goes_ends_the_run_without_a_word():
    done = shell("PROGRAM | head -n 1")

    assert done.returncode == 141
    assert done.stdout == b"x" * 99 + b"\n"
    assert done.stderr == b""


@pytest.mark.parametrize(
    "words,message",
    [
        ("PROGRAM >&-", b"standard output is closed; name a file with --output"),
        ("PROGRAM > /dev/full", b"standard output cannot be written: No space left on device"),
    ],
)
def test_standard_output_that_takes_nothing_is_an_error(words, message):
    done = shell(words)

    assert done.returncode == 6
    assert done.stderr == message


def test_a_run_that_writes_no_results_does_without_standard_output():
    done = shell(
        "\"$0\" -c 'from monkeycli.streams import *\nwith results_stream(): print(1)' >&- 2>&-"
    )

    assert done.returncode == 0


@pytest.mark.parametrize("call,code", [("silence_stdout()", 0), ("pass", 120)])
def test_silence_lets_the_last_flush_pass(call, code):
    """The second case shows that it fails without."""
    program = (
        "import os, sys\n"
        "read, write = os.pipe()\n"
        "os.dup2(write, 1)\n"
        "os.close(read), os.close(write)\n"
        "sys.stdout.reconfigure(write_through=False)\n"
        "sys.stdout.write('x')\n"
    )
    done = run(program + call)

    assert done.returncode == code
    assert (b"BrokenPipeError" in done.stderr) == (code != 0)


def test_a_program_around_us_gets_the_results_through_its_own_stream(monkeypatch):
    around = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", around)
    with results_stream() as results:
        print("stray")  # noqa: T201
        results.write(b"result")

    assert around.buffer.getvalue() == b"result"
    assert sys.stdout is around


def test_a_line_holds_what_utf_8_cannot():
    assert (
        run("with results_stream() as results:\n results.write_line('a\\udcff')").stdout == b"a?\n"
    )


def test_a_closed_stream_is_an_error_when_it_is_needed():
    with pytest.raises(OutputError, match="standard output is closed"):
        ResultsStream(None).write(b"x")
