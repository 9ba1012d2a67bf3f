"""What lies where in the folder of a run, and checkpoints that are whole or not there at all.

    RUN/run.yaml, log.jsonl, loss.png, eval.png, tensorboard/
    RUN/step-500/   all that going on from there needs, bit for bit
    RUN/best        names the step that answered best
    RUN/adapter/    what was learnt: `--adapter RUN` finds it
    RUN/model/      the whole model: `--model RUN` finds it

Knows names, sizes and renaming; what is in a checkpoint is the trainer's business.
"""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from monkeycli.errors import OutputError, UsageError
from monkeycli.journal import open_locked
from monkeycli.output_files import sync_folder

MANIFEST = "checkpoint.json"
"""Written last into a checkpoint: the size of every file in it, in bytes."""

_STEP = re.compile(r"step-([1-9][0-9]*)")
_HINT = "what was saved before is kept: make room, then go on with --resume"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_SIGNS = ("os error 28", "os error 27", "os error 122", "inline_container", "iostream error")
"""How safetensors and torch, which write by themselves, say that the disk takes no more."""


@dataclass(frozen=True)
class Best:
    """The step that answered best, as `RUN/best` names it."""

    step: int
    score: float
    """Mean over the evaluation sets of their mean scores, in [0, 1]."""


class RunFolder:
    """The folder of one run.

    Args:
        path: of it; need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings = path / "run.yaml"
        self.log = path / "log.jsonl"
        self.loss_plot = path / "loss.png"
        self.eval_plot = path / "eval.png"
        self.tensorboard = path / "tensorboard"
        self.adapter = path / "adapter"
        self.model = path / "model"

    def check(self, *, resume: bool) -> None:
        """See that the folder may be made, or taken up.

        Args:
            resume: whether an earlier run may be in it.

        Raises:
            UsageError: something is in it already, and is no run, or is not to be resumed.
            OutputError: it cannot be looked into.
        """
        try:
            names = {entry.name for entry in self.path.iterdir()} if self.path.exists() else set()
        except OSError as error:
            raise OutputError(f"{self.path} cannot be made: {error.strerror}") from error
        if names and not resume:
            raise UsageError(
                f"{self.path} is there already", "go on with --resume, or choose another folder"
            )
        if names and self.settings.name not in names:
            raise UsageError(f"{self.path} holds no run: it has no {self.settings.name}")

    def open(self, *, resume: bool) -> None:
        """Make the folder, or take up the one that is there; what was left half done goes.

        Raises:
            UsageError: as `check`.
            OutputError: it cannot be made, or another run is writing in it.
        """
        self.check(resume=resume)
        if self.log.exists():  # what looks left over may be what another run is at
            os.close(open_locked(self.log, "another run"))
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            leftovers = [path for path in self.path.iterdir() if path.suffix in (".part", ".old")]
        except OSError as error:
            raise OutputError(f"{self.path} cannot be made: {error.strerror}") from error
        for path in leftovers:
            _discard(path)

    def checkpoints(self) -> dict[int, Path]:
        """Give the checkpoints that are whole, by step, the newest last."""
        found = {}
        for entry in self.path.iterdir() if self.path.is_dir() else ():
            match = _STEP.fullmatch(entry.name)
            if match and _is_whole(entry):
                found[int(match[1])] = entry
        return dict(sorted(found.items()))

    def step(self, number: int) -> Path:
        """Give the folder of a checkpoint, whether or not it is there."""
        return self.path / f"step-{number}"

    def draft(self, number: int) -> Path:
        """Give the folder that a checkpoint is written into before it is finished."""
        return _part(self.step(number))

    def start_checkpoint(self, number: int) -> Path:
        """Make an empty folder to write a checkpoint into."""
        return _empty(_part(self.step(number)))

    def finish_checkpoint(self, number: int) -> Path:
        """Make a checkpoint what it is, once and for all: after this it outlives any crash.

        Raises:
            OSError: the disk refuses.
        """
        final, draft = self.step(number), _part(self.step(number))
        files = [path for path in sorted(draft.rglob("*")) if path.is_file()]
        sizes = {path.relative_to(draft).as_posix(): path.stat().st_size for path in files}
        manifest = draft / MANIFEST
        manifest.write_text(json.dumps({"step": number, "files": sizes}, indent=1))
        for path in files:  # safetensors makes files that nobody else may read
            path.chmod(manifest.stat().st_mode)
        _replace_folder(draft, final)
        return final

    def prune(self, keep: int) -> None:
        """Remove all checkpoints but the newest and the best.

        Args:
            keep: how many of the newest stay.
        """
        best = self.best
        numbers = list(self.checkpoints())
        for number in numbers[: max(0, len(numbers) - keep)]:
            if best is None or number != best.step:
                _remove(self.step(number))

    @property
    def best(self) -> Best | None:
        """The best step, if it is marked and its checkpoint is there."""
        try:
            best = Best(**json.loads((self.path / "best").read_text(encoding="ascii")))
        except (OSError, ValueError, TypeError):
            return None
        return best if _is_whole(self.step(best.step)) else None

    def mark_best(self, best: Best) -> None:
        """Write down which step is best; its checkpoint has to be there already."""
        self.write("best", (json.dumps(asdict(best)) + "\n").encode())

    def write(self, name: str, data: bytes) -> None:
        """Replace a small file as a whole.

        Raises:
            OutputError: the disk refuses; what was there before stays.
        """
        target = self.path / name
        draft = _part(target)
        with self.writing(draft):
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
            sync_folder(self.path)

    @contextmanager
    def replacing(self, target: Path) -> Iterator[Path]:
        """Give an empty folder to write into; it takes the place of `target` when all went well.

        Raises:
            OutputError: the disk refuses; what was there before stays.
        """
        draft = _part(target)
        with self.writing(draft):
            yield _empty(draft)
            _replace_folder(draft, target)

    @contextmanager
    def writing(self, draft: Path) -> Iterator[None]:
        """Turn what the disk refuses inside the block into an `OutputError`.

        Args:
            draft: file or folder that is written to; removed if it fails.
        """
        try:
            yield
        except Exception as error:
            reason = _refusal(error)
            size = _size(draft)
            _discard(draft)
            if reason is None:
                raise
            raise OutputError(f"{draft}: {reason} after {size} bytes", _HINT) from error


def _refusal(error: Exception) -> str | None:
    """Say what the disk complained of; None if it was not the disk."""
    if isinstance(error, OutputError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if isinstance(error, OSError):
        what = "the disk is full" if error.errno in _FULL else "it cannot be written"
        return f"{what} ({error.strerror or error})"
    if any(sign in str(error) for sign in _FULL_SIGNS):
        return "the disk is full"
    return None


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _discard(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _is_whole(folder: Path) -> bool:
    """Whether every file is there that was when the checkpoint was finished, and as long."""
    try:
        sizes = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False


def _replace_folder(draft: Path, target: Path) -> None:
    """Put a folder in its place, all of it on the disk first."""
    for path in [*draft.rglob("*"), draft]:
        if path.is_file():
            fd = os.open(path, os.O_RDONLY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
        else:
            sync_folder(path)
    if target.exists():
        _remove(target)
    draft.rename(target)
    sync_folder(target.parent)


def _remove(folder: Path) -> None:
    """Remove a folder so that, interrupted, none of it is left under its name."""
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    shutil.rmtree(old, ignore_errors=True)
