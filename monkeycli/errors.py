"""Everything that can go wrong, and the exit code it leads to.

MonkeyError          exit  what happened
|-- UsageError       2     an option, a configuration or a data file is wrong; nothing was run
|-- ModelError       5     a model or device cannot be had
|-- OutputError      6     results cannot be written
`-- ItemError        -     one document or page failed; it becomes a record, the run goes on
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command; part of the public interface."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    PARTIAL = 3
    FAILED = 4
    MODEL = 5
    OUTPUT = 6
    INTERRUPTED = 130
    PIPE = 141
    TERMINATED = 143


class MonkeyError(Exception):
    """A problem that a user can cause and mend.

    Args:
        message: names the thing (path, page, option), says what is wrong; lower case, no full stop.
        hint: what to do next, or None.
    """

    exit_code = ExitCode.INTERNAL

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class UsageError(MonkeyError):
    """An option, a configuration or a data file is wrong; nothing was run."""

    exit_code = ExitCode.USAGE


class ModelError(MonkeyError):
    """A model, its weights or a device cannot be had as asked."""

    exit_code = ExitCode.MODEL


class OutputError(MonkeyError):
    """Results cannot be written."""

    exit_code = ExitCode.OUTPUT


ITEM_CODES = (
    "not_found",
    "unsupported",
    "too_large",
    "encrypted",
    "corrupt",
    "page_out_of_range",
    "render_timeout",
    "render_crash",
    "decode_bomb",
    "oom",
    "empty_output",
    "too_long",
    "internal",
)
"""The typed codes an error record may carry; a code is never renamed, only added."""


class ItemError(MonkeyError):
    """One document or page cannot be processed; it becomes a record and the run goes on.

    Args:
        code: one of `ITEM_CODES`.
        message: one sentence that says what is wrong.
        hint: what to do next, or None.
        stage: where it happened: `open`, `render`, `encode` or `answer`.
        retryable: whether a second try may succeed without anything being changed.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str | None = None,
        *,
        stage: str = "open",
        retryable: bool = False,
    ) -> None:
        assert code in ITEM_CODES, code
        super().__init__(message, hint)
        self.code = code
        self.stage = stage
        self.retryable = retryable
