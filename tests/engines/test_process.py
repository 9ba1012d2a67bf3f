"""The process around a worker: what it prints is no message, and it ends with its parent."""

import subprocess
import sys

from monkeycli.engines.work import Done, read_reply
from monkeycli.reading.messages import read_message, write_message

PRINTING = """
import os, sys
from monkeycli.engines import process, work

class Printer:
    def reply(self, message):
        print("a library says hello", flush=True)
        os.write(1, b"and so does C\\n")
        assert sys.stdin.read() == ""
        yield work.Done().pack()

    def close(self):
        print("closed", flush=True)

process.Worker = Printer
process.main()
"""


def test_messages_alone_go_through_the_pipe_until_it_closes():
    with subprocess.Popen(
        [sys.executable, "-c", PRINTING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        write_message(child.stdin, b"{}")
        message = read_message(child.stdout)
        child.stdin.close()
        rest = child.stdout.read()
        said = child.stderr.read().decode().splitlines()

    assert message is not None
    assert read_reply(message) == Done()
    assert rest == b""
    assert said == ["a library says hello", "and so does C", "closed"]
    assert child.returncode == 0
