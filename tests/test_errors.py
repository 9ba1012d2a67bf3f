"""Errors say what is wrong and what to do, and lead to the documented exit code."""

import pytest

from monkeycli import errors
from monkeycli.errors import (
    ITEM_CODES,
    ExitCode,
    ItemError,
    ModelError,
    MonkeyError,
    OutputError,
    UsageError,
)


@pytest.mark.parametrize(
    "error, code", [(UsageError, 2), (ModelError, 5), (OutputError, 6), (MonkeyError, 1)]
)
def test_exit_codes_are_the_documented_ones(error, code):
    assert error("x").exit_code == code


def test_signals_have_the_exit_codes_of_a_shell():
    assert (ExitCode.INTERRUPTED, ExitCode.PIPE, ExitCode.TERMINATED) == (
        128 + 2,
        128 + 13,
        128 + 15,
    )


def test_message_and_hint_make_one_line():
    assert str(ModelError("no weights", "pull again")) == "no weights; pull again"
    assert str(ModelError("no weights")) == "no weights"


def test_item_error_carries_what_a_record_needs():
    error = ItemError(
        "corrupt", "a.pdf is cut off", "copy it again", stage="render", retryable=True
    )

    assert (error.code, error.stage, error.retryable) == ("corrupt", "render", True)


def test_unknown_item_code_is_refused():
    with pytest.raises(AssertionError, match="strange"):
        ItemError("strange", "x")


def test_item_codes_are_public_and_stay():
    assert ITEM_CODES[:5] == ("not_found", "unsupported", "too_large", "encrypted", "corrupt")
    assert len(set(ITEM_CODES)) == len(ITEM_CODES)


@pytest.mark.parametrize("kind", [UsageError, ModelError, OutputError, ItemError])
def test_tree_in_the_docstring_is_the_tree(kind):
    (line,) = [line for line in errors.__doc__.splitlines() if f"-- {kind.__name__} " in line]
    code = "-" if kind is ItemError else str(int(kind.exit_code))

    assert issubclass(kind, MonkeyError)
    assert line.split()[2] == code
