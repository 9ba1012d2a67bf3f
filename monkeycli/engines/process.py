"""A worker in a process of its own, started by `engines.processes`: messages come by a pipe."""

import contextlib
import os
import signal
from typing import BinaryIO

from monkeycli.engines.worker import Worker
from monkeycli.reading.messages import read_message, write_message


def main() -> None:
    """Do what is asked until the parent closes the pipe, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    orders, replies = _take_pipes()
    worker = Worker()
    try:
        with contextlib.suppress(BrokenPipeError):
            while (message := read_message(orders)) is not None:
                for header, body in worker.reply(message):
                    write_message(replies, header, body)
    finally:
        worker.close()


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Make the pipes private: what is printed goes to standard error, and there is no input."""
    orders, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return os.fdopen(orders, "rb"), os.fdopen(replies, "wb")


if __name__ == "__main__":
    main()
