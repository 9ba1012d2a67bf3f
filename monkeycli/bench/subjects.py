"""What is measured: a checkpoint, or a network of known sizes with random weights."""

from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import PreTrainedTokenizerFast

from monkeycli.catalog import find_checkpoint
from monkeycli.errors import UsageError
from monkeycli.model.checkpoint import build_on_meta, fingerprint, load_checkpoint
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.model.quantize import name_quantized, quantize_onto
from monkeycli.options import Quantization

CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "small": {
        "vision_config": {
            "hidden_size": 256,
            "num_hidden_layers": 6,
            "num_attention_heads": 8,
            "intermediate_size": 1260,
        },
        "resampler_config": {"hidden_size": 256, "num_attention_heads": 2},
        "text_config": {
            "model_type": "qwen2",
            "vocab_size": 151936,
            "hidden_size": 256,
            "intermediate_size": 704,
            "num_hidden_layers": 6,
            "num_attention_heads": 4,
            "num_key_value_heads": 4,
            "max_position_embeddings": 8192,
            "eos_token_id": 151643,
        },
    },
    "full": {
        "text_config": {
            "model_type": "qwen2",
            "vocab_size": 151936,
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "max_position_embeddings": 8192,
            "eos_token_id": 151643,
        },
    },
}
"""`full` is the published model, 9.7 billion weights; `small` has its vocabulary and its shape, so
that its two halves cost about as much of each other on a laptop as the big one's on a GPU."""


@dataclass(frozen=True)
class Subject:
    """A model and what belongs to it."""

    name: str
    model: MonkeyForConditionalGeneration
    processor: MonkeyProcessor
    quantize: Quantization = "none"
    """What the language model's matrices are held in."""

    @property
    def num_parameters(self) -> int:
        """Weights of the whole network, in however many bits; tied ones count once."""
        return sum(weight.numel() for weight in build_on_meta(self.model.config).parameters())


def load_subject(
    model: str, *, device: torch.device, dtype: torch.dtype, quantize: Quantization = "none"
) -> Subject:
    """Load a checkpoint by its name or folder.

    Raises:
        ModelError: there is no such checkpoint, or it cannot be quantized so.
    """
    folder = find_checkpoint(model)
    first = device if quantize == "none" else torch.device("cpu")
    loaded, processor = load_checkpoint(folder, dtype=dtype, device=first)
    if quantize != "none":
        quantize_onto(loaded, quantize, device)
    name = name_quantized(fingerprint(folder, processor.config), quantize)
    return Subject(name, loaded, processor, quantize)


def draw_subject(
    configuration: str, *, device: torch.device, dtype: torch.dtype, quantize: Quantization = "none"
) -> Subject:
    """Build a network of known sizes on the device itself, its weights random.

    Args:
        configuration: one of `CONFIGURATIONS`.
        device: where it is built.
        dtype: of its weights.
        quantize: what the language model's matrices are put into, once drawn.

    Raises:
        UsageError: there is no such configuration.
        ModelError: it cannot be quantized so.
    """
    if configuration not in CONFIGURATIONS:
        known = " and ".join(CONFIGURATIONS)
        raise UsageError(f"there is no configuration {configuration!r}", f"known are {known}")
    config = MonkeyConfig(**CONFIGURATIONS[configuration], grids=[[2, 2]])
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    torch.manual_seed(0)
    try:
        with torch.device(device):
            model = MonkeyForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(before)
    processor = MonkeyProcessor(_tokenizer(config.text_config.vocab_size), config)
    model = model.train(mode=False)
    if quantize != "none":
        quantize_onto(model, quantize, device)
    name = f"{name_quantized(configuration, quantize)} (random weights)"
    return Subject(name, model, processor, quantize)


def _tokenizer(vocab_size: int) -> PreTrainedTokenizerFast:
    """Spell every byte as a token: a network that was never trained needs no better words.

    The other tokens are numbers; text is never cut into them, but what is written can be read.
    """
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*letters, *(f"\u0120{number}" for number in range(len(letters), vocab_size))]
    tokenizer = Tokenizer(BPE({word: place for place, word in enumerate(words)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=letters[0], padding_side="left"
    )
