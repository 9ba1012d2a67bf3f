"""What finished stages found: JSON lines beside the output, so that nothing is asked twice.

A line is `{"stage":"text","key":"...","found":[...]}`. The key names the content: the bytes of the
document, the page, the generator, and what it was given. So nothing in the file is ever wrong, only
unused: it may be kept, shared between outputs, and deleted at any time.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

import orjson

from monkeycli.errors import UsageError
from monkeycli.journal import Place, open_locked, read_lines, write_all
from monkeycli.output_files import cannot_write

_HEAD = b'{"stages":1}\n'


def stages_path(output: Path) -> Path:
    """Give the path of an output's own stage file.

    >>> stages_path(Path("out.jsonl")).name
    'out.jsonl.stages'
    """
    return output.with_name(output.name + ".stages")


def stage_key(*parts: object) -> str:
    """Name a piece of work by all that it depends on: 32 hexadecimal digits."""
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:32]


class StageFile:
    """An append-only file of what was found, locked until it is closed.

    A run that is killed at any byte loses no more than the stage it was about to write.

    Args:
        path: of the file, which is made if it is not there.

    Raises:
        OutputError: another run holds it, or it cannot be opened.
        UsageError: it is a file of another kind.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = open_locked(path, "another run")
        self._is_open = True
        self._places: dict[str, Place] = {}
        try:
            self._end = self._read()
        except BaseException:
            os.close(self._fd)
            raise

    def find(self, key: str) -> Any:
        """Give what was found under a key; None if nothing was asked yet."""
        place = self._places.get(key)
        return None if place is None else orjson.loads(place.read())["found"]

    def keep(self, stage: str, key: str, found: object) -> None:
        """Write what was found; None is not to be told from nothing asked.

        Raises:
            OutputError: the disk is full, or refuses otherwise.
        """
        line = orjson.dumps(
            {"stage": stage, "key": key, "found": found}, option=orjson.OPT_APPEND_NEWLINE
        )
        self._places[key] = self._append(line)

    def close(self) -> None:
        """Put everything on the disk, and unlock; once is enough."""
        if self._is_open:
            self._is_open = False
            try:
                os.fsync(self._fd)
            finally:
                os.close(self._fd)

    def remove(self) -> None:
        """Delete the file, and unlock."""
        self.path.unlink(missing_ok=True)
        self.close()

    def _read(self) -> int:
        """Find what is there, cut off a torn line, and give the end."""
        end = 0
        for number, (place, line) in enumerate(read_lines(self._fd)):
            try:
                plain = orjson.loads(line)
                if number == 0:
                    is_ours = plain == orjson.loads(_HEAD)
                else:
                    self._places[plain["key"]] = place
                    is_ours = "found" in plain
            except (ValueError, TypeError, KeyError):
                is_ours = False
            if not is_ours:
                what = f"{self.path} is not a file of stages: line {number + 1}"
                raise UsageError(what, "move it away, or name another with --stages")
            end = place.offset + place.length
        if end == 0 and os.fstat(self._fd).st_size > len(_HEAD):
            raise UsageError(f"{self.path} is not a file of stages", "name another with --stages")
        os.ftruncate(self._fd, end)
        if end == 0:
            self._end = 0
            end = self._append(_HEAD).length
        return end

    def _append(self, line: bytes) -> Place:
        place = Place(self._fd, self._end, len(line))
        try:
            write_all(self._fd, line, place.offset)
        except OSError as error:
            os.ftruncate(self._fd, self._end)
            raise cannot_write(self.path, self._end, error) from error
        self._end += len(line)
        return place
