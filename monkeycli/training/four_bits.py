"""A language model's matrices in 4 bits while something beside them learns (QLoRA).

Source: https://arxiv.org/abs/2305.14314: NormalFloat blocks, their scales quantized once more.
"""

from torch import nn

from monkeycli.errors import ModelError

try:
    import bitsandbytes
except ImportError:  # an extra: a GPU's library, of no use to most
    bitsandbytes = None


BLOCK = 64
"""Values that share a scale. A matrix whose rows are no multiple of it stays as it is: on a CPU
bitsandbytes (0.50.2) gives back other numbers for blocks that reach into the next row."""


def quantize(language_model: nn.Module) -> None:
    """Put a decoder's matrices into 4 bits, in place; embeddings and norms stay as they are.

    Args:
        language_model: on the device where it is to be quantized.

    Raises:
        ModelError: bitsandbytes is not installed.
    """
    if bitsandbytes is None:
        raise ModelError(
            "qlora holds the language model in 4 bits, which needs the package bitsandbytes",
            "pip install 'monkeycli[qlora]', or choose --method lora",
        )
    for module in list(language_model.modules()):
        for name, layer in list(module.named_children()):
            if type(layer) is nn.Linear and layer.in_features % BLOCK == 0:
                setattr(module, name, _four_bits(layer))
    language_model.is_loaded_in_4bit = True  # type: ignore[assignment]  # what peft asks for


def _four_bits(layer: nn.Linear) -> nn.Module:
    """Give a layer in 4 bits that computes as the one given, in its dtype."""
    weight = layer.weight.data
    packed = bitsandbytes.nn.Linear4bit(
        layer.in_features,
        layer.out_features,
        bias=layer.bias is not None,
        compute_dtype=weight.dtype,
        quant_type="nf4",
        device="meta",
    )
    packed.weight = bitsandbytes.nn.Params4bit(
        weight.cpu() if weight.device.type != "cpu" else weight,
        requires_grad=False,
        quant_type="nf4",
        module=packed,
    )
    packed.bias = layer.bias
    return packed.to(weight.device)
