"""Fetch a published checkpoint's files from a hub: verified, resumed where a download broke off.

`huggingface_hub` throws away what it has when a download breaks off, which is dear at 19 GB. Here
a file grows as `NAME.partial` in a folder of its commit, and the next try asks for the rest. Where
the hub is and who asks is that library's matter: `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`.
"""

import fnmatch
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi, errors, get_hf_file_metadata, hf_hub_url
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

from monkeycli.errors import ModelError, MonkeyError, OutputError

WANTED = (
    "config.json",
    "generation_config.json",
    "qwen.tiktoken",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "model.safetensors.index.json",
    "*.safetensors",
)
"""Files that are fetched; never a program, never a pickle where there are safetensors."""

PICKLE = "pytorch_model.bin"
"""The one pickle that is fetched, where a repository has no safetensors."""

REQUIRED = ("config.json", "qwen.tiktoken")
"""Files that a published checkpoint must have beside its weights."""


@dataclass(frozen=True)
class Selection:
    """What is fetched of a repository."""

    what: str
    """What it is to be, for messages: `published Monkey`."""
    patterns: tuple[str, ...]
    """Shell patterns of names; nothing in folders is ever fetched."""
    required: tuple[str, ...]
    """Names without which it is something else."""
    needs_weights: bool = True
    """Whether it is something else without weights, too."""
    pickle: str | None = None
    """Name of the one pickle that is fetched, where there are no safetensors."""
    copies: int = 1
    """How often the files are to lie on the disk in the end: once, or once more converted."""


MONKEY = Selection("published Monkey", WANTED, REQUIRED, pickle=PICKLE, copies=2)
"""What is fetched of a published checkpoint."""

CHUNK = 1 << 22
"""Bytes read at once when a file is hashed."""


@dataclass(frozen=True)
class RemoteFile:
    """A file on the hub, at one commit."""

    name: str
    url: str
    size: int
    """In bytes."""
    checksum: str
    """Its sha256, or the sha1 that git knows it by; empty if the hub names neither."""


@dataclass(frozen=True)
class Fetched:
    """A checkpoint's files, complete and verified."""

    folder: Path
    commit: str


def fetch_checkpoint(
    repo: str,
    revision: str | None,
    downloads: Path,
    *,
    report: Callable[[str], None],
    selection: Selection = MONKEY,
) -> Fetched:
    """Fetch a checkpoint's files, going on where an earlier try broke off.

    Args:
        repo: on the hub, as `echo840/Monkey-Chat`.
        revision: a commit, branch or tag; None for the newest commit of `main`.
        downloads: folder to keep files in; each commit gets a folder in it.
        report: takes a line for the user.
        selection: of files.

    Returns:
        The folder of the commit, which holds every file.

    Raises:
        ModelError: the hub, the repository or the revision cannot be reached, the repository holds
            something else, the download broke off, or a file came damaged.
        OutputError: a file cannot be written, or the disk is too small.
    """
    commit, names = _list_files(repo, revision)
    wanted = choose_files(names, selection)
    missing = [name for name in selection.required if name not in wanted]
    has_weights = any(name.endswith((".safetensors", ".bin")) for name in wanted)
    if missing or (selection.needs_weights and not has_weights):
        weights = "weights" if selection.pickle else "weights as safetensors"
        lacks = missing[0] if missing else weights
        raise ModelError(f"{repo} is no {selection.what}: it has no {lacks}")
    folder = downloads / commit
    files = [_describe(repo, commit, name) for name in wanted]
    _make_room(folder, files, selection.copies)
    for file in files:
        _fetch_file(file, folder, repo, report)
    return Fetched(folder, commit)


def choose_files(names: Iterable[str], selection: Selection = MONKEY) -> list[str]:
    """Choose the files of a repository that are wanted.

    >>> choose_files(["config.json", "modeling_monkey.py", "pytorch_model.bin", "a/config.json"])
    ['config.json', 'pytorch_model.bin']
    >>> choose_files(["model.safetensors", "pytorch_model.bin"])
    ['model.safetensors']
    """
    plain = sorted(name for name in names if "/" not in name and "\\" not in name)
    patterns = selection.patterns
    wanted = [name for name in plain if any(fnmatch.fnmatchcase(name, form) for form in patterns)]
    has_safetensors = any(name.endswith(".safetensors") for name in wanted)
    if selection.pickle in plain and not has_safetensors:
        wanted.append(selection.pickle)
    return wanted


