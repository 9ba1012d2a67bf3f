"""Show on standard error how a run is getting on, and say at its end how it went."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TextIO

from tqdm import tqdm

from monkeycli.messages import count
from monkeycli.totals import Totals

LINE_SECONDS = 30.0
"""Between two lines, where standard error is no terminal."""


class Progress:
    """A bar on a terminal, a line now and then elsewhere, or nothing at all.

    Args:
        total: records that will come; None if that is not known.
        noun: what is made: `answer`, `caption` or `description`.
        is_quiet: show nothing.
        stream: where to.
        clock: gives the time in seconds.
    """

    def __init__(
        self,
        total: int | None,
        *,
        noun: str = "answer",
        is_quiet: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._started = self._shown = clock()
        self._total = total
        self._num_pages = 0
        self._is_quiet = is_quiet
        has_bar = not is_quiet and self._stream.isatty() and os.environ.get("TERM") != "dumb"
        # The bar has no colours, so NO_COLOR has nothing to switch off.
        self._bar = None
        if has_bar:
            self._bar = tqdm(total=total, unit=f" {noun}s", file=self._stream, leave=False)

    @property
    def seconds(self) -> float:
        """Time since it was made."""
        return self._clock() - self._started

    def show(self, totals: Totals) -> None:
        """Show how many records there are by now, and bring the bar back if it made way."""
        num_done = totals.answered + totals.failed + totals.skipped
        also = [count(self._num_pages, "page") + " read"] if self._num_pages else []
        also += [f"{totals.failed} failed"] if totals.failed else []
        self.show_count(num_done, also)

    def show_count(self, num_done: int, also: Sequence[str] = ()) -> None:
        """Show how many there are by now, and whatever else is to be said."""
        if self._bar is not None:
            self._bar.set_postfix_str(", ".join(also), refresh=False)
            self._bar.update(num_done - self._bar.n)
            self._bar.refresh()
        elif not self._is_quiet and self._clock() - self._shown >= LINE_SECONDS:
            self._shown = self._clock()
            of_total = "" if self._total is None else f" of {self._total}"
            line = ", ".join([f"{num_done}{of_total} done", *also, format_seconds(self.seconds)])
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def show_page(self, totals: Totals) -> None:
        """Show that a page was read: of a long document that is all there is for a while."""
        self._num_pages += 1
        self.show(totals)

    def make_way(self) -> None:
        """Take the bar away, so that lines can be written where it stood."""
        if self._bar is not None:
            self._bar.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()


def summarize(totals: Totals, seconds: float, *, noun: str = "answer", has_file: bool) -> str:
    """Say in a line how a run went.

    Args:
        totals: the run's counts.
        seconds: it took.
        noun: what was made: `answer`, `caption` or `description`.
        has_file: whether the records went to a file, which can be resumed.

    >>> totals = Totals(412, 1, 0, {"docs/a.pdf p.3 render_timeout": 1})
    >>> print(summarize(totals, 372, has_file=True))  # doctest: +NORMALIZE_WHITESPACE
    412 answered, 1 failed, 0 skipped in 6m12s (1.1 answers/s).
    Failures: docs/a.pdf p.3 render_timeout; retry with --resume --retry-failed
    """
    done = {"caption": "captioned", "description": "described"}.get(noun, "answered")
    rate = totals.answered / max(seconds, 1e-3)
    line = (
        f"{totals.answered} {done}, {totals.failed} failed, {totals.skipped} skipped"
        f" in {format_seconds(seconds)} ({rate:.1f} {noun}s/s)."
    )
    if not totals.failed:
        return line
    named = totals.failures.items()
    failures = [name if times == 1 else f"{name} ({times} times)" for name, times in named]
    if num_more := totals.failed - sum(totals.failures.values()):
        failures.append(f"and {num_more} more")
    if has_file:
        failures.append("retry with --resume --retry-failed")
    return f"{line} Failures: {'; '.join(failures)}"


def format_seconds(seconds: float) -> str:
    """Write a duration as people say it.

    >>> format_seconds(4.21), format_seconds(372), format_seconds(7384)
    ('4.2s', '6m12s', '2h03m')
    """
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m"
