"""Which weights learn: everything is frozen, then what a run tunes is made to learn.

    language model    full: all of it; lora, qlora, ia3: peft's layers inside it;
                      prompt, prefix: virtual tokens in front of it
    window adapters   beside the ViT's layers
    resampler         its attention; its last norm and projection stay, as in the released training
    vision            the ViT itself, and with it those last two

What learns is held in float32, whatever the model's dtype: at a rate of 1e-5 a step is too small
for bfloat16 to show. The pass is the model's own: no wrapper stands around it.
"""

from dataclasses import dataclass

import torch
from torch import nn

from monkeycli.errors import ModelError, UsageError
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.quantize import quantize
from monkeycli.model.rotary import hook_queries
from monkeycli.model.virtual import add_virtual_tokens
from monkeycli.training.mixture import Tuning
from monkeycli.training.tuners import IA3Config, LoraConfig, PeftConfig, inject_adapter_in_model

LORA_TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj"]
"""Matrices that get LoRA: the released scripts' `c_attn, attn.c_proj, w1, w2` by our names."""

IA3_TARGETS = ["k_proj", "v_proj", "down_proj"]
"""Whose outputs IA3 scales; of the last one, of the MLP, the inputs (its paper, section 3.3)."""

LANGUAGE = ("model.language_model.", "lm_head.")
RESAMPLER = "model.resampler."
RESAMPLER_END = ("model.resampler.norm_out.", "model.resampler.proj.")
VISION = "model.vision."
VIRTUAL = "model.virtual_tokens."


@dataclass(frozen=True)
class Tuned:
    """A model of which some weights learn."""

    model: MonkeyForConditionalGeneration
    """The one that was prepared, changed in place; answers as any other."""
    tuning: Tuning
    peft_config: PeftConfig | None
    """Of the layers peft put into the language model; None if it put none."""

    def trainable(self) -> dict[str, nn.Parameter]:
        """Give the weights that learn, by name; a tied one once."""
        return {
            name: weight for name, weight in self.model.named_parameters() if weight.requires_grad
        }


def prepare(model: MonkeyForConditionalGeneration, tuning: Tuning) -> Tuned:
    """Freeze a model but for what a run tunes.

    Args:
        model: changed in place; put onto its device already if `qlora` is to quantize it there.
        tuning: what learns.

    Raises:
        UsageError: the model lacks what is to learn, or nothing is to learn.
        ModelError: `qlora` needs a package that is not installed.
    """
    model.requires_grad_(requires_grad=False)
    peft_config = _tune_language(model, tuning)
    for name, weight in model.named_parameters():
        if _learns(name, tuning):
            weight.requires_grad_()
    names = [name for name, weight in model.named_parameters() if weight.requires_grad]
    if tuning.window_adapters and not any(map(is_window_adapter, names)):
        raise UsageError(
            f"{_name(model)} has no window adapters to tune", "set tune.window_adapters to false"
        )
    for weight in model.parameters():
        if weight.requires_grad and weight.dtype in (torch.bfloat16, torch.float16):
            weight.data = weight.data.float()
    hook_queries(model.model.language_model)
    model.train(model.training)  # fresh layers come as if training had begun
    return Tuned(model, tuning, peft_config)


def is_window_adapter(name: str) -> bool:
    """Say whether a weight of this name belongs to a window adapter.

    >>> is_window_adapter("model.vision.blocks.0.mlp_adapter.lora_a")
    True
    >>> is_window_adapter("model.vision.blocks.0.norm1.weight")
    False
    """
    return name.startswith(VISION) and "_adapter." in name


def _learns(name: str, tuning: Tuning) -> bool:
    """Say whether a weight of the model's own learns; peft's layers are seen to already."""
    if is_window_adapter(name):
        return tuning.window_adapters is not False
    if name.startswith((VISION, *RESAMPLER_END)):
        return tuning.vision
    if name.startswith(RESAMPLER):
        return tuning.resampler
    if name.startswith(VIRTUAL):
        return tuning.method in ("prompt", "prefix")
    return tuning.method == "full" and name.startswith(LANGUAGE)


def _tune_language(model: MonkeyForConditionalGeneration, tuning: Tuning) -> PeftConfig | None:
    """Put into the language model, or in front of it, what learns beside its own weights."""
    body = model.model
    config: PeftConfig
    if tuning.method in ("prompt", "prefix"):
        if body.virtual_tokens is not None:
            raise UsageError(
                f"{_name(model)} has virtual tokens already", "choose another tune.method"
            )
        add_virtual_tokens(body, tuning.method, tuning.virtual_tokens)
        return None
    if tuning.method == "ia3":
        config = IA3Config(target_modules=IA3_TARGETS, feedforward_modules=["down_proj"])
    elif tuning.method in ("lora", "qlora"):
        config = LoraConfig(
            r=tuning.rank,
            lora_alpha=tuning.alpha,  # type: ignore[arg-type]  # peft computes with any number
            lora_dropout=tuning.dropout,
            target_modules=LORA_TARGETS,
        )
    else:
        return None
    if tuning.method == "qlora":
        quantize(body.language_model, "int4", body.language_model.device)
        body.language_model.is_loaded_in_4bit = True  # what peft asks for
    try:
        inject_adapter_in_model(config, body.language_model)
    except ValueError as error:  # the decoder's matrices have other names
        raise ModelError(f"{_name(model)} cannot be tuned by {tuning.method}: {error}") from error
    return config


def _name(model: MonkeyForConditionalGeneration) -> str:
    return model.config.checkpoint_name or "this checkpoint"
