"""The log of a run, `RUN/log.jsonl`: a line every few steps, and one for every evaluation.

    {"kind":"train","step":20,"epoch":0.4,"loss":1.83,"loss_by_task":{"vqa":1.9},"lr":1e-05, ...}
    {"kind":"eval","step":20,"name":"val","metric":"anls","n":64,"mean":0.41,"low":0.3, ...}

It is locked while a run writes to it, so that no second run takes the same folder.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import orjson

from monkeycli.errors import UsageError
from monkeycli.journal import open_locked, write_all

Line = Mapping[str, object]


class RunLog:
    """The log that a run appends to; close it when the run is over.

    Args:
        path: of it, which is made if it is not there.
        last_step: lines of later steps are taken back, for these steps will be taken again.

    Raises:
        OutputError: another run holds it, or it cannot be opened.
    """

    def __init__(self, path: Path, *, last_step: int = 0) -> None:
        self._path = path
        self._fd = open_locked(path, "another run")
        kept = [line for line in read_log(path) if _step(line) <= last_step]
        self.lines: list[Line] = kept
        """All that is in it."""
        data = b"".join(map(_encode, kept))
        os.ftruncate(self._fd, 0)
        write_all(self._fd, data, 0)
        self._end = len(data)

    def append(self, line: Line) -> None:
        """Write a line.

        Raises:
            OSError: the disk does not take it; what was half written is cut off.
        """
        data = _encode(line)
        try:
            write_all(self._fd, data, self._end)
        except OSError:
            os.ftruncate(self._fd, self._end)
            raise
        self._end += len(data)
        self.lines.append(line)

    def close(self) -> None:
        """Unlock it."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_log(path: Path) -> list[Line]:
    """Read a log; a last line that is torn is left out.

    Raises:
        UsageError: another line is not one of a log.
    """
    *lines, _ = path.read_bytes().split(b"\n")
    found: list[Line] = []
    for number, line in enumerate(lines, start=1):
        try:
            parsed = orjson.loads(line)
            _step(parsed)
        except (ValueError, TypeError, KeyError) as error:
            if number == len(lines):
                break
            raise UsageError(f"{path}:{number}: not a line of a run's log") from error
        found.append(parsed)
    return found


def _step(line: Line) -> int:
    step = line["step"]
    if not isinstance(step, int):
        raise TypeError(step)
    return step


def _encode(line: Line) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
