"""The published checkpoint's names and shapes of weights, and ours: both directions, one table.

Published (`QWenLMHeadModel` with its visual transformer)   ours
`transformer.h.0.attn.c_attn`, q, k, v stacked              `q_proj`, `k_proj`, `v_proj`
`resblocks.0.attn.in_proj_lora.2.lora_a`, one a window      `lora_a`, stacked over windows
`visual.proj`, multiplied from the right                    `resampler.proj`, transposed
everything else                                             renamed
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import torch

from monkeycli.errors import ModelError

Weights = dict[str, torch.Tensor]

_TEXT = "model.language_model."
_BLOCK = "model.vision.blocks."
_NAMES = [
    (r"lm_head\.weight", "lm_head.weight"),
    (r"transformer\.wte\.weight", f"{_TEXT}embed_tokens.weight"),
    (r"transformer\.ln_f\.weight", f"{_TEXT}norm.weight"),
    (r"transformer\.h\.(\d+)\.ln_1\.weight", _TEXT + r"layers.{}.input_layernorm.weight"),
    (r"transformer\.h\.(\d+)\.ln_2\.weight", _TEXT + r"layers.{}.post_attention_layernorm.weight"),
    (r"transformer\.h\.(\d+)\.attn\.c_proj\.weight", _TEXT + r"layers.{}.self_attn.o_proj.weight"),
    (r"transformer\.h\.(\d+)\.mlp\.w1\.weight", _TEXT + r"layers.{}.mlp.up_proj.weight"),
    (r"transformer\.h\.(\d+)\.mlp\.w2\.weight", _TEXT + r"layers.{}.mlp.gate_proj.weight"),
    (r"transformer\.h\.(\d+)\.mlp\.c_proj\.weight", _TEXT + r"layers.{}.mlp.down_proj.weight"),
    (r"transformer\.visual\.conv1\.weight", "model.vision.stem.weight"),
    (r"transformer\.visual\.positional_embedding", "model.vision.positions"),
    (r"transformer\.visual\.ln_pre\.(weight|bias)", "model.vision.norm.{}"),
    (
        r"transformer\.visual\.transformer\.resblocks\.(\d+)\.ln_([12])\.(weight|bias)",
        _BLOCK + "{}.norm{}.{}",
    ),
    (
        r"transformer\.visual\.transformer\.resblocks\.(\d+)\.attn\.(in|out)_proj\.(weight|bias)",
        _BLOCK + "{}.attention.{}_proj.{}",
    ),
    (
        r"transformer\.visual\.transformer\.resblocks\.(\d+)\.mlp\.c_fc\.(weight|bias)",
        _BLOCK + "{}.fc1.{}",
    ),
    (
        r"transformer\.visual\.transformer\.resblocks\.(\d+)\.mlp\.c_proj\.(weight|bias)",
        _BLOCK + "{}.fc2.{}",
    ),
    (r"transformer\.visual\.attn_pool\.query", "model.resampler.queries"),
    (r"transformer\.visual\.attn_pool\.pos_embed", "model.resampler.positions"),
    (r"transformer\.visual\.attn_pool\.kv_proj\.weight", "model.resampler.kv_proj.weight"),
    (r"transformer\.visual\.attn_pool\.ln_q\.(weight|bias)", "model.resampler.norm_queries.{}"),
    (r"transformer\.visual\.attn_pool\.ln_kv\.(weight|bias)", "model.resampler.norm_patches.{}"),
    (
        r"transformer\.visual\.attn_pool\.attn\.out_proj\.(weight|bias)",
        "model.resampler.out_proj.{}",
    ),
    (r"transformer\.visual\.ln_post\.(weight|bias)", "model.resampler.norm_out.{}"),
]
"""Plain renamings: the published name as a pattern, ours with a gap for each of its groups."""

_STACKED = [
    (
        r"transformer\.h\.(\d+)\.attn\.c_attn\.(weight|bias)",
        _TEXT + "layers.{}.self_attn.%s_proj.{}",
    ),
    (r"transformer\.visual\.attn_pool\.attn\.in_proj_(weight|bias)", "model.resampler.%s_proj.{}"),
]
"""Queries, keys and values stacked into one published tensor."""

_ADAPTERS = [
    (
        r"transformer\.visual\.transformer\.resblocks\.(\d+)\.attn\.(in|out)_proj_lora\.(\d+)\.%s",
        _BLOCK + "{}.attention.{}_adapter.%s",
    ),
    (
        r"transformer\.visual\.transformer\.resblocks\.(\d+)\.mlp_lora\.(\d+)\.%s",
        _BLOCK + "{}.mlp_adapter.%s",
    ),
]
"""One published tensor for each window; the last group is the window's number."""

