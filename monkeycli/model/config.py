"""The sizes of every part of the network, and what a checkpoint was trained for."""

from typing import Any

from huggingface_hub.errors import StrictDataclassError
from transformers import AutoConfig, PreTrainedConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from monkeycli.grid import GRIDS, WINDOW_SIDE, GridRule, WindowGrid

CONFIG_ERRORS = (
    StrictDataclassError,
    *(ValueError, TypeError, KeyError, AttributeError, ArithmeticError, OSError),
)
"""What is raised when fields cannot be a configuration."""


class MonkeyVisionConfig(PreTrainedConfig):
    """The ViT that sees every window, and the adapters it keeps for each of them.

    Args:
        hidden_size: width of a patch's vector.
        num_hidden_layers: transformer blocks.
        num_attention_heads: heads of each block.
        intermediate_size: hidden width of each block's MLP.
        stem: `patch` for one convolution of `patch_size`, `conv` for stages of 3x3 convolutions.
        patch_size: side of a patch, in pixels; for a `conv` stem it must be 2 ** number of stages.
        stem_widths: channels of each stage of a `conv` stem, the last one being `hidden_size`.
        stem_depths: residual blocks of each stage.
        stem_sees_page: whether a `conv` stem sees a window's neighbours beyond its border; only
            for a `reading` resampler. Print that is cut by a border cannot be read otherwise.
        position_grid: rows and columns of the learnt position table; interpolated to the patches.
        num_adapters: windows that have adapters of their own; the most a grid may have.
        adapter_rank_attention: rank of the adapters around both attention projections.
        adapter_rank_mlp: rank of the adapter around the MLP.
        adapter_dropout: of an adapter's input, while training.
        layer_norm_eps: of every LayerNorm.
        window_size: side of a window, in pixels.

    The defaults are those of the published checkpoints (Qwen-VL's ViT-bigG, paper section 4.1).
    """

    model_type = "monkey_vision"
    base_config_key = "vision_config"

    hidden_size: int = 1664
    num_hidden_layers: int = 48
    num_attention_heads: int = 16
    intermediate_size: int = 8192
    stem: str = "patch"
    patch_size: int = 14
    stem_widths: list[int] | None = None
    stem_depths: list[int] | None = None
    stem_sees_page: bool = False
    position_grid: list[int] | tuple[int, int] = (16, 16)
    num_adapters: int = 4
    adapter_rank_attention: int = 16
    adapter_rank_mlp: int = 32
    adapter_dropout: float = 0.05
    layer_norm_eps: float = 1e-6
    window_size: int = WINDOW_SIDE

    @property
    def patch_grid(self) -> tuple[int, int]:
        """Rows and columns of patches in one window."""
        side = self.window_size // self.patch_size
        return side, side


class MonkeyResamplerConfig(PreTrainedConfig):
    """What turns the patches of a view into features the language model can read.

    Args:
        kind: `attention` for learnt queries that turn a view into a fixed number of features,
            `reading` for a feature of every token of the text that stands on the page.
        hidden_size: width of features; of queries and keys, too.
        layer_norm_eps: of every LayerNorm.
        query_grid: `attention`: rows and columns of learnt queries, spread over the view; 16x16
            gives 256.
        num_attention_heads: `attention`: heads; the published model has one for every 128
            dimensions.
        num_characters: `reading`: classes of a cell; the first is blank, the second the mark
            behind a word.
        cells_per_patch: `reading`: cells side by side in a patch, with one character at most.
        character_width: `reading`: width of a character's vector.
        speller_span: `reading`: characters before and after one that say what it begins.
        speller_width: `reading`: width of such a surrounding.
        speller_depth: `reading`: blocks that tell which token it is.
        places_per_view: `reading`: places a prompt keeps for a view's features, where their
            number must not depend on what stands on the page.
    """

    model_type = "monkey_resampler"
    base_config_key = "resampler_config"

    kind: str = "attention"
    hidden_size: int = 4096
    layer_norm_eps: float = 1e-6
    query_grid: list[int] | tuple[int, int] = (16, 16)
    num_attention_heads: int = 32
    num_characters: int = 0
    cells_per_patch: int = 2
    character_width: int = 48
    speller_span: list[int] | tuple[int, int] = (8, 11)
    speller_width: int = 1536
    speller_depth: int = 2
    places_per_view: int = 64

    @property
    def num_queries(self) -> int:
        """Features a view is turned into; the most of them for a `reading` one."""
        if self.kind == "reading":
            return self.places_per_view
        return self.query_grid[0] * self.query_grid[1]


_PUBLISHED_PROMPTS = {
    "before_image": "",
    "after_image": "",
    "evidence": "",
    "excerpt": "",
    "ask": " {question} Answer: ",
    "caption": " Generate the detailed caption in English: ",
    "short_caption": " Generate the caption in English: ",
}


