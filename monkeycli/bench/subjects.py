"""What is measured: a checkpoint, or a network of known sizes with random weights."""

from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import PreTrainedTokenizerFast

from monkeycli.catalog import find_checkpoint
from monkeycli.errors import UsageError
from monkeycli.model.checkpoint import fingerprint, load_checkpoint
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor

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

    @property
    def num_parameters(self) -> int:
        """Weights of the whole network; tied ones count once."""
        return sum(parameter.numel() for parameter in self.model.parameters())


def load_subject(model: str, *, device: torch.device, dtype: torch.dtype) -> Subject:
    """Load a checkpoint by its name or folder.

    Raises:
        ModelError: there is no such checkpoint.
    """
    folder = find_checkpoint(model)
    loaded, processor = load_checkpoint(folder, dtype=dtype, device=device)
    return Subject(fingerprint(folder, processor.config), loaded, processor)


def draw_subject(configuration: str, *, device: torch.device, dtype: torch.dtype) -> Subject:
    """Build a network of known sizes on the device itself, its weights random.

    Args:
        configuration: one of `CONFIGURATIONS`.
        device: where it is built.
        dtype: of its weights.

    Raises:
        UsageError: there is no such configuration.
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
    return Subject(f"{configuration} (random weights)", model.train(mode=False), processor)


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
