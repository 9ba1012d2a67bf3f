"""What a dry run found, as text for a terminal. The problems are not in it: they go to stderr."""

from collections.abc import Iterator, Sequence

from monkeycli.training.check import Report
from monkeycli.training.estimate import EFFICIENCY, Estimate

_MAX_EXAMPLE = 400
"""Characters of an example's prompt or answer that are shown."""


def report_text(report: Report) -> str:
    """Say what a run would learn from, how it would be put, and what it would take.

    Args:
        report: of `check_mixture`.

    Returns:
        Lines, each with its newline.
    """
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    if report.rows:
        yield from _mix_table(report)
    for name, number in report.evaluations:
        yield f"eval {name}: {number} samples"
    for example in report.examples:
        yield ""
        yield f"{example.task} ({example.origin})"
        yield f"  prompt: {_shown(example.prompt)}"
        yield f"  answer: {_shown(example.answer)}"
    if report.notes:
        yield ""
    yield from (f"note: {note}" for note in report.notes)
    yield ""
    yield f"{report.num_images} images opened, {report.num_steps} steps"
    if report.estimate:
        yield from _estimate_lines(report.estimate)


def _mix_table(report: Report) -> Iterator[str]:
    header = ("dataset", "task", "samples", "seen per epoch", "share", "tokens", "at most")
    cells = [
        (
            *(row.dataset, row.task, str(row.num_samples), str(row.num_seen)),
            *(f"{row.share:.1%}", str(row.median_tokens), str(row.max_tokens)),
        )
        for row in report.rows
    ]
    return _align([header, *cells])


def _align(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Put cells in columns: words to the left, numbers, from the third on, to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _estimate_lines(estimate: Estimate) -> Iterator[str]:
    share = estimate.num_learnt / estimate.num_parameters
    yield f"{_count(estimate.num_learnt)} weights learn, {share:.1%} of the model"
    parts = (estimate.weight_bytes, estimate.learnt_bytes, estimate.pass_bytes)
    frozen, learnt, kept = map(_size, parts)
    yield (
        f"about {_size(estimate.memory)}: {frozen} for weights that stay, {learnt} for those that"
        f" learn with their gradients and moments, {kept} for the largest pass"
    )
    speed = f"{estimate.rate:.1e} a second, {EFFICIENCY:.0%} of a plain matrix product's speed here"
    yield (
        f"about {_duration(estimate.seconds)} on one device, evaluations left out:"
        f" {estimate.flops:.1e} operations at {speed}"
    )


def _shown(text: str) -> str:
    """Show a text on one line, its middle left out if it is long."""
    line = text.replace("\\", "\\\\").replace("\n", "\\n")
    if len(line) <= _MAX_EXAMPLE:
        return line
    half = _MAX_EXAMPLE // 2
    return f"{line[:half]} [...] {line[-half:]}"


def _count(number: int) -> str:
    """Round a count of weights.

    >>> _count(5_792_310), _count(7_848_497_728), _count(800)
    ('5.8 million', '7848.5 million', '800')
    """
    return f"{number / 1e6:.1f} million" if number >= 100_000 else str(number)


def _size(num_bytes: float) -> str:
    """Round a size.

    >>> _size(5e9), _size(3e6)
    ('4.7 GiB', '3 MiB')
    """
    return f"{num_bytes / 2**30:.1f} GiB" if num_bytes >= 2**29 else f"{num_bytes / 2**20:.0f} MiB"


def _duration(seconds: float) -> str:
    """Round a time.

    >>> _duration(42), _duration(600), _duration(9000), _duration(3 * 86400)
    ('1 minute', '10 minutes', '2.5 hours', '3.0 days')
    """
    if seconds < 5400:
        minutes = max(1, round(seconds / 60))
        return f"{minutes} minute{'s' * (minutes > 1)}"
    return f"{seconds / 3600:.1f} hours" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} days"
