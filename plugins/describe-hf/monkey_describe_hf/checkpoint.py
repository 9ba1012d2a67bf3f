"""A generator's checkpoint: looked at at once, loaded when it is first needed.

It is read from a folder: no network is used, no code that lies beside the weights is run, and only
safetensors are opened.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers.utils import logging

from monkey_describe_hf import __version__
from monkey_describe_hf.published import Kind, find_weights
from monkeycli.describing.providers import ProviderOptions
from monkeycli.errors import ModelError
from monkeycli.model.device import choose_device, choose_dtype
from monkeycli.model.files import digest_files

_LOCAL = {"local_files_only": True, "trust_remote_code": False}


class Checkpoint:
    """One checkpoint.

    Args:
        options: where it lies, and the device it is to run on.
        kind: that it has to be of.
        dtype: of its numbers; `auto` as everywhere in monkey.

    Raises:
        ModelError: it is not on this machine, of another kind, or there is no such device.
        UsageError: no device has that name.
    """

    def __init__(self, options: ProviderOptions, kind: Kind, *, dtype: str = "auto") -> None:
        self.folder = find_weights(options.where, kind)
        self.device = choose_device(options.device)
        self.dtype = choose_dtype(dtype, self.device)
        content = digest_files(
            sorted(path for path in self.folder.iterdir() if path.suffix in _COUNTED)
        )
        self.by = f"{kind.generator}-{__version__}@{content}"

    def load_model(self, kind: type[Any]) -> Any:
        """Load the weights into a model of a transformers class.

        Raises:
            ModelError: they are broken, or do not fit the configuration.
        """
        with self._reading():
            model, report = kind.from_pretrained(
                self.folder,
                dtype=self.dtype,
                use_safetensors=True,
                output_loading_info=True,
                **_LOCAL,
            )
        lacking = sorted({*report["missing_keys"], *map(str, report["mismatched_keys"])})
        if lacking:  # transformers would draw them at random
            what = f"{self.folder} lacks {len(lacking)} weights, {lacking[0]} among them"
            raise ModelError(what, "pull or export it again")
        return model.to(self.device).eval()

    def load_processor(self, kind: type[Any], **settings: Any) -> Any:
        """Load what turns images and texts into tensors.

        Raises:
            ModelError: a file of it is missing or broken.
        """
        with self._reading():
            return kind.from_pretrained(self.folder, **settings, **_LOCAL)

    def to_device(self, inputs: Any) -> dict[str, torch.Tensor]:
        """Move a processor's tensors to the device; floats become the model's."""
        return dict(inputs.to(self.device, self.dtype))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Read quietly; whatever is wrong with the files is a ModelError that names the folder."""
        verbosity, has_bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        except Exception as error:  # a checkpoint may be broken in any way
            reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
            raise ModelError(f"{self.folder} cannot be loaded: {reason}") from error
        finally:
            logging.set_verbosity(verbosity)
            if has_bar:
                logging.enable_progress_bar()


_COUNTED = {".json", ".txt", ".model", ".safetensors"}
"""Suffixes of the files that a generator's results hang on."""
