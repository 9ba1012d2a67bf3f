"""`--fuse local:DIR`: descriptions by a text model on this machine.

DIR is a folder as `save_pretrained` writes it, or a `.gguf` file. It is read as it lies there: no
network, no code beside the weights, no pickle.
"""

from collections.abc import Sequence
from contextlib import redirect_stderr
from functools import cached_property
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from monkey_summarize import __version__
from monkey_summarize.chat import encode_prompt
from monkey_summarize.messages import clean_answer, make_prompt
from monkeycli.describing.providers import Draft, ProviderOptions
from monkeycli.errors import ModelError
from monkeycli.model.device import choose_device, choose_dtype
from monkeycli.model.files import digest_files

MAX_TOKENS = 300
"""Longest description."""

MAX_PROMPT = 4096
"""Longest prompt; a model with a shorter context gets a shorter one."""

_COUNTED = {".json", ".jinja", ".txt", ".model", ".safetensors"}


class LocalFuser:
    """Writes with a language model; a `Fuser`.

    Each draft is written alone and without chance, so that a text does not hang on its neighbours.

    Args:
        options: `where` is a folder or a GGUF file; `device` is where it runs.

    Raises:
        ModelError: it is not there, has no safetensors, or the device cannot be had.
        UsageError: no device has that name.
    """

    def __init__(self, options: ProviderOptions) -> None:
        if options.where is None:
            raise ModelError("--fuse local needs a text model", "write --fuse local:DIR")
        self._path = Path(options.where)
        self._device = choose_device(options.device)
        self.by = f"local-{__version__}@{digest_files(_find_files(self._path))}"

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        """The tokenizer and the model."""
        verbosity, has_bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            with redirect_stderr(
                StringIO()
            ):  # reading GGUF draws a bar that cannot be switched off
                return _load(self._path, self._device)
        except Exception as error:  # a checkpoint may be broken in any way
            reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
            raise ModelError(f"{self._path} cannot be loaded: {reason}") from error
        finally:
            logging.set_verbosity(verbosity)
            if has_bar:
                logging.enable_progress_bar()

    def fuse(self, drafts: Sequence[Draft]) -> list[str]:
        """Write a description of each draft.

        Raises:
            ModelError: the model is broken.
        """
        return [self._write(draft) for draft in drafts]

    @torch.inference_mode()
    def _write(self, draft: Draft) -> str:
        tokenizer, model = self._parts
        context = getattr(model.config, "max_position_embeddings", None) or MAX_PROMPT + MAX_TOKENS
        most = min(MAX_PROMPT, context - MAX_TOKENS)
        try:
            ids = encode_prompt(tokenizer, make_prompt(draft), most=most)
        except ValueError as error:
            raise ModelError(f"{self._path} cannot be used: {error}") from error
        ids_1L = torch.tensor([ids], device=self._device)
        written_1L = model.generate(
            input_ids=ids_1L,
            attention_mask=torch.ones_like(ids_1L),
            max_new_tokens=MAX_TOKENS,
            do_sample=False,
            pad_token_id=_pad_id(tokenizer, model),
        )
        text = tokenizer.decode(written_1L[0, len(ids) :], skip_special_tokens=True)
        return clean_answer(text)


def _find_files(path: Path) -> list[Path]:
    """List the files that a model consists of.

    Raises:
        ModelError: there is no model that may be read.
    """
    if path.suffix == ".gguf" and path.is_file():
        if find_spec("gguf") is None:
            raise ModelError("GGUF files need the package gguf", "pip install gguf")
        return [path]
    if not (path / "config.json").is_file():
        raise ModelError(f"{path} is no text model: it has no config.json", "name its folder")
    files = sorted(file for file in path.iterdir() if file.suffix in _COUNTED)
    if not any(file.suffix == ".safetensors" for file in files):
        raise ModelError(f"{path} holds no safetensors", "convert its weights; no pickle is read")
    return files


def _load(path: Path, device: torch.device) -> tuple[Any, Any]:
    """Load a tokenizer and a model.

    Raises:
        ValueError: weights are missing.
    """
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    folder = path
    if path.suffix == ".gguf" and path.is_file():
        folder, local["gguf_file"] = path.parent, path.name
    tokenizer = AutoTokenizer.from_pretrained(folder, **local)
    kind: Any = AutoModelForCausalLM  # typed as if it gave no report
    model, report = kind.from_pretrained(
        folder,
        dtype=choose_dtype("auto", device),
        use_safetensors=True,
        output_loading_info=True,
        **local,
    )
    if lacking := sorted(report["missing_keys"]):  # transformers would draw them at random
        raise ValueError(f"it lacks {len(lacking)} weights, {lacking[0]} among them")
    return tokenizer, model.to(device).eval()


def _pad_id(tokenizer: Any, model: Any) -> int | None:
    if tokenizer.pad_token_id is not None:
        return int(tokenizer.pad_token_id)
    ends = model.generation_config.eos_token_id
    return ends[0] if isinstance(ends, list) else ends
