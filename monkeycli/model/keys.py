"""The published checkpoint's names and shapes of weights, and ours: both directions, one table.

published (`QWenLMHeadModel` with its visual transformer)    ours
queries, keys and values stacked in one tensor               a tensor each
a tensor for every window's adapter                          one, stacked over the windows
`visual.proj`, multiplied from the right                     transposed, as `nn.Linear` has it
everything else                                              renamed
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

import torch

from monkeycli.errors import ModelError

Weights = dict[str, torch.Tensor]

_TABLE = {
    ("", ""): {"lm_head.weight": "lm_head.weight"},
    ("transformer.", "model.language_model."): {
        "wte.weight": "embed_tokens.weight",
        "ln_f.weight": "norm.weight",
    },
    ("transformer.h.{layer}.", "model.language_model.layers.{layer}."): {
        "ln_1.weight": "input_layernorm.weight",
        "ln_2.weight": "post_attention_layernorm.weight",
        "attn.c_attn.{kind}": "self_attn.{part}_proj.{kind}",
        "attn.c_proj.weight": "self_attn.o_proj.weight",
        "mlp.w1.weight": "mlp.up_proj.weight",
        "mlp.w2.weight": "mlp.gate_proj.weight",
        "mlp.c_proj.weight": "mlp.down_proj.weight",
    },
    ("transformer.visual.", "model.vision."): {
        "conv1.weight": "stem.weight",
        "positional_embedding": "positions",
        "ln_pre.{kind}": "norm.{kind}",
    },
    ("transformer.visual.transformer.resblocks.{layer}.", "model.vision.blocks.{layer}."): {
        "ln_{norm}.{kind}": "norm{norm}.{kind}",
        "attn.{side}_proj.{kind}": "attention.{side}_proj.{kind}",
        "attn.{side}_proj_lora.{window}.lora_a.weight": "attention.{side}_adapter.lora_a",
        "attn.{side}_proj_lora.{window}.lora_b.weight": "attention.{side}_adapter.lora_b",
        "attn.{side}_proj_lora.{window}.lora_scale": "attention.{side}_adapter.scale",
        "mlp.c_fc.{kind}": "fc1.{kind}",
        "mlp.c_proj.{kind}": "fc2.{kind}",
        "mlp_lora.{window}.lora_a.weight": "mlp_adapter.lora_a",
        "mlp_lora.{window}.lora_b.weight": "mlp_adapter.lora_b",
        "mlp_lora.{window}.lora_scale": "mlp_adapter.scale",
    },
    ("transformer.visual.", "model.resampler."): {
        "attn_pool.query": "queries",
        "attn_pool.pos_embed": "positions",
        "attn_pool.kv_proj.weight": "kv_proj.weight",
        "attn_pool.ln_q.{kind}": "norm_queries.{kind}",
        "attn_pool.ln_kv.{kind}": "norm_patches.{kind}",
        "attn_pool.attn.in_proj_{kind}": "{part}_proj.{kind}",
        "attn_pool.attn.out_proj.{kind}": "out_proj.{kind}",
        "ln_post.{kind}": "norm_out.{kind}",
        "proj": "proj.weight",
    },
}
"""Published names and ours, under the beginnings they share, with gaps for what varies."""

_ROWS = [
    (theirs + published, mine + ours)
    for (theirs, mine), names in _TABLE.items()
    for published, ours in names.items()
]

_GAPS = {
    "layer": r"\d+",
    "norm": "[12]",
    "side": "in|out",
    "kind": "weight|bias",
    "part": "[qkv]",  # ours only: the published tensor holds all three
    "window": r"\d+",  # published only: our tensor holds all windows
}
"""What may fill a gap."""

_TRANSPOSED = "model.resampler.proj.weight"
_IGNORED = re.compile(r"transformer\.(h\.\d+\.attn\.masked_bias|rotary_emb\.inv_freq)")


def count_adapters(names: Iterable[str]) -> int:
    """Count the windows that have adapters; the configuration's own number is not to be trusted.

    >>> count_adapters(["transformer.visual.transformer.resblocks.0.mlp_lora.3.lora_scale"])
    4
    """
    numbers = [match for name in names if (match := re.search(r"mlp_lora\.(\d+)\.", name))]
    return max((int(match[1]) + 1 for match in numbers), default=0)


def from_published(weights: Mapping[str, torch.Tensor]) -> Weights:
    """Rename published weights to ours.

    Raises:
        ModelError: a name is unknown, a stacked tensor cannot be taken apart, or a window's
            adapter is missing.
    """
    ours: Weights = {}
    adapters: dict[str, dict[int, torch.Tensor]] = defaultdict(dict)
    for name, tensor in weights.items():
        if _IGNORED.fullmatch(name):
            continue
        _, mine, gaps = _find(name, side=0)
        if "window" in gaps:
            adapters[mine.format(**gaps)][int(gaps["window"])] = tensor
        elif "{part}" in mine:
            for part, piece in zip("qkv", _thirds(name, tensor), strict=True):
                ours[mine.format(**gaps, part=part)] = piece
        else:
            renamed = mine.format(**gaps)
            ours[renamed] = tensor.T.contiguous() if renamed == _TRANSPOSED else tensor
    return ours | {name: _stack(name, numbered) for name, numbered in adapters.items()}


def to_published(weights: Mapping[str, torch.Tensor]) -> Weights:
    """Rename our weights to the published names; the inverse of `from_published`.

    Raises:
        ModelError: a name has no counterpart (a small model's conv stem, for one).
    """
    published: Weights = {}
    for name, tensor in weights.items():
        theirs, mine, gaps = _find(name, side=1)
        if gaps.get("part") in {"k", "v"}:
            continue  # they go with q
        if "{window}" in theirs:
            for window, piece in enumerate(tensor):
                published[theirs.format(**gaps, window=window)] = torch.atleast_1d(piece)
        elif "part" in gaps:
            parts = [weights[mine.format(**gaps | {"part": part})] for part in "qkv"]
            published[theirs.format(**gaps)] = torch.cat(parts)
        else:
            renamed = theirs.format(**gaps)
            published[renamed] = tensor.T.contiguous() if name == _TRANSPOSED else tensor
    return published


def _find(name: str, *, side: int) -> tuple[str, str, dict[str, str]]:
    """Find the row of the table that a name stands in, and what fills its gaps."""
    for row in _ROWS:
        if match := _pattern(row[side]).fullmatch(name):
            return *row, match.groupdict()
    whose = ("one of a published Monkey's", "known to the published layout")[side]
    raise ModelError(f"weight {name!r} is not {whose}")


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Compile a name with gaps.

    >>> _pattern("h.{layer}.ln").fullmatch("h.31.ln")["layer"]
    '31'
    """
    literal = re.escape(template)
    return re.compile(re.sub(r"\\{(\w+)\\}", lambda gap: f"(?P<{gap[1]}>{_GAPS[gap[1]]})", literal))


def _thirds(name: str, tensor: torch.Tensor) -> list[torch.Tensor]:
    if tensor.shape[:1].numel() % 3:
        raise ModelError(f"weight {name!r} of shape {tuple(tensor.shape)} is no three equal parts")
    return [piece.contiguous() for piece in tensor.chunk(3)]


def _stack(name: str, numbered: dict[int, torch.Tensor]) -> torch.Tensor:
    try:
        pieces = [numbered[window] for window in range(len(numbered))]
        return torch.cat(pieces) if name.endswith(".scale") else torch.stack(pieces)
    except KeyError as error:
        raise ModelError(f"adapters {name!r} lack window {error}") from error
    except RuntimeError as error:
        raise ModelError(f"adapters {name!r} differ in shape") from error
