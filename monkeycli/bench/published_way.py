"""Answers as the published code computes them: one page, one window, one question at a time.

For every question the picture is prepared and encoded again, window by window, each view through
the ViT and the resampler on its own; the language model reads the whole prompt again and computes
logits at every place of it, of which the last are used. Source: research on `modeling_monkey.py`,
`visual.py` and `evaluate_vqa.py`; it is what `monkey bench` compares with, and nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from monkeycli.document import Page
from monkeycli.model.adapters import adapters_of_grid
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor


@torch.inference_mode()
def answer_the_published_way(
    model: MonkeyForConditionalGeneration,
    processor: MonkeyProcessor,
    page: Page,
    ending: tuple[int, ...],
    *,
    max_tokens: int,
) -> list[int]:
    """Answer one question about one page.

    Args:
        model: in evaluation mode.
        processor: its own.
        page: rasterized.
        ending: tokens behind the image's span.
        max_tokens: the longest answer.

    Returns:
        The tokens, greedily chosen, without the end token; the first is never the end token.
    """
    end = model.config.text_config.eos_token_id
    features_VQE = _encode(model, processor, page)
    prompt = [*processor.image_ids([page.grid]), *ending]
    inputs_1TE = model.model.embed(torch.tensor([prompt], device=model.device), features_VQE)
    output = model(inputs_embeds=inputs_1TE, use_cache=True)
    output.logits[0, -1, end] = -torch.inf
    written: list[int] = []
    while len(written) < max_tokens:
        token = int(output.logits[0, -1].argmax())
        if token == end:
            break
        written.append(token)
        token_11 = torch.tensor([[token]], device=model.device)
        output = model(input_ids=token_11, past_key_values=output.past_key_values, use_cache=True)
    return written


@contextmanager
def plain_attention(config: MonkeyConfig) -> Iterator[None]:
    """Compute attention as the published code does: scores, softmax, and the weighted sum."""
    parts = (config.vision_config, config.resampler_config, config.text_config)
    before = [part._attn_implementation for part in parts]  # noqa: SLF001 - transformers has no other name
    try:
        for part in parts:
            part._attn_implementation = "eager"  # noqa: SLF001
        yield
    finally:
        for part, name in zip(parts, before, strict=True):
            part._attn_implementation = name  # noqa: SLF001


def _encode(
    model: MonkeyForConditionalGeneration, processor: MonkeyProcessor, page: Page
) -> torch.Tensor:
    views_V3HW = processor.cut(page.image, page.grid).views_V3HW
    views_V3HW = views_V3HW.to(model.device, model.dtype)
    adapters = adapters_of_grid(page.grid, model.config.vision_config.num_adapters)
    return torch.cat([
        model.model.resampler(
            model.model.vision(view_3HW[None], torch.tensor([number], device=model.device))
        )
        for view_3HW, number in zip(views_V3HW, adapters, strict=True)
    ])  # fmt: skip
