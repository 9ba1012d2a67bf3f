"""The language model for training: transformers' Llama, packed weights, LoRA on every matrix."""

from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from monkeycli.model.device import choose_dtype
from monkeycli.model.packed import unpack
from training.configuration import LANGUAGE

RANK = 32
SCALE = 2.0
"""What the product of the narrow matrices is multiplied by; LoRA's alpha / r."""

ROWS = 64
"""Logits are computed for a multiple of so many rows; see `branching` for why."""

IGNORED = -100
"""The target of a row that is there to fill up."""

PREFIX = "model.language_model."
"""Where a Monkey keeps the language model; transformers' Llama alone has it under `model.`"""


class _LoraFunction(torch.autograd.Function):
    """x W^T + scale (x A^T) B^T, with gradients for x, A and B only; A and B are float32."""

    @staticmethod
    def forward(  # type: ignore[no-untyped-def, override]  # noqa: PLR0917
        ctx, x: Tensor, weight: Tensor, lora_A: Tensor, lora_B: Tensor, scale: float
    ) -> Tensor:
        """The layer's output."""
        lora_A, lora_B = lora_A.to(x.dtype), lora_B.to(x.dtype)
        rows = x.flatten(0, -2)
        hidden = rows @ lora_A.t()
        out = (rows @ weight.t()).addmm_(hidden, lora_B.t(), alpha=scale)
        ctx.save_for_backward(rows, weight, lora_A, lora_B, hidden)
        ctx.scale, ctx.shape = scale, x.shape
        return out.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[no-untyped-def, override]
        """Gradients of the inputs."""
        rows, weight, lora_A, lora_B, hidden = ctx.saved_tensors
        grad = grad.flatten(0, -2)
        grad_hidden = (grad @ lora_B).mul_(ctx.scale)
        grad_x = (grad @ weight).addmm_(grad_hidden, lora_A)
        grad_A = (grad_hidden.t() @ rows).float()
        grad_B = (grad.t() @ hidden).float().mul_(ctx.scale)
        return grad_x.view(ctx.shape), None, grad_A, grad_B, None


class LoraLinear(nn.Module):
    """A frozen matrix with a trainable product of two narrow ones beside it; B starts at 0."""

    def __init__(self, weight: Tensor, rank: int = RANK) -> None:
        super().__init__()
        rows, columns = weight.shape
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.lora_A = nn.Parameter(torch.randn(rank, columns) / columns**0.5)
        self.lora_B = nn.Parameter(torch.zeros(rows, rank))
        self.scale = SCALE

    def forward(self, x: Tensor) -> Tensor:
        """(..., columns) -> (..., rows)."""
        out: Tensor = _LoraFunction.apply(x, self.weight, self.lora_A, self.lora_B, self.scale)
        return out


def load_base(weights: Path, attention: str = "sdpa") -> LlamaForCausalLM:
    """The frozen language model, in bfloat16 where the processor multiplies it, else in float32.

    Args:
        weights: folder with `language-*.safetensors`.
        attention: transformers' name of an attention implementation.
    """
    dtype = choose_dtype("auto", torch.device("cpu"))
    config = LlamaConfig(**LANGUAGE)
    config._attn_implementation = attention  # noqa: SLF001
    packed: dict[str, Tensor] = {}
    for path in sorted(weights.glob("language-0*.safetensors")):
        packed |= load_file(path)
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    model.to_empty(device="cpu").to(dtype)
    found = unpack(packed, dtype)
    model.load_state_dict(
        {name.replace(PREFIX, "model.", 1): found[name] for name in found}, strict=False
    )
    model.tie_weights()
    model.model.rotary_emb = type(model.model.rotary_emb)(config)
    return model.requires_grad_(requires_grad=False)  # type: ignore[no-any-return]


def add_lora(model: LlamaForCausalLM, rank: int = RANK) -> dict[str, nn.Parameter]:
    """Puts LoRA on every matrix of every layer; returns the trainable tensors by name."""
    trainable = {}
    for name, module in list(model.named_modules()):
        if ".layers." in name and isinstance(module, nn.Linear):
            layer = LoraLinear(module.weight.data, rank)
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, layer)
            trainable[f"{name}.lora_A.weight"] = layer.lora_A
            trainable[f"{name}.lora_B.weight"] = layer.lora_B
    return trainable


def adapter_of(trainable: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The adapter as a checkpoint keeps it: bfloat16, a Monkey's names, the scale in B."""
    return {
        name.replace("model.", PREFIX, 1): (
            tensor.detach() * (SCALE if ".lora_B." in name else 1)
        ).bfloat16()
        for name, tensor in trainable.items()
    }


def merge_adapter(model: LlamaForCausalLM, adapter: Mapping[str, Tensor]) -> None:
    """Adds an adapter of `adapter_of` to the frozen matrices, for evaluation."""
    for name in sorted(adapter):
        if name.endswith(".lora_A.weight"):
            base = name.removesuffix(".lora_A.weight")
            weight = model.get_submodule(base.replace(PREFIX, "model.", 1)).weight
            assert isinstance(weight, Tensor)
            up, down = adapter[f"{base}.lora_B.weight"].float(), adapter[name].float()
            weight.data = (weight.float() + up @ down).to(weight.dtype)


def answer_loss(model: LlamaForCausalLM, hidden: Tensor, rows: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy where a token of an answer is predicted; only there are logits computed."""
    missing = -len(rows) % ROWS
    rows, targets = F.pad(rows, (0, missing)), F.pad(targets, (0, missing), value=IGNORED)
    logits = F.linear(hidden[rows], model.lm_head.weight)
    return F.cross_entropy(logits.float(), targets, ignore_index=IGNORED)