class MonkeyConfig(PreTrainedConfig):
    """A Monkey: vision, resampler, language model, and what the checkpoint was trained for.

    Args:
        vision_config: sizes of the ViT.
        resampler_config: sizes of the resampler.
        text_config: configuration of the language model, any of transformers' decoders.
        image_start_id: token before an image's features.
        image_end_id: token after them.
        image_token_id: token that holds a feature's place.
        grids: window grids (rows, columns) the checkpoint was trained for.
        grid_by: how a page's is chosen from them, see `monkeycli.grid.GridRule`.
        image_mean: subtracted from each channel of a pixel in [0, 1].
        image_std: divides it afterwards.
        prompts: the words around image and question, byte for byte (see `monkeycli.prompt`).
        no_answer: what the model says when the answer is not on the page; None if it cannot.
        max_evidence_tokens: longest page text given beside an image; 0 if trained without.
        excerpt_characters: longest excerpt of that text that stands again before a question (see
            `monkeycli.excerpt`); 0 if trained without.
        reads_pixels: whether the image itself tells the model something. A model that has only
            learnt to read a page's text says nothing about a page without any.
        looks_beside_text: whether the image takes part where the page's own text is given.
        train_length: tokens of a training sequence. Beyond it Qwen-1 stretches its rotary base
            and scales its queries; None for a language model that does neither.
        virtual_tokens: learnt tokens in front of everything (see `monkeycli.model.virtual`).
        virtual_kind: what they are: `prompt` or `prefix`.
        checkpoint_name: the name and version records are marked with; None for a folder's name.
        licence: what the weights may be used for, in a word or a sentence.
    """

    model_type = "monkey"
    sub_configs = {  # noqa: RUF012 - transformers reads this class attribute
        "vision_config": MonkeyVisionConfig,
        "resampler_config": MonkeyResamplerConfig,
        "text_config": AutoConfig,
    }

    vision_config: Any = None
    resampler_config: Any = None
    text_config: Any = None
    image_start_id: int = 151857
    image_end_id: int = 151858
    image_token_id: int = 151859
    grids: Any = ((2, 2),)
    grid_by: Any = "shape"
    image_mean: Any = (0.48145466, 0.4578275, 0.40821073)
    image_std: Any = (0.26862954, 0.26130258, 0.27577711)
    prompts: Any = None
    no_answer: str | None = None
    max_evidence_tokens: int = 0
    excerpt_characters: int = 0
    reads_pixels: bool = True
    looks_beside_text: bool = True
    train_length: int | None = None
    virtual_tokens: int = 0
    virtual_kind: str = "prompt"
    checkpoint_name: str | None = None
    licence: str | None = None
    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs: Any) -> None:
        self.vision_config = _build(MonkeyVisionConfig, self.vision_config)
        self.resampler_config = _build(MonkeyResamplerConfig, self.resampler_config)
        if self.text_config is None:
            self.text_config = {"model_type": "qwen2"}
        if isinstance(self.text_config, dict):
            fields = dict(self.text_config)
            self.text_config = CONFIG_MAPPING[fields.pop("model_type")](**fields)
        self.tie_word_embeddings = bool(self.text_config.tie_word_embeddings)
        self.prompts = {**_PUBLISHED_PROMPTS, **(self.prompts or {})}
        GridRule(by=self.grid_by)  # says so if there is no such way
        super().__post_init__(**kwargs)

    @property
    def grid_rule(self) -> GridRule:
        """How a page's grid is chosen, from those the checkpoint was trained for."""
        grids = tuple(WindowGrid(rows, cols) for rows, cols in self.grids)
        return GridRule(tuple(grid for grid in GRIDS if grid in grids), self.grid_by)

    @property
    def reads(self) -> bool:
        """Whether its resampler reads: a page has as many features as its text has tokens."""
        return bool(self.resampler_config.kind == "reading")

    def looks_at(self, *, has_text: bool) -> bool:
        """Say whether the image of a page takes part, whose own text is given or not."""
        return bool(self.looks_beside_text or not has_text)

    def num_features(self, grid: WindowGrid) -> int:
        """How many features a page of this grid becomes: its windows, then the global view."""
        return (grid.num_windows + 1) * int(self.resampler_config.num_queries)


def _build(kind: type[PreTrainedConfig], value: Any) -> PreTrainedConfig:
    return value if isinstance(value, kind) else kind(**(value or {}))


AutoConfig.register(MonkeyConfig.model_type, MonkeyConfig)
AutoConfig.register(MonkeyVisionConfig.model_type, MonkeyVisionConfig)
AutoConfig.register(MonkeyResamplerConfig.model_type, MonkeyResamplerConfig)
