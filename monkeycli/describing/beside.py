"""Files that are written beside the records, as a whole, when every record has come.

What they need lies in a nameless file until then, so that memory does not grow with the number of
pages, and a run that breaks off leaves an earlier file as it was.
"""

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import orjson

from monkeycli.describing.lessons import LessonOptions, make_lessons
from monkeycli.describing.report import foot, head, show_record
from monkeycli.document import PageResult
from monkeycli.errors import OutputError
from monkeycli.inputs import STDIN
from monkeycli.messages import count
from monkeycli.output_files import cannot_write, replace_file
from monkeycli.questions import is_utf8
from monkeycli.records import Record

_CHUNK = 1 << 20


class Beside(ABC):
    """A file that is made of a run's records.

    Args:
        path: of the file; its folder must exist.

    Raises:
        OutputError: nothing can be written in its folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._spool = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - see `close`
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}") from error

    @abstractmethod
    def add(self, record: Record, result: PageResult) -> None:
        """Take what is needed of a record, and of what was read."""

    @abstractmethod
    def finish(self) -> str:
        """Write the file, and give a line that says what is in it.

        Raises:
            OutputError: it cannot be written; an earlier file stays.
        """

    def close(self) -> None:
        """Let go of what was taken, whether or not the disk took all of it."""
        with suppress(OSError):
            self._spool.close()

    def _take(self, data: bytes) -> None:
        try:
            self._spool.write(data)
        except OSError as error:
            raise cannot_write(self.path, self._spool.tell(), error) from error

    def _taken(self) -> Iterator[bytes]:
        self._spool.seek(0)
        while chunk := self._spool.read(_CHUNK):
            yield chunk


class TrainingFile(Beside):
    """A data set for `monkey train`; image paths start from its own folder.

    Args:
        path: of the file.
        options: what is to be learnt.
    """

    def __init__(self, path: Path, options: LessonOptions) -> None:
        super().__init__(path)
        self._options = options
        self._folder = path.parent.resolve()
        self._num_lines = self._num_pages = 0

    def add(self, record: Record, result: PageResult) -> None:
        """Write what can be learnt from a page; an image without a path teaches nothing."""
        lessons = make_lessons(record, self._options)
        source = result.document.path
        if not lessons or source == STDIN or not is_utf8(source):
            return
        image = os.path.relpath(Path(source).absolute(), self._folder)
        for lesson in lessons:
            line = {"image": image, "page": record.page, **lesson}
            self._take(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        self._num_lines += len(lessons)
        self._num_pages += 1

    def finish(self) -> str:
        """Write the file."""
        replace_file(self.path, self._taken())
        lines, pages = count(self._num_lines, "line"), count(self._num_pages, "page")
        return f"{self.path}: {lines} from {pages} to learn from."


class ReportFile(Beside):
    """The report, to be looked at in a browser."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._num_parts = 0

    def add(self, record: Record, result: PageResult) -> None:
        """Draw an image and what was found in it."""
        self._num_parts += 1
        self._take(show_record(record, result.page, self._num_parts).encode())

    def finish(self) -> str:
        """Write the file."""
        title = f"Descriptions of {count(self._num_parts, 'image')}"
        replace_file(self.path, self._whole(title))
        return f"{self.path}: a page to look at, {count(self._num_parts, 'image')}."

    def _whole(self, title: str) -> Iterator[bytes]:
        yield head(title).encode()
        yield from self._taken()
        yield foot().encode()