_PARTS = {"lora_a.weight": "lora_a", "lora_b.weight": "lora_b", "lora_scale": "scale"}
_PROJ = ("transformer.visual.proj", "model.resampler.proj.weight")
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
        ModelError: a name is unknown.
    """
    ours: Weights = {}
    adapters: dict[str, dict[int, torch.Tensor]] = defaultdict(dict)
    for name, tensor in weights.items():
        if _IGNORED.fullmatch(name):
            continue
        if name == _PROJ[0]:
            ours[_PROJ[1]] = tensor.T.contiguous()
        elif plain := _rename(name, _NAMES):
            ours[plain] = tensor
        elif stacked := _rename(name, _STACKED):
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                ours[stacked % part] = piece.contiguous()
        elif adapter := _adapter(name):
            adapters[adapter[0]][adapter[1]] = tensor
        else:
            raise ModelError(f"weight {name!r} is not one of a published Monkey's")
    for name, by_window in adapters.items():
        pieces = [by_window[number] for number in range(len(by_window))]
        ours[name] = torch.cat(pieces) if name.endswith("scale") else torch.stack(pieces)
    return ours


def to_published(weights: Mapping[str, torch.Tensor]) -> Weights:
    """Rename our weights to the published names; the inverse of `from_published`.

    Raises:
        ModelError: a name has no counterpart (a small model's conv stem, for one).
    """
    published: Weights = {}
    for name, tensor in weights.items():
        if name == _PROJ[1]:
            published[_PROJ[0]] = tensor.T.contiguous()
        elif plain := _rename_back(name, _NAMES):
            published[plain] = tensor
        elif "_adapter." in name:
            part = {ours: theirs for theirs, ours in _PARTS.items()}[name.rpartition(".")[2]]
            for window, piece in enumerate(tensor):
                numbered = re.sub(r"_adapter\.\w+$", f"_adapter.{window}.{part}", name)
                published[_adapter_back(numbered)] = piece.reshape(-1) if part == "lora_scale" else piece
        elif re.search(r"\.[qkv]_proj\.", name):
            if ".q_proj." in name:
                pieces = [weights[name.replace(".q_proj.", f".{part}_proj.")] for part in "qkv"]
                stacked = _rename_back(name, [(theirs, ours % "q") for theirs, ours in _STACKED])
                published[_known(stacked, name)] = torch.cat(pieces)
        else:
            _known(None, name)
    return published


def _rename(name: str, table: list[tuple[str, str]]) -> str | None:
    for theirs, ours in table:
        if match := re.fullmatch(theirs, name):
            return ours.format(*match.groups())
    return None


def _rename_back(name: str, table: list[tuple[str, str]]) -> str | None:
    """Read a table from right to left: our name as the pattern, theirs with the groups put in."""
    for theirs, ours in table:
        groups = re.findall(r"\(.*?\)", theirs)
        pattern = re.escape(ours).replace(r"\{\}", "{}").format(*groups)
        if match := re.fullmatch(pattern, name):
            values = iter(match.groups())
            plain = re.sub(r"\(.*?\)", lambda _: next(values), theirs)  # noqa: B023 - used at once
            return plain.replace("\\", "")
    return None


def _adapter(name: str) -> tuple[str, int] | None:
    for part, ours_part in _PARTS.items():
        for theirs, ours in _ADAPTERS:
            if match := re.fullmatch(theirs % re.escape(part), name):
                *groups, window = match.groups()
                return (ours % ours_part).format(*groups), int(window)
    return None


def _adapter_back(name: str) -> str:
    """Turn `...blocks.0.attention.in_adapter.2.PART` into the published name."""
    match = re.fullmatch(re.escape(_BLOCK) + r"(\d+)\.(.+)_adapter\.(\d+)\.(.+)", name)
    assert match, name
    block, place, window, part = match.groups()
    theirs = {"attention.in": "attn.in_proj", "attention.out": "attn.out_proj", "mlp": "mlp"}[place]
    return f"transformer.visual.transformer.resblocks.{block}.{theirs}_lora.{window}.{part}"


def _known(published: str | None, name: str) -> str:
    if published is None:
        raise ModelError(f"weight {name!r} has no name in the published layout")
    return published
