"""Features of pages on disk: asking again about the same page skips the ViT.

A folder holds one small safetensors file for every page, named by what went in: the pixels, the
grid, and the model. Several processes may share it: files appear whole or not at all, and one that
another process removed is only missing. When the folder grows beyond its bound, the files that were
used least recently go.
"""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from monkeycli.document import Page
from monkeycli.errors import OutputError

MAX_BYTES = 4 * 2**30
"""Default bound of a folder."""

SUFFIX = ".safetensors"
NAME = "features"


class FeatureCache:
    """A folder of features.

    Args:
        folder: made if there is none.
        model: name of all that the features hang on: checkpoint, adapter, dtype.
        max_bytes: of all files together.

    Raises:
        OutputError: the folder cannot be made or written.
    """

    def __init__(self, folder: Path, *, model: str, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self.model = model
        self.max_bytes = max_bytes
        self.is_full = False
        """Whether the disk had no room for the last file; what is not kept is computed again."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(f"--cache {folder} cannot be written: {reason}") from error
        self._size = self._tidy()

    def find(self, page: Page) -> torch.Tensor | None:
        """Give a page's features, None if they are not here."""
        path = self._path(page)
        try:
            features = load(path.read_bytes())[NAME]
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, KeyError):
            with contextlib.suppress(OSError):
                path.unlink()  # torn by a crash of the machine: it is written again
            return None
        return features

    def keep(self, page: Page, features: torch.Tensor) -> None:
        """Put a page's features here; a full disk is no failure."""
        path = self._path(page)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            path.parent.mkdir(exist_ok=True)
            save_file({NAME: features.detach().cpu().contiguous()}, part)
            self._size += part.stat().st_size
            part.replace(path)
            self.is_full = False
        except (OSError, SafetensorError):
            self.is_full = True
            with contextlib.suppress(OSError):
                part.unlink()
        if self._size > self.max_bytes:
            self._size = self._tidy()

    def _path(self, page: Page) -> Path:
        """Name a file by what its features are computed from."""
        digest = hashlib.sha256()
        for text in (self.model, page.image.mode, str(page.image.size), str(page.grid)):
            digest.update(text.encode() + b"\0")
        digest.update(page.image.tobytes())
        name = digest.hexdigest()
        return self.folder / name[:2] / f"{name}{SUFFIX}"

    def _tidy(self) -> int:
        """Remove what was used least recently until a tenth of the room is free; give the size."""
        found = []
        for path in self.folder.glob(f"??/*{SUFFIX}"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, path))
        size = sum(size for _, size, _ in found)
        if size <= self.max_bytes:
            return size
        for _, of_file, path in sorted(found):
            if size <= self.max_bytes * 0.9:
                break
            with contextlib.suppress(OSError):
                path.unlink()
            size -= of_file
        return size
