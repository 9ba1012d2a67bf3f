"""A checkpoint's own caption as what is said of the whole image: `--global monkey`."""

from collections.abc import Sequence
from functools import cached_property

from PIL import Image

from monkeycli import api
from monkeycli.answer import Answerer
from monkeycli.catalog import DEFAULT_MODEL, find_checkpoint
from monkeycli.describing.providers import ProviderOptions
from monkeycli.document import Page
from monkeycli.errors import ItemError, ModelError
from monkeycli.grid import choose_grid
from monkeycli.model.checkpoint import fingerprint, load_config
from monkeycli.options import GenerateOptions
from monkeycli.windows import fit_to_canvas

MAX_TOKENS = 120
"""Longest caption."""


class MonkeyCaptioner:
    """Describes images with a Monkey, from their pixels alone; a `Captioner`.

    Args:
        options: `where` is a model's name or folder; the default model unless given.

    Raises:
        ModelError: the model is not here, does not read pixels, or has learnt no captions.
        UsageError: there is no such model.
    """

    def __init__(self, options: ProviderOptions) -> None:
        self._model = options.where or DEFAULT_MODEL
        self._device = options.device
        folder = find_checkpoint(self._model)
        config = load_config(folder)
        lack = "does not read pixels" if not config.reads_pixels else "has learnt no captions"
        if config.reads:
            lack = "sees print alone"
        if config.reads or not (config.reads_pixels and config.prompts["caption"]):
            what = f"{self._model} {lack}, and can describe no image"
            raise ModelError(what, "choose another: --global monkey:DIR")
        self.by = fingerprint(folder, config)

    @cached_property
    def _answerer(self) -> Answerer:
        monkey = api.load(self._model, device=self._device)
        return Answerer(monkey.model, monkey.processor, GenerateOptions(max_tokens=MAX_TOKENS))

    def caption(self, images: Sequence[Image.Image]) -> list[str | None]:
        """Describe RGB images of any size."""
        answerer = self._answerer
        ending = answerer.caption_ids(short=False)
        rule = answerer.model.config.grid_rule
        pages = []
        for image in images:
            grid = choose_grid(image.height, image.width, rule=rule)
            pages.append(Page(1, None, fit_to_canvas(image, grid), grid, None))
        prompts = answerer.encode(pages, with_text=False)
        written = answerer.answer(prompts, [[ending]] * len(pages))
        captions: list[str | None] = []
        for (answer,) in written:
            if isinstance(answer, ItemError):
                raise answer
            captions.append(answer.text)
        return captions
