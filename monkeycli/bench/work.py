"""How much arithmetic and memory traffic each stage cannot do without."""

from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from monkeycli.grid import WindowGrid
from monkeycli.model.checkpoint import build_on_meta
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.quantize import count_bytes
from monkeycli.options import Quantization


@dataclass(frozen=True)
class Work:
    """Of one page and one token."""

    encode_flops: int
    """Operations from a page's pixels to its features: ViT and resampler, all views."""
    prefill_flops: int
    """Operations of reading the page's prompt, logits of its last token included."""
    weight_bytes: int
    """Bytes of weights that writing one token must read, however large the batch."""
    cache_bytes: int
    """Bytes of keys and values a sequence keeps for one token."""


def count_work(
    config: MonkeyConfig,
    grid: WindowGrid,
    *,
    prompt_tokens: int,
    dtype: torch.dtype,
    quantize: Quantization = "none",
) -> Work:
    """Count on a network without memory; matrix products, convolutions and attention are counted.

    Args:
        config: of the network.
        grid: of the page.
        prompt_tokens: the page's whole prompt.
        dtype: of weights, keys and values.
        quantize: what the language model's matrices are held in.
    """
    model = build_on_meta(config).train(mode=False).requires_grad_(requires_grad=False)
    for weight in model.parameters():
        weight.data = weight.data.to(dtype)
    side, text = config.vision_config.window_size, config.text_config
    with torch.device("meta"), torch.no_grad():
        pixels_V3HW = torch.empty(grid.num_windows + 1, 3, side, side, dtype=dtype)
        inputs_1TE = torch.empty(1, prompt_tokens, text.hidden_size, dtype=dtype)
        adapter_V = torch.zeros(len(pixels_V3HW), dtype=torch.int64)
        with FlopCounterMode(display=False) as encode:
            patches_VND = model.model.vision(pixels_V3HW, adapter_V)
            resampler = model.model.resampler
            # What a reader does after its cells hangs on what stands on the page.
            resampler.cells(patches_VND) if config.reads else resampler(patches_VND)
        with FlopCounterMode(display=False) as prefill:
            # A mask that is given need not be derived, which would need positions' values.
            mask_11TT = torch.empty(1, 1, prompt_tokens, prompt_tokens, dtype=dtype)
            positions_1T = torch.arange(prompt_tokens)[None]
            model(
                inputs_embeds=inputs_1TE,
                attention_mask=mask_11TT,
                position_ids=positions_1T,
                logits_to_keep=1,
                use_cache=False,
            )
    layers, table = model.model.language_model.layers, model.lm_head
    head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return Work(
        encode_flops=encode.get_total_flops(),
        prefill_flops=prefill.get_total_flops(),
        weight_bytes=count_bytes(layers, quantize, dtype) + count_bytes(table, "none", dtype),
        cache_bytes=2 * text.num_hidden_layers * text.num_key_value_heads * head * dtype.itemsize,
    )
