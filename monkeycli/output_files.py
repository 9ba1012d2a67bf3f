"""The files of a run's output: what lies where, and how one is replaced as a whole."""

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from monkeycli.errors import OutputError, UsageError


def part_path(path: Path) -> Path:
    """Give the path of an output's journal.

    >>> part_path(Path("out.csv")).name
    'out.csv.part'
    """
    return path.with_name(path.name + ".part")


def facts_path(path: Path) -> Path:
    """Give the path of the file that tells how a run went.

    >>> facts_path(Path("out.csv")).name
    'out.csv.run.json'
    """
    return path.with_name(path.name + ".run.json")


def check_output(path: Path, inputs: Iterable[str] = ()) -> None:
    """Check that an output can be written, before any work is done.

    Args:
        path: of the output.
        inputs: paths that the run reads.

    Raises:
        OutputError: its folder is missing or not writable, or it is not a regular file.
        UsageError: it, or a file that is to lie beside it, is one of `inputs`.
    """
    folder = path.parent
    if not folder.is_dir():
        raise OutputError(f"{path} cannot be written: there is no folder {folder}", "make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{path} cannot be written: folder {folder} is not writable")
    files = (path, part_path(path), facts_path(path))
    for file in files:
        _check_is_regular(file)
    for given in inputs:
        if any(file.exists() and file.samefile(given) for file in files if Path(given).exists()):
            raise UsageError(f"output {path} is an input as well: {given}", "name another file")


def _check_is_regular(file: Path) -> None:
    if not os.path.lexists(file):
        return
    mode = file.lstat().st_mode
    if not stat.S_ISREG(mode):
        kind = next(name for test, name in _FILE_TYPES if test(mode))
        raise OutputError(f"{file} cannot be written: it is a {kind}", "name a regular file")
    if not os.access(file, os.W_OK):
        raise OutputError(f"{file} cannot be written: it is read-only")


_FILE_TYPES = (
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def replace_file(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file so that, whenever the machine stops, its old or its new content is there.

    Raises:
        OutputError: the disk is full, or refuses otherwise; the old content stays.
    """
    temporary = path.with_name(f".{path.name}.monkey-tmp")
    size = 0
    try:
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:
            if path.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            for chunk in chunks:
                file.write(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(path, size, error) from error
        raise


def cannot_write(path: Path, size: int, error: OSError) -> OutputError:
    """Give the error that says why a file could not grow beyond `size` bytes."""
    is_full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    what = "the disk is full" if is_full else "it cannot be written"
    return OutputError(
        f"{path}: {what} after {size} bytes ({error.strerror})",
        "finished records are kept: mend that, then run again with --resume",
    )


def sync_folder(folder: Path) -> None:
    """Make a renaming last; not every file system can, and nothing is lost if not."""
    with suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
