"""Stop when asked: the first signal after the work in flight, the second at once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from monkeycli.errors import ExitCode, MonkeyError

_EXIT_CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


class StoppedError(MonkeyError):
    """The user, or the system, asked the run to stop.

    Args:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__("stopped by " + signal.Signals(number).name)
        self.exit_code = _EXIT_CODES[signal.Signals(number)]


class StopRequest:
    """Whether the run has been asked to stop."""

    def __init__(self) -> None:
        self.number: int | None = None
        """Of the signal that asked; None if none did."""

    @property
    def is_made(self) -> bool:
        """Whether to stop after the work in flight."""
        return self.number is not None

    def check(self) -> None:
        """Call between two pieces of work.

        Raises:
            StoppedError: the run was asked to stop.
        """
        if self.number is not None:
            raise StoppedError(self.number)


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """Take SIGINT (Ctrl-C) and SIGTERM as requests to stop, until the block is left.

    The first is only noted, and answered on standard error. The second raises `StoppedError`
    wherever the program is; the third has its usual effect. A signal that the parent process
    had ignored, as `nohup` does, stays ignored. Other threads than the main one get a request
    that is never made.
    """
    request = StopRequest()

    def stop(number: int, _: FrameType | None) -> None:
        if request.number is None:
            request.number = number
            # Straight to the descriptor: the signal may have come in the middle of a print.
            os.write(2, b"\nstopping after the work in flight; once more to stop at once\n")
        else:
            signal.signal(number, signal.SIG_DFL)
            raise StoppedError(number)

    earlier = {}
    if threading.current_thread() is threading.main_thread():
        for number in _EXIT_CODES:
            if signal.getsignal(number) is not signal.SIG_IGN:
                earlier[number] = signal.signal(number, stop)
    try:
        yield request
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
