import os
import signal
import threading

import pytest

from monkeycli.errors import ExitCode
from monkeycli.signals import StoppedError, StopRequest, stop_on_signals

SIGNALS = [
    (signal.SIGINT, ExitCode.INTERRUPTED),
    (signal.SIGTERM, ExitCode.TERMINATED),
]


@pytest.mark.parametrize("number,code", SIGNALS)
def test_the_first_signal_asks_and_the_second_stops(number, code, capfd):
    finished = []
    with stop_on_signals() as stop:
        os.kill(os.getpid(), number)
        finished.append("the work in flight")

        assert stop.is_made
        with pytest.raises(StoppedError) as asked:
            stop.check()
        with pytest.raises(StoppedError) as at_once:
            os.kill(os.getpid(), number)

    assert asked.value.exit_code == at_once.value.exit_code == code
    assert finished
    assert "once more to stop at once" in capfd.readouterr().err


def test_after_the_second_signal_the_third_has_its_usual_effect():
    with stop_on_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StoppedError):
            os.kill(os.getpid(), signal.SIGTERM)

        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_nothing_is_asked_without_a_signal():
    request = StopRequest()
    request.check()

    assert not request.is_made


def test_handlers_are_put_back():
    before = [signal.getsignal(number) for number, _ in SIGNALS]
    with stop_on_signals():
        assert signal.getsignal(signal.SIGINT) != before[0]

    assert [signal.getsignal(number) for number, _ in SIGNALS] == before


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stop_on_signals() as stop:
            os.kill(os.getpid(), signal.SIGINT)

        assert not stop.is_made
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_gets_a_request_that_is_never_made():
    found = []

    def work():
        with stop_on_signals() as stop:
            found.append(stop.is_made)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert found == [False]
