"""How a run is going, in figures, and the exit code they lead to."""

from dataclasses import dataclass, field

from monkeycli.errors import ExitCode
from monkeycli.records import Record, quote_path

MAX_FAILURES = 5
"""Failures that are named; the others are only counted."""


@dataclass
class Totals:
    """Counts of a run's records."""

    answered: int = 0
    """Answers or captions that this run made."""
    failed: int = 0
    """Records with an error, those of an earlier run that was resumed among them."""
    skipped: int = 0
    """Answers or captions that an earlier run had made."""
    failures: dict[str, int] = field(default_factory=dict)
    """The first `MAX_FAILURES` different failures (path, page and code), and how often each."""

    def add(self, record: Record, *, is_earlier: bool = False) -> None:
        """Count a record; `is_earlier` if it comes from the run that this one resumes."""
        if record.error:
            self.failed += 1
            name = _describe(record)
            if name in self.failures or len(self.failures) < MAX_FAILURES:
                self.failures[name] = self.failures.get(name, 0) + 1
        elif is_earlier:
            self.skipped += 1
        else:
            self.answered += 1

    @property
    def exit_code(self) -> ExitCode:
        """All well, some failed, or none succeeded."""
        if not self.failed:
            return ExitCode.OK
        return ExitCode.PARTIAL if self.answered + self.skipped else ExitCode.FAILED


def _describe(record: Record) -> str:
    page = f" p.{record.page}" if record.page else ""
    return f"{quote_path(record.source)}{page} {record.error.code if record.error else ''}"
