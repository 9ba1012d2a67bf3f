import io

import pytest

from monkeycli.progress import Progress, summarize
from monkeycli.totals import Totals


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self):
        return self.now


def test_elsewhere_than_on_a_terminal_a_line_comes_every_half_minute():
    stream, clock, totals = io.StringIO(), Clock(), Totals()
    with Progress(100, stream=stream, clock=clock) as progress:
        for clock.now in (10, 29, 31, 40, 60, 62):
            totals.answered += 1
            progress.show(totals)

    assert stream.getvalue() == "3 of 100 done, 31.0s\n6 of 100 done, 1m02s\n"


def test_a_line_counts_failures_and_does_without_a_total():
    stream, clock = io.StringIO(), Clock()
    with Progress(None, stream=stream, clock=clock) as progress:
        clock.now = 30
        progress.show(Totals(3, 2, 1))

    assert stream.getvalue() == "6 done, 2 failed, 30.0s\n"


def test_a_terminal_gets_a_bar_without_colours_that_goes_away(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with Progress(2, stream=stream) as progress:
        progress.show(Totals(1, 1))
        progress._bar.refresh()

    assert "2/2" in stream.getvalue()
    assert "1 failed" in stream.getvalue()
    assert "\x1b[3" not in stream.getvalue()
    assert stream.getvalue().endswith("\r")


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_quiet_is_quiet(stream):
    clock = Clock()
    with Progress(2, is_quiet=True, stream=stream, clock=clock) as progress:
        clock.now = 99
        progress.show(Totals(1, 1))

    assert stream.getvalue() == ""


def test_pages_are_shown_while_a_long_document_gives_no_answer():
    stream, clock = io.StringIO(), Clock()
    with Progress(None, stream=stream, clock=clock) as progress:
        for clock.now in range(0, 70, 10):
            progress.show_page(Totals())

    assert stream.getvalue() == "0 done, 4 pages read, 30.0s\n0 done, 7 pages read, 1m00s\n"


def test_the_bar_counts_what_is_made_and_makes_way_for_lines(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with Progress(None, noun="caption", stream=stream) as progress:
        progress.show_page(Totals(1))
        assert "1 captions [" in stream.getvalue()
        assert stream.getvalue().endswith(", 1 page read]")

        progress.make_way()
        assert stream.getvalue().endswith(" \r")
        progress.show(Totals(1))
        assert stream.getvalue().endswith(", 1 page read]")


def test_a_dumb_terminal_gets_lines(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream, clock = Terminal(), Clock()
    with Progress(2, stream=stream, clock=clock) as progress:
        clock.now = 31
        progress.show(Totals(1))

    assert stream.getvalue() == "1 of 2 done, 31.0s\n"


@pytest.mark.parametrize(
    "totals,noun,has_file,expected",
    [
        (
            Totals(3, 0, 2),
            "answer",
            True,
            "3 answered, 0 failed, 2 skipped in 2.0s (1.5 answers/s).",
        ),
        (
            Totals(0, 1, 0, {"a.pdf oom": 1}),
            "caption",
            False,
            "0 captioned, 1 failed, 0 skipped in 2.0s (0.0 captions/s). Failures: a.pdf oom",
        ),
        (
            Totals(1, 7, 0, {"a": 3, "b": 1}),
            "answer",
            True,
            (
                "1 answered, 7 failed, 0 skipped in 2.0s (0.5 answers/s)."
                " Failures: a (3 times); b; and 3 more; retry with --resume --retry-failed"
            ),
        ),
    ],
)
def test_the_summary_is_one_line(totals, noun, has_file, expected):
    assert summarize(totals, 2.0, noun=noun, has_file=has_file) == expected
