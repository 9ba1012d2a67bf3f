"""What `monkey train` does: a run, shown as it goes, and its result."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monkeycli.catalog import find_checkpoint
from monkeycli.errors import ExitCode, UsageError
from monkeycli.messages import count, print_line
from monkeycli.model.checkpoint import load_processor
from monkeycli.progress import Progress, format_seconds
from monkeycli.records import quote_path
from monkeycli.signals import StoppedError, stop_on_signals
from monkeycli.streams import results_stream
from monkeycli.training.check import check_mixture
from monkeycli.training.check_text import report_text
from monkeycli.training.loading import find_place
from monkeycli.training.mixture import Mixture
from monkeycli.training.run_log import Line
from monkeycli.training.session import Hooks, Logger, Outcome, RunOptions, train


def dry_run(mixture: Mixture, *, device: str, has_progress: bool) -> ExitCode:
    """Print what a run would do, and all that is wrong with its mixture.

    Returns:
        Usage, if anything is wrong.
    """
    with results_stream() as stream, stop_on_signals() as stop:
        place = find_place(device, mixture.train.precision)
        processor = load_processor(find_checkpoint(mixture.model))
        shown = _Shown(is_quiet=not has_progress, has_progress=has_progress, noun="image")
        with shown:

            def see(number: int, total: int) -> None:
                stop.check()
                shown.count(number, total)

            report = check_mixture(
                mixture, processor, device=place.device, dtype=place.dtype, on_image=see
            )
        stream.write(report_text(report).encode())
    for problem in report.problems:
        print_line(str(problem))
    if report.problems:
        found = count(len(report.problems), "problem")
        raise UsageError(f"{found} in {mixture.path}", "mend them, then train")
    return ExitCode.OK


def run(
    mixture: Mixture,
    out: Path,
    *,
    resume: bool,
    device: str,
    logger: Logger,
    command: Sequence[str],
    is_quiet: bool,
    has_progress: bool,
) -> ExitCode:
    """Train, and print what came of it.

    Args:
        mixture: what is learnt, and how.
        out: folder of the run.
        resume: whether to go on with an earlier run.
        device: as typed.
        logger: what else hears of the log.
        command: that was typed.
        is_quiet: say nothing but errors.
        has_progress: show progress.

    Raises:
        UsageError, ModelError, OutputError: see `monkeycli.training.session.train`.
        StoppedError: a signal stopped the run; it can be resumed.
    """
    is_main = os.environ.get("RANK", "0") == "0"
    options = RunOptions(resume=resume, device=device, logger=logger, command=command)
    with results_stream() as stream, stop_on_signals() as stop:
        shown = _Shown(is_quiet=is_quiet or not is_main, has_progress=has_progress and is_main)
        with shown:
            outcome = train(mixture, out, options, stop=stop, hooks=shown.hooks)
        if is_main:
            if not is_quiet:
                print_line(_summary(outcome))
            stream.write("".join(f"{line}\n" for line in _results(out, outcome)).encode())
        if stop.number is not None and outcome.step < outcome.num_steps:
            raise StoppedError(stop.number)
    return ExitCode.OK


class _Shown:
    """Progress of a run: a bar or lines, made when it is known how many steps there are."""

    def __init__(self, *, is_quiet: bool, has_progress: bool, noun: str = "step") -> None:
        self._is_quiet, self._has_progress = is_quiet, has_progress
        self._noun = noun
        self._progress: Progress | None = None
        self._also: list[str] = []

    @property
    def hooks(self) -> Hooks:
        """By which the run tells of itself."""
        return Hooks(
            say=self._say, on_start=self._start, on_line=self._line, on_step=self._show_step
        )

    def _say(self, text: str) -> None:
        if not self._is_quiet:
            if self._progress:
                self._progress.make_way()
            print_line(text)

    def _start(self, first: int, total: int) -> None:
        if first:
            self._say(f"going on after step {first}")
        self._progress = Progress(total, noun=self._noun, is_quiet=not self._has_progress)
        self._progress.show_count(first)

    def count(self, number: int, total: int) -> None:
        """Show that so many are done, of so many."""
        if self._progress is None:
            self._start(0, total)
        self._show_step(number)

    def _line(self, line: Line) -> None:
        if line["kind"] == "eval":
            self._say(f"step {line['step']}: {line['name']}: {_score(line)}")
            return
        left = format_seconds(float(str(line["eta_seconds"])))
        self._also = [f"loss {_number(line['loss'])}", f"{left} left"]

    def _show_step(self, step: int) -> None:
        assert self._progress is not None
        self._progress.show_count(step, self._also)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: Any) -> None:  # noqa: PYI036 - handed on as they are
        if self._progress:
            self._progress.__exit__(*error)


def _summary(outcome: Outcome) -> str:
    loss = "" if outcome.loss is None else f", loss {_number(outcome.loss)}"
    chosen = f"; kept are the weights of step {outcome.chosen}" if outcome.chosen else ""
    return f"{outcome.step} of {outcome.num_steps} steps done{loss}{chosen}"


def _results(out: Path, outcome: Outcome) -> list[str]:
    lines = [quote_path(str(out))]
    for line in outcome.scores:
        ends = ["-" if line[end] is None else _number(line[end]) for end in ("low", "high")]
        cells = [str(line["name"]), str(line["metric"]), str(line["n"]), _number(line["mean"])]
        lines.append("\t".join([*cells, *ends]))
    return lines


def _score(line: Line) -> str:
    interval = ""
    if line["low"] is not None:
        interval = f" ({_number(line['low'])} to {_number(line['high'])})"
    return f"{line['metric']} {_number(line['mean'])}{interval}, n={line['n']}"


def _number(value: object) -> str:
    return f"{float(str(value)):.4g}"
