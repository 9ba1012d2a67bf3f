"""Say what became of a page whose worker hung or died."""

import signal

from monkeycli.errors import ItemError
from monkeycli.reading.messages import Job


def timeout_error(job: Job) -> ItemError:
    """Say that a worker was killed because it took longer than the page timeout."""
    limit = job.options.page_timeout
    what = "rendered" if job.number else "opened"
    return ItemError(
        "render_timeout",
        f"{_name(job)} could not be {what} in {limit:g} s",
        f"try --page-timeout {3 * limit:g}",
        stage=_stage(job),
        retryable=True,
    )


def crash_error(job: Job, status: int) -> ItemError:
    """Say that a worker died.

    Args:
        job: what it was doing.
        status: its exit status; negative: of the signal that ended it.
    """
    if status == -signal.SIGALRM:  # the worker's own clock
        return timeout_error(job)
    how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
    return ItemError(
        "render_crash",
        f"{_name(job)} crashed its reader ({how})",
        "repair the document, for example with qpdf",
        stage=_stage(job),
        retryable=status == -signal.SIGKILL,  # as the system does when memory is short
    )


def start_error(job: Job) -> ItemError:
    """Say that a worker could not start, or could not load its reader."""
    return ItemError(
        "internal",
        f"{_name(job)} was not read: its reader's process did not start",
        "see what `python -m monkeycli.reading.worker` says",
        stage=_stage(job),
        retryable=True,
    )


def changed_error(job: Job) -> ItemError:
    """Say that the file is not the one whose pages were counted."""
    return ItemError(
        "corrupt",
        f"{job.path} was changed while it was read",
        "run again",
        stage=_stage(job),
        retryable=True,
    )


def _name(job: Job) -> str:
    return f"page {job.number} of {job.path}" if job.number else job.path


def _stage(job: Job) -> str:
    return "render" if job.number else "open"
