"""Pull, check and export models: everything about the catalog that opens weights."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError

from monkeycli.catalog import (
    PUBLISHED,
    SOURCE_FILE,
    Published,
    Source,
    find_adapter,
    find_checkpoint,
    home_folder,
    read_source,
    run_name,
    store_folder,
    write_source,
)
from monkeycli.errors import ModelError, OutputError, UsageError
from monkeycli.hub import choose_files, fetch_checkpoint, hash_file
from monkeycli.model.adapter_files import Base, read_info, read_tensors
from monkeycli.model.adapter_merge import load_adapter
from monkeycli.model.check import Contents, check_weights
from monkeycli.model.checkpoint import (
    build_on_meta,
    convert_published,
    load_checkpoint,
    load_config,
    save_checkpoint,
)
from monkeycli.model.files import read_config
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor

Report = Callable[[str], None]
"""Takes a line for the user."""

DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}
"""By the names that configurations use."""


def pull_model(
    name: str, *, revision: str | None = None, is_offline: bool = False, report: Report
) -> Path:
    """Fetch a published model and convert it, unless it is here already.

    Args:
        name: `monkey` or `monkey-chat`.
        revision: commit, branch or tag; None for the catalog's, or whichever is here.
        is_offline: fail rather than use the network.
        report: takes a line for the user.

    Returns:
        The folder of the converted model.

    Raises:
        UsageError: no published model has that name.
        ModelError: the model cannot be fetched, or what came is no such model.
        OutputError: the store cannot be written.
    """
    published = _published(name)
    present = _present(name)
    if present and (revision is None or present.commit == revision):
        report(f"{name} is here already, at {present.commit or present.origin}")
        return store_folder(name)
    if is_offline:
        raise ModelError(f"model {name!r} is not on this machine", "pull it without --offline")
    downloads = home_folder() / "downloads" / name
    fetched = fetch_checkpoint(
        published.repo, revision or published.revision, downloads, report=report
    )
    folder = _convert(name, fetched.folder, published.repo, fetched.commit, report)
    shutil.rmtree(downloads, ignore_errors=True)
    return folder


def pull_from(name: str, source: Path, *, report: Report) -> Path:
    """Convert a published model that lies in a folder, and put it into the store.

    Args:
        name: `monkey` or `monkey-chat`.
        source: holds the published files; it is left as it is.
        report: takes a line for the user.

    Returns:
        The folder of the converted model; a model of that name is replaced.

    Raises:
        UsageError: no published model has that name.
        ModelError: the folder holds no published model.
        OutputError: the store cannot be written.
    """
    _published(name)
    return _convert(name, source, str(source.absolute()), None, report)


def check_model(name: str) -> Contents:
    """Compare a model's files with what was recorded, and its weights with its configuration.

    Args:
        name: of a model, or a folder.

    Raises:
        ModelError: a file is missing or changed, or a weight is missing, left over or misshapen.
        UsageError: there is no such model.
    """
    folder = find_checkpoint(name)
    source = read_source(folder)
    for file, checksum in source.sha256.items() if source else ():
        path = folder / file
        if not path.is_file() or hash_file(path) != checksum:
            problem = "was changed" if path.is_file() else "is missing"
            raise ModelError(f"{path} {problem}", f"remove {folder} and pull again")
    return check_weights(folder)


def check_adapter(name: str) -> tuple[Contents, Base]:
    """See that an adapter is whole and fits the checkpoint it belongs to, which is not loaded.

    Args:
        name: of the adapter's folder, or of the run's.

    Returns:
        What it holds, and the checkpoint.

    Raises:
        ModelError: it is broken or does not fit, or its base is not here or another by now.
        UsageError: there is no such adapter.
    """
    folder = find_adapter(name)
    info = read_info(folder)
    base = Base.of(info.base.model)
    load_adapter(build_on_meta(load_config(find_checkpoint(base.model))), folder, base)
    sizes = [part.numel() for file in info.files for part in read_tensors(folder, file).values()]
    return Contents(len(sizes), sum(sizes)), base


def export_model(name: str, target: Path) -> None:
    """Write a model as a plain folder: safetensors, nothing packed, nothing beside the weights.

    Args:
        name: of a model, or a folder in either layout.
        target: folder to make; must not exist.

    Raises:
        UsageError: `target` exists, or there is no such model.
        ModelError: the model is not here or broken.
        OutputError: the folder cannot be written.
    """
    _check_is_new(target)
    _write(*_load_as_stored(find_checkpoint(name)), target)


def export_adapter(name: str, target: Path, *, is_replacing: bool = False) -> None:
    """Write the model that an adapter makes of its base, as `export_model` does.

    The model is named after the adapter's run and keeps its base's licence and dtype. The base is
    loaded as it is stored, whatever it was held in while the run learnt.

    Args:
        name: of the adapter's folder, or of the run's.
        target: folder to make.
        is_replacing: whether a folder that exists gives way, once the new one is whole.

    Raises:
        UsageError: `target` exists, or there is no such adapter.
        ModelError: the base is not here, or the adapter is broken or does not fit it.
        OutputError: the folder cannot be written.
    """
    if not is_replacing:
        _check_is_new(target)
    folder = find_adapter(name)
    base = Base.of(read_info(folder).base.model)
    model, processor = _load_as_stored(find_checkpoint(base.model))
    load_adapter(model, folder, base)
    model.config.checkpoint_name = run_name(folder)
    _write(model, MonkeyProcessor(processor.tokenizer, model.config), target)


def _check_is_new(target: Path) -> None:
    if target.exists():
        raise UsageError(f"{target} exists", "name a folder that does not")


def _load_as_stored(folder: Path) -> tuple[MonkeyForConditionalGeneration, MonkeyProcessor]:
    return load_checkpoint(folder, dtype=_stored_dtype(folder), device=torch.device("cpu"))


def _write(model: MonkeyForConditionalGeneration, processor: MonkeyProcessor, target: Path) -> None:
    """Write a checkpoint beside its place, and move it there once it is whole."""
    with _draft(target.absolute()) as draft:
        save_checkpoint(model, processor, draft / "model")
        if target.exists():
            target.replace(draft / "old")
        (draft / "model").replace(target)


def _convert(name: str, source: Path, origin: str, commit: str | None, report: Report) -> Path:
    """Convert a checkpoint into the store; a model of that name gives way when all is done."""
    report(f"reading {source}")
    names = choose_files(path.name for path in source.iterdir()) if source.is_dir() else []
    source_sha256 = {file: hash_file(source / file) for file in names}
    version = commit or hashlib.sha256(repr(sorted(source_sha256.items())).encode()).hexdigest()
    target = store_folder(name)
    report(f"converting to safetensors in {target}")
    with _draft(target) as draft:
        convert_published(source, draft / "model", name=f"{name}@{version[:7]}")
        files = sorted(path.name for path in (draft / "model").iterdir())
        sha256 = {file: hash_file(draft / "model" / file) for file in files}
        record = Source(name, origin, commit, _published(name).licence, source_sha256, sha256)
        write_source(draft / "model", record)
        if target.exists():
            target.replace(draft / "old")
        (draft / "model").replace(target)
    return target


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """Give a folder beside `target` to write into; whatever is left in it goes at the end."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        draft.chmod(0o755)
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except SafetensorError as error:  # it wraps what the disk said
        raise OutputError(f"{target} cannot be written: {error}") from error
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from error


def _stored_dtype(folder: Path) -> torch.dtype:
    """Give the dtype that a model's configuration names, float32 if it names none."""
    fields = read_config(folder)
    return DTYPES.get(str(fields.get("dtype") or fields.get("torch_dtype")), torch.float32)


def _published(name: str) -> Published:
    if name not in PUBLISHED:
        hint = "choose " + " or ".join(PUBLISHED)
        raise UsageError(f"{name!r} is no model that can be pulled", hint)
    return PUBLISHED[name]


def _present(name: str) -> Source | None:
    folder = store_folder(name)
    return read_source(folder) if (folder / SOURCE_FILE).is_file() else None