def hash_file(path: Path) -> str:
    """Give a file's sha256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def format_size(num_bytes: int) -> str:
    """Write a size for people.

    >>> format_size(457), format_size(2_580_000), format_size(19_416_000_000)
    ('457 B', '2.6 MB', '19.4 GB')
    """
    if num_bytes < 1000:
        return f"{num_bytes} B"
    power = min(len(str(num_bytes)) - 1, 12) // 3
    return f"{num_bytes / 1000**power:.1f} {'kMGT'[power - 1]}B"


def _list_files(repo: str, revision: str | None) -> tuple[str, list[str]]:
    """Resolve a revision to its commit; give that and the names of all files."""
    try:
        info = HfApi(endpoint=_endpoint()).model_info(repo, revision=revision)
    except errors.RevisionNotFoundError as error:
        raise ModelError(f"{repo} has no revision {revision!r}") from error
    except errors.RepositoryNotFoundError as error:
        hint = "if it is private or gated, log in with `hf auth login` or set HF_TOKEN"
        raise ModelError(f"there is no repository {repo} on the hub", hint) from error
    except (errors.HTTPError, OSError) as error:  # type: ignore[attr-defined]
        raise _unreachable(repo, error) from error
    if not info.sha:
        raise ModelError(f"the hub does not say which commit of {repo} it gives")
    return info.sha, [file.rfilename for file in info.siblings or []]


def _describe(repo: str, commit: str, name: str) -> RemoteFile:
    url = hf_hub_url(repo, name, revision=commit, endpoint=_endpoint())
    try:
        found = get_hf_file_metadata(url, headers=build_hf_headers())
    except (errors.HTTPError, OSError) as error:  # type: ignore[attr-defined]
        raise _unreachable(repo, error) from error
    if found.size is None:
        raise ModelError(f"the hub does not say how large {name} of {repo} is")
    return RemoteFile(name, url, found.size, found.etag or "")


def _make_room(folder: Path, files: Iterable[RemoteFile], copies: int) -> None:
    """Make the folder; see that the disk holds the rest of the files and their other copies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        here = sum(path.stat().st_size for path in folder.iterdir())
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise _unwritable(folder, error) from error
    total = sum(file.size for file in files)
    needed = max(total - here, 0) + (copies - 1) * total
    if needed > free:
        raise OutputError(
            f"{folder} has {format_size(free)} free; {format_size(needed)} are needed",
            "make room, or name another folder in MONKEY_HOME",
        )


def _fetch_file(file: RemoteFile, folder: Path, repo: str, report: Callable[[str], None]) -> None:
    """Fetch what is missing of one file; afterwards it is there as a whole, and verified."""
    target, partial = folder / file.name, folder / f"{file.name}.partial"
    if target.exists():
        return
    try:
        here = partial.stat().st_size if partial.exists() else 0
        if here > file.size:
            partial.unlink()
            here = 0
        resumed = f", {format_size(here)} of them here already" if here else ""
        report(f"fetching {file.name}: {format_size(file.size)}{resumed}")
        with partial.open("ab") as stream:
            http_get(
                file.url,
                stream,
                resume_size=here,
                headers=build_hf_headers(),
                expected_size=file.size,
                displayed_filename=file.name,
            )
        _verify(file, partial)
        partial.replace(target)
    except (errors.HTTPError, OSError) as error:  # type: ignore[attr-defined]
        if isinstance(error, OSError) and error.errno is not None:
            raise _unwritable(partial, error) from error
        raise ModelError(
            f"the download of {file.name} from {repo} broke off: {_first_line(error)}",
            "run the same command again; it goes on where this one stopped",
        ) from error


def _verify(file: RemoteFile, path: Path) -> None:
    """Compare a complete file with the hub's checksum; a damaged one is removed."""
    found = hash_file(path) if len(file.checksum) == 64 else _git_sha1(path)
    if file.checksum and len(file.checksum) in {40, 64} and found != file.checksum:
        path.unlink()
        raise ModelError(
            f"{file.name} came damaged: its checksum is {found}, the hub says {file.checksum}",
            "it was removed; run the same command again",
        )


def _git_sha1(path: Path) -> str:
    """Give the sha1 that git knows a file by: of `blob SIZE`, a zero byte and the content."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None


def _unreachable(repo: str, error: Exception) -> MonkeyError:
    if isinstance(error, errors.OfflineModeIsEnabled):
        return ModelError(f"{repo} cannot be fetched offline", "unset HF_HUB_OFFLINE")
    return ModelError(
        f"{repo} cannot be fetched: {_first_line(error)}",
        "try again later, or use `--from` with a folder you have",
    )


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {error.strerror or error}")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
