"""Fetch a generator's checkpoint into the store: once, verified, and only when asked to."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from monkey_describe_hf.published import KINDS, is_repo, read_model_type, store_folder
from monkeycli.catalog import Source, home_folder, read_source, write_source
from monkeycli.errors import ModelError, OutputError, UsageError
from monkeycli.hub import Selection, fetch_checkpoint, hash_file

SELECTION = Selection(
    "checkpoint of a generator",
    patterns=(
        "config.json",
        "generation_config.json",
        "preprocessor_config.json",
        "processor_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "vocab.txt",
        "merges.txt",
        "model.safetensors.index.json",
        "*.safetensors",
    ),
    required=("config.json",),
)
"""What is fetched: no program, and no pickle."""

_MODEL_TYPES = {name for kind in KINDS for name in kind.model_types}


def pull_generator(
    repo: str, *, revision: str | None = None, report: Callable[[str], None]
) -> Path:
    """Fetch a repository, unless it is here already.

    Args:
        repo: on the hub, as `facebook/sam-vit-base`.
        revision: commit, branch or tag; None for the newest of `main`, or whichever is here.
        report: takes a line for the user.

    Returns:
        The folder that it lies in.

    Raises:
        UsageError: that is no repository's name.
        ModelError: it cannot be fetched, or holds no generator's checkpoint.
        OutputError: the store cannot be written.
    """
    if not is_repo(repo):
        raise UsageError(f"{repo!r} is no repository's name", "write OWNER/NAME")
    target = store_folder(repo)
    present = read_source(target) if target.is_dir() else None
    if present and revision in (None, present.commit):
        report(f"{repo} is here already, at {present.commit}")
        return target
    downloads = home_folder() / "downloads" / repo
    # The configuration first: it is small, and says whether the rest is of any use.
    first = replace(SELECTION, patterns=("config.json",), needs_weights=False)
    begun = fetch_checkpoint(repo, revision, downloads, report=report, selection=first)
    found = read_model_type(begun.folder)
    if found not in _MODEL_TYPES:
        known = ", ".join(sorted(_MODEL_TYPES))
        raise ModelError(f"{repo} holds no generator: its config.json says {found!r}, not {known}")
    fetched = fetch_checkpoint(repo, begun.commit, downloads, report=report, selection=SELECTION)
    _keep(repo, fetched.folder, fetched.commit, target)
    shutil.rmtree(downloads, ignore_errors=True)
    return target


def _keep(repo: str, folder: Path, commit: str, target: Path) -> None:
    """Move a complete download to its place; an older one there gives way."""
    licence = next((kind.licence for kind in KINDS if kind.repo == repo), "as its publisher says")
    try:
        sha256 = {path.name: hash_file(path) for path in sorted(folder.iterdir())}
        write_source(folder, Source(repo, repo, commit, licence, sha256, sha256))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            shutil.rmtree(target)
        folder.replace(target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from error
