"""Lines for people, on standard error, and the words in them."""

import sys


def print_line(text: str) -> None:
    """Write a line to standard error; what its encoding cannot hold is escaped."""
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stderr.flush()


def count(number: int, noun: str) -> str:
    """Write so many of a thing.

    >>> count(1, "page"), count(12, "page")
    ('1 page', '12 pages')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
