"""Turn what was typed into documents: files, directories, globs, lists, and `-` for stdin.

Says which documents there are, in which order; does not open them but to tell a directory's
documents from its other files.
"""

import glob
import io
import itertools
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import BinaryIO

from monkeycli.document import Document
from monkeycli.errors import UsageError
from monkeycli.file_type import DOCUMENT_SUFFIXES, HEAD_BYTES, find_type
from monkeycli.pages import parse_pages
from monkeycli.plugins import plugin_names

STDIN = "-"
"""What stands for standard input."""

MAX_STDIN_BYTES = 2**30
"""Largest document read from standard input, in bytes."""

_MAX_LIST_BYTES = 2**28
"""Largest list of documents, in bytes."""


def find_documents(
    inputs: Sequence[str],
    *,
    files_from: str | None = None,
    pages: str = "all",
    stdin: BinaryIO | None = None,
) -> Iterator[Document]:
    """Give the documents that were asked for, in the order typed, those of a list last.

    What was typed is checked before this returns; directories are walked as the iterator is used.

    Args:
        inputs: paths, directories, globs (where no file has that very name), or `-`.
        files_from: a file that lists paths, separated by newlines or NUL; `-` for stdin.
        pages: which pages of each, as `--pages` takes them.
        stdin: where `-` is read from; None for the process's own.

    Raises:
        UsageError: an input does not exist, matches nothing, holds no document or is a URL; `-` is
            used twice, or stdin is a terminal; the list cannot be read; `pages` are no pages.
    """
    parse_pages(pages)
    if [*inputs, files_from].count(STDIN) > 1:
        raise UsageError("standard input (-) is asked for twice", "it can be read only once")
    stdin = standard_input() if stdin is None else stdin
    found = [_read_stdin_document(stdin) if path == STDIN else _find_typed(path) for path in inputs]
    if files_from is not None:
        found.append(_find_listed(_read_list(files_from, stdin)))
    return (
        Document(item, pages) if isinstance(item, str) else Document(STDIN, pages, data=item)
        for item in itertools.chain.from_iterable(found)
    )


def standard_input() -> BinaryIO:
    """Give the process's standard input; an empty one if it is closed."""
    return sys.stdin.buffer if sys.stdin is not None else io.BytesIO()


def _read_stdin_document(stdin: BinaryIO) -> Iterable[str | bytes]:
    return [_read_stdin(stdin, "a document", MAX_STDIN_BYTES)]


def _read_stdin(stdin: BinaryIO, what: str, limit: int) -> bytes:
    """Read all of stdin, at most `limit` bytes; `what` is expected there."""
    if stdin.isatty():
        raise UsageError(
            f"- reads {what} from standard input, but that is a terminal", "pipe it in"
        )
    data = stdin.read(limit + 1)
    if len(data) > limit:
        raise UsageError(f"standard input is larger than {limit >> 20} MiB", "save it to a file")
    return data


def _find_typed(path: str) -> Iterable[str | bytes]:
    """Give the documents of one typed path, which must exist."""
    if _is_url(path):
        raise UsageError(f"{path} is a URL, and monkey opens no network", "download it first")
    if os.path.lexists(path):
        return _peek(path, walk_path(path), "holds no document")
    if glob.has_magic(path):
        return _peek(path, _expand_glob(path), "matches no file")
    raise UsageError(f"{path} does not exist", "check the path")


def _is_url(path: str) -> bool:
    return path.lower().startswith(("http://", "https://", "ftp://", "s3://", "file://"))


def _peek(path: str, found: Iterator[str], complaint: str) -> Iterator[str]:
    """Give what `found` gives, or complain at once if that is nothing."""
    first = next(found, None)
    if first is None:
        raise UsageError(f"{path} {complaint}", "PDF and image files are read")
    return itertools.chain([first], found)


def _find_listed(paths: Iterable[str]) -> Iterator[str | bytes]:
    """Give the documents of a list; what is wrong with one of its paths becomes a record later."""
    for path in paths:
        found = walk_path(path)
        first = next(found, path)  # a directory without documents is not skipped in silence
        yield first
        yield from found


def _read_list(path: str, stdin: BinaryIO) -> list[str]:
    """Read a list of paths, separated by NUL if there is one, else by newlines."""
    if path == STDIN:
        data = _read_stdin(stdin, "a list of files", _MAX_LIST_BYTES)
    else:
        try:
            with open(path, "rb") as file:
                data = file.read(_MAX_LIST_BYTES + 1)
        except OSError as error:
            raise UsageError(f"--files-from {path}: {error.strerror}", "check the path") from error
    if len(data) > _MAX_LIST_BYTES:
        raise UsageError(
            f"--files-from {path} is larger than {_MAX_LIST_BYTES >> 20} MiB", "split it"
        )
    lines = data.split(b"\0") if b"\0" in data else data.removeprefix(b"\xef\xbb\xbf").splitlines()
    return [os.fsdecode(line) for line in lines if line.strip()]


def walk_path(path: str) -> Iterator[str]:
    """Give a file as it is, or a directory's documents: recursive, sorted, hidden ones skipped.

    Of a directory those files are taken whose content is that of a document, and those that cannot
    be looked into or only bear a document's suffix, so that they are reported. A directory that has
    been walked is not walked again through a link. A directory that cannot be read is given itself.
    """
    if not os.path.isdir(path):
        yield path
        return
    walked: set[tuple[int, int]] = set()
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if not os.path.isdir(current):
            if _is_document(current):
                yield current
            continue
        try:
            status = os.stat(current)
            if (status.st_dev, status.st_ino) in walked:
                continue
            walked.add((status.st_dev, status.st_ino))
            names = sorted(os.listdir(current), reverse=True)
        except OSError:
            yield current
            continue
        waiting += [os.path.join(current, name) for name in names if not name.startswith(".")]


def _is_document(path: str) -> bool:
    """Whether a directory's file is to be read, or to be reported."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix in DOCUMENT_SUFFIXES or suffix[1:] in plugin_names("monkeycli.readers"):
        return True
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as file:
            return find_type(file.read(HEAD_BYTES)) is not None
    except OSError:
        return not os.path.islink(path)


def _expand_glob(pattern: str) -> Iterator[str]:
    """Give the documents that a glob matches, sorted; directories among them are walked."""
    seen: set[str] = set()
    for match in _match_deep(pattern) if "**" in pattern else sorted(glob.iglob(pattern)):
        for path in walk_path(match):
            if path not in seen:
                seen.add(path)
                yield path


def _match_deep(pattern: str) -> Iterator[str]:
    """Give the files that a glob with `**` matches; unlike `glob`, safe from looping links."""
    parts = os.path.normpath(pattern).split(os.sep)
    first_magic = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    root = os.sep.join(parts[:first_magic]) or (os.sep if os.path.isabs(pattern) else "")
    for path in walk_path(root or os.curdir):
        relative = os.path.relpath(path, root or os.curdir).split(os.sep)
        if _matches(relative, parts[first_magic:]):
            yield os.path.join(root, *relative)


def _matches(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Whether a path matches a glob, part by part; `**` stands for any number of directories."""
    if not patterns:
        return not names
    if patterns[0] == "**":
        return any(_matches(names[start:], patterns[1:]) for start in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], patterns[0]) and _matches(names[1:], patterns[1:])
