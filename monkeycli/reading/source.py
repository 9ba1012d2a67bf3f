"""Get at a file's bytes: regular files only, read-only, never blocking."""

import mmap
import os
import stat
from dataclasses import dataclass

from monkeycli.errors import ItemError

MAX_FILE_BYTES = 2**31
"""Largest file that is read."""

_KINDS = (
    (stat.S_ISDIR, "a directory that holds no document", "name its files"),
    (stat.S_ISFIFO, "a named pipe, not a file", "pipe it in and write - instead"),
    (stat.S_ISSOCK, "a socket, not a file", None),
    (stat.S_ISCHR, "a device, not a file", None),
    (stat.S_ISBLK, "a device, not a file", None),
)


@dataclass(frozen=True)
class Source:
    """The bytes of a document."""

    data: memoryview
    """Read-only; a file's are mapped, so that they are not all in memory."""
    fingerprint: tuple[int, ...]
    """Differs if the file was changed or replaced between two openings; empty for bytes."""


def open_source(path: str) -> Source:
    """Map a file into memory.

    Raises:
        ItemError: there is no such file, it may not be read, is no regular file, is empty
            (`corrupt`) or larger than `MAX_FILE_BYTES`.
    """
    try:
        status = os.stat(path)
        _check_kind(path, status)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _not_found(path, error) from error
    try:
        status = os.fstat(descriptor)
        _check_kind(path, status)
        data = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise ItemError("corrupt", f"{path} cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    return Source(data, (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))


def _check_kind(path: str, status: os.stat_result) -> None:
    """Refuse what is no regular file, and files without or with too much content."""
    for is_kind, what, hint in _KINDS:
        if is_kind(status.st_mode):
            raise ItemError("unsupported", f"{path} is {what}", hint)
    if status.st_size == 0:
        raise ItemError("corrupt", f"{path} is empty", "copy it again")
    if status.st_size > MAX_FILE_BYTES:
        raise ItemError(
            "too_large",
            f"{path} has {status.st_size >> 20} MiB; files up to {MAX_FILE_BYTES >> 20} are read",
            "split it",
        )


def _not_found(path: str, error: OSError | ValueError) -> ItemError:
    if isinstance(error, PermissionError):
        return ItemError(
            "not_found", f"{path} may not be read: permission denied", "check its mode"
        )
    if path.lower().startswith(("http://", "https://")):
        return ItemError(
            "not_found", f"{path} is a URL, and monkey opens no network", "download it"
        )
    if isinstance(error, FileNotFoundError) and os.path.islink(path):
        return ItemError("not_found", f"{path} is a link to a file that does not exist")
    if isinstance(error, ValueError | FileNotFoundError | NotADirectoryError):
        return ItemError("not_found", f"{path} does not exist", "check the path")
    return ItemError("not_found", f"{path} cannot be opened: {error.strerror}", "check the path")
