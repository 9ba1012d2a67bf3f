"""What every part of the network is to transformers, and what a pass through it gives."""

from dataclasses import dataclass

import torch
from torch import nn
from transformers import Cache, PreTrainedModel
from transformers import initialization as init
from transformers.utils.generic import ModelOutput

from monkeycli.model.adapters import WindowAdapter
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.resampler import MonkeyResampler
from monkeycli.model.virtual import VirtualTokens
from monkeycli.model.vision import MonkeyVision


@dataclass
class MonkeyOutput(ModelOutput):
    """What a pass gives; `logits` has shape (batch, tokens kept, vocabulary)."""

    loss: torch.Tensor | None = None
    logits: torch.Tensor | None = None
    past_key_values: Cache | None = None
    hidden_states: tuple[torch.Tensor, ...] | None = None
    attentions: tuple[torch.Tensor, ...] | None = None


class MonkeyPreTrainedModel(PreTrainedModel):
    """What the parts have in common for transformers: configuration, abilities, fresh weights."""

    config: MonkeyConfig
    config_class = MonkeyConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _no_split_modules = ["VisionBlock"]  # noqa: RUF012 - transformers adds the decoder's own
    _skip_keys_device_placement = ["past_key_values"]  # noqa: RUF012 - likewise
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, WindowAdapter):
            module.reset_parameters()
        elif isinstance(module, MonkeyVision):
            init.normal_(module.positions, std=0.02)
        elif isinstance(module, MonkeyResampler):
            init.normal_(module.queries, std=0.02)
            init.normal_(module.positions, std=0.02)
        elif isinstance(module, VirtualTokens):
            init.normal_(module.embeddings, std=0.02)
