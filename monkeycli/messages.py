"""Lines for people, on standard error."""

import sys


def print_line(text: str) -> None:
    """Write a line to standard error; what its encoding cannot hold is escaped."""
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stderr.flush()
