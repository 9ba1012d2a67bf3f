"""Monkey for Python: the same thing as the command line, without it.

>>> from monkeycli import load                                    # doctest: +SKIP
>>> monkey = load("marmoset")                                     # doctest: +SKIP
>>> records = monkey.ask("examples/annual-report.pdf", ["total revenue?"])  # doctest: +SKIP
>>> records[0].answer, records[0].page                            # doctest: +SKIP
('$4,821,300', 1)
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from transformers.utils import logging as transformers_logging

from monkeycli.answer import Answerer
from monkeycli.catalog import choose_model, find_adapter, find_checkpoint
from monkeycli.document import Document
from monkeycli.errors import UsageError
from monkeycli.grid import WindowGrid, parse_grid
from monkeycli.inputs import find_documents
from monkeycli.model.adapter_files import Base, name_adapter, read_info
from monkeycli.model.adapter_merge import load_adapter
from monkeycli.model.adapters import adapters_of_grid
from monkeycli.model.checkpoint import fingerprint, load_checkpoint, load_config
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.device import choose_device, choose_dtype
from monkeycli.model.feature_cache import FeatureCache
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.model.quantize import name_quantized, quantize_onto
from monkeycli.options import (
    GenerateOptions,
    Quantization,
    RasterOptions,
    RunOptions,
    check_quantization,
)
from monkeycli.page_text import has_text_reader, load_text_reader
from monkeycli.pipeline import Run
from monkeycli.questions import Question, questions_from_options
from monkeycli.records import Record
from monkeycli.task import Task

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]
TextSource = Literal["auto", "none", "layer", "ocr"]
_log = logging.getLogger(__name__)


class Monkey:
    """A model that answers questions about documents and describes images.

    Args:
        model: in evaluation mode.
        processor: its own.
        name: under which records name the model.
        adapter: under which they name what was learnt beside it; None for nothing.
        cache: folder of features, so that the same page is encoded only once; None for none.
        quantize: what the language model's matrices are held in; records name it with the model.

    Raises:
        OutputError: the folder cannot be written.
    """

    def __init__(
        self,
        model: MonkeyForConditionalGeneration,
        processor: MonkeyProcessor,
        name: str,
        adapter: str | None = None,
        cache: str | PathLike[str] | None = None,
        *,
        quantize: Quantization = "none",
    ) -> None:
        self.model = model
        self.processor = processor
        self.name = name_quantized(name, quantize)
        self.adapter = adapter
        self.cache: FeatureCache | None = None
        if cache is not None:
            weights = f"{name} {adapter or '-'} {model.dtype}"  # the ViT is never quantized
            self.cache = FeatureCache(Path(cache), model=weights)

    def ask(
        self,
        documents: Paths,
        questions: str | Sequence[str | Question],
        *,
        each: Literal["document", "page"] = "document",
        pages: str = "all",
        grid: str = "auto",
        text: TextSource = "auto",
        password: str | None = None,
        options: GenerateOptions | None = None,
    ) -> list[Record]:
        """Ask every question of every document.

        Args:
            documents: paths of PDFs and images; directories and globs are searched.
            questions: to ask; what is in them is only ever text.
            each: one record per document (the page the model is surest of) or one per page.
            pages: which pages, from 1: `1-3,7,10-end`.
            grid: `auto`, or rows x columns of windows.
            text: which text goes beside a page's image: its own `layer`, what `ocr` reads from
                the image, `none`; or `auto`, for a model trained with text: its own, else what
                `ocr` reads where the package monkey-ocr is installed.
            password: opens encrypted PDFs.
            options: how answers are written.

        Returns:
            The records, in the order of documents, pages and questions; one that failed has
            `status` `error` and says why.

        Raises:
            UsageError: a path does not exist, or an option is wrong.
        """
        texts = [questions] if isinstance(questions, str) else list(questions)
        typed = [text for text in texts if isinstance(text, str)]
        numbered = iter(questions_from_options(typed))
        asked = [text if isinstance(text, Question) else next(numbered) for text in texts]
        run = self.run(
            self._options(each, text),
            RasterOptions(grid=parse_grid(grid), password=password),
            options or GenerateOptions(),
        )
        return list(run.records(_tasks(documents, tuple(asked), pages)))

    def caption(
        self,
        documents: Paths,
        *,
        short: bool = False,
        pages: str = "all",
        grid: str = "auto",
        text: TextSource = "auto",
        password: str | None = None,
        options: GenerateOptions | None = None,
    ) -> list[Record]:
        """Describe every page of every document; arguments as in `ask`.

        Args:
            documents: paths of PDFs and images.
            short: one sentence instead of a detailed description.
            pages: which pages.
            grid: of windows.
            text: which text goes beside a page's image.
            password: opens encrypted PDFs.
            options: how captions are written.

        Raises:
            UsageError: a path does not exist, or an option is wrong.
            ModelError: the model was not trained to write captions.
        """
        run = self.run(
            self._options("page", text, short=short),
            RasterOptions(grid=parse_grid(grid), password=password),
            options or GenerateOptions(),
        )
        run.answerer.caption_ids(short=short)
        return list(run.records(_tasks(documents, (None,), pages)))

    def run(
        self,
        options: RunOptions,
        raster: RasterOptions,
        generate: GenerateOptions,
        *,
        tell: Callable[[str], None] | None = None,
        **hooks: Any,
    ) -> Run:
        """Prepare a run over any number of documents, records coming one by one.

        Args:
            options: what to make of the documents.
            raster: how they become pages.
            generate: how answers are written.
            tell: called with what is to be said of the run as a whole; None to log it.
            hooks: `earlier`, `between`, `on_page` of `pipeline.Run`.

        Raises:
            UsageError: the grid has more windows than the model has adapters for.
        """
        if raster.grid:
            adapters_of_grid(raster.grid, self.model.config.vision_config.num_adapters)
        raster = replace(raster, rule=self.model.config.grid_rule)
        answerer = Answerer(self.model, self.processor, generate, self.cache, tell or _log.warning)
        return Run(answerer, options, raster, **hooks)

    def _options(
        self, each: Literal["document", "page"], text: str, *, short: bool = False
    ) -> RunOptions:
        return RunOptions(
            each=each,
            with_text=reads_text(self.model.config, text),
            with_ocr=reads_ocr(self.model.config, text),
            short=short,
            model=self.name,
            adapter=self.adapter,
        )


def load(
    model: str | PathLike[str] | None = None,
    *,
    adapter: str | PathLike[str] | None = None,
    device: str = "auto",
    dtype: str = "auto",
    quantize: Quantization = "none",
    cache: str | PathLike[str] | None = None,
) -> Monkey:
    """Load a model.

    Args:
        model: `marmoset`, the name of a model that was pulled, or a folder: one that
            `save_pretrained` wrote, that of a run of `monkey train`, or one in the published
            layout, which is converted in memory. None for the model that the adapter belongs to,
            and without one for `marmoset`.
        adapter: folder of what `monkey train` learnt, or of its run.
        device: `auto`, `cpu`, `mps`, `cuda` or `cuda:1`.
        dtype: `auto`, `bfloat16`, `float16` or `float32`.
        quantize: `int8` or `int4` to hold the language model's matrices in so few bits, what
            `adapter` has learnt included; needs `monkeycli[quantize]`.
        cache: folder for the features of pages: asking again about the same page with the same
            model skips the ViT; None for none.

    Raises:
        ModelError: there is no such model or device, the checkpoint or the adapter is broken, the
            adapter belongs to another checkpoint, or the package to quantize is not installed.
        UsageError: `device`, `dtype` or `quantize` is no name of one, or there is no such adapter.
    """
    check_quantization(quantize)
    name = _name_model(model, adapter)
    directory = find_checkpoint(name)
    place = choose_device(device)
    transformers_logging.disable_progress_bar()
    folder = find_adapter(fspath(adapter)) if adapter is not None else None
    if folder:
        base = Base.of(name)
        base.check(read_info(folder).base, folder)  # before what takes long
    network, processor = load_checkpoint(
        directory,
        dtype=choose_dtype(dtype, place),
        device=place if quantize == "none" else torch.device("cpu"),  # it may not fit as it is
    )
    named = fingerprint(directory, network.config)
    named_adapter = None
    if folder:
        load_adapter(network, folder, base)
        processor = MonkeyProcessor(processor.tokenizer, network.config)
        named_adapter = name_adapter(folder)
    if quantize != "none":
        quantize_onto(network, quantize, place)
    return Monkey(network, processor, named, named_adapter, cache, quantize=quantize)


def load_settings(
    model: str | PathLike[str] | None, adapter: str | PathLike[str] | None
) -> MonkeyConfig:
    """Read the configuration of what `load` would load, without its weights; raises as it does."""
    config = load_config(find_checkpoint(_name_model(model, adapter)))
    if adapter is not None:
        read_info(find_adapter(fspath(adapter))).configure(config)
    return config


def _name_model(model: str | PathLike[str] | None, adapter: str | PathLike[str] | None) -> str:
    return choose_model(
        None if model is None else fspath(model), None if adapter is None else fspath(adapter)
    )


def reads_text(config: MonkeyConfig, text: str) -> bool:
    """Say whether pages' own text goes beside their images.

    Args:
        config: of the checkpoint.
        text: `auto`, `none`, `layer` or `ocr`.

    Raises:
        UsageError: `text` is none of these, or asks for text of a checkpoint trained without any.
    """
    can_read = config.max_evidence_tokens > 0
    if text not in get_args(TextSource):
        raise UsageError(f"--text {text!r} is not one of {', '.join(get_args(TextSource))}")
    if text in ("layer", "ocr") and not can_read:
        raise UsageError(
            f"--text {text}: {config.checkpoint_name or 'this checkpoint'} was trained without text"
            " beside the image",
            "use --text none",
        )
    return can_read and text in ("auto", "layer")


def reads_ocr(config: MonkeyConfig, text: str) -> bool:
    """Say whether text that a page lacks is read from its image.

    Args:
        config: of the checkpoint.
        text: `auto`, `none`, `layer` or `ocr`.

    Raises:
        UsageError: `ocr` is asked for, and no package that can do it is installed.
    """
    if text == "ocr":
        load_text_reader()
    return config.max_evidence_tokens > 0 and (
        text == "ocr" or (text == "auto" and has_text_reader())
    )


def _tasks(documents: Paths, questions: tuple[Question | None, ...], pages: str) -> Iterator[Task]:
    if isinstance(documents, str | PathLike):
        documents = [documents]
    found: Iterator[Document] = find_documents([fspath(path) for path in documents], pages=pages)
    return (Task(document, questions) for document in found)


__all__ = ["Monkey", "WindowGrid", "load", "load_settings", "reads_ocr", "reads_text"]
