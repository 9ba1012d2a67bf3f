"""What is done in a command's process before the command: named by `prepare`."""

import ctypes
import os
import socket
import subprocess
import sys
import warnings
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

LOG = "TRUST_LOG"
"""Variable that names the file to which `watch` writes."""

NETWORK = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo")
NETWORK += ("socket.gethostbyname", "urllib.Request", "http.client.connect", "ftplib.connect")


def watch():
    """Refuse every connection, and write down who asked and what was opened to be written."""
    log = os.open(os.environ[LOG], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def see(event, arguments):
        if event in NETWORK:
            if event == "socket.connect" and arguments[0].family == socket.AF_UNIX:
                return
            os.write(log, f"network {event} {arguments[1:]}\n".encode())
            raise PermissionError(f"{event} is not allowed here")
        if event == "open" and isinstance(arguments[2], int):
            path, _, flags = arguments
            is_named = not isinstance(path, int) and not Path(os.fsdecode(path)).is_dir()
            if is_named and flags & (os.O_WRONLY | os.O_RDWR):
                os.write(log, b"write " + os.path.realpath(os.fsencode(path)) + b"\n")

    sys.addaudithook(see)


def pollute():
    """Let libraries print, in every way there is, whenever a file is opened to be read."""
    libc = ctypes.CDLL(None)
    said = []

    def print_much(event, arguments):
        if event == "open" and str(arguments[0]).endswith("config.json") and not said:
            said.append(event)
            sys.stdout.write("noise by print\n")
            os.write(1, b"noise by descriptor\n")
            libc.puts(b"noise by C")
            subprocess.run(["echo", "noise by a child"], check=True)
            warnings.warn("noise by a warning", stacklevel=1)

    sys.addaudithook(print_much)


def stop_the_clock():
    """Let everything take no time, so that records of two runs are the same to the byte."""
    from monkeycli import pipeline

    pipeline.time.perf_counter = lambda: 0.0


def turn_back_the_clock():
    """Let the clock on the wall go back by an hour whenever somebody looks at it."""
    from monkeycli import output

    looks = []

    class Backwards(datetime):
        @classmethod
        def now(cls, tz=None):
            looks.append(1)
            return datetime(2026, 1, 1, 12, tzinfo=tz) - timedelta(hours=len(looks))

    output.datetime = Backwards


def refuse_memory():
    """Let every page be too much for the model's memory."""
    from monkeycli.answer import Answerer

    def fail(*_, **__):
        raise MemoryError

    Answerer.encode = fail


def remove_output_when_half_is_done():
    """Remove the folder `gone`, and all that is in it, while records are written into it."""
    import shutil

    from monkeycli.output import FileOutput

    write, written = FileOutput.write, []

    def write_and_remove(self, record):
        write(self, record)
        written.append(record)
        if len(written) == 3:
            shutil.rmtree(Path("gone"))

    FileOutput.write = write_and_remove


def watch_and_offend():
    """Watch, and do twice what is not allowed and once what an input must not suffer."""
    watch()
    for offend in (
        lambda: socket.create_connection(("127.0.0.1", 9)),
        lambda: socket.socket().connect(("127.0.0.1", 9)),
    ):
        with suppress(PermissionError):
            offend()
    with Path("questions.txt").open("a"):
        pass
