"""The published `config.json`, translated: the fields of Qwen-VL and Monkey become ours."""

from collections.abc import Iterable
from typing import Any

from monkeycli.catalog import PUBLISHED_LICENCE
from monkeycli.errors import ModelError
from monkeycli.model.config import CONFIG_ERRORS, MonkeyConfig
from monkeycli.model.keys import count_adapters
from monkeycli.model.tokenizer import SPECIAL_TOKENS

CHAT_PROMPTS = {"caption": " Generate the detailed caption in English: Answer: "}
"""Where Monkey-Chat's prompts differ (published `inference.py`, which looks at the path's name)."""

RESAMPLER_HEAD = 128
"""Width of a head of the resampler; the published code fixes it."""


def config_from_published(
    fields: dict[str, Any], names: Iterable[str], *, name: str
) -> MonkeyConfig:
    """Translate the published `config.json`.

    Args:
        fields: its content.
        names: of the weights, which tell how many windows have adapters.
        name: of the checkpoint; one with `chat` in it gets chat's caption prompt.

    Raises:
        ModelError: a field is missing or cannot be.
    """
    try:
        visual = fields["visual"]
        image_start_id = visual["image_start_id"]
        end_of_text = image_start_id - SPECIAL_TOKENS.index("<img>")
        return MonkeyConfig(
            vision_config=_vision(visual, num_adapters=count_adapters(names)),
            resampler_config=_resampler(visual),
            text_config=_text(fields, end_of_text=end_of_text),
            image_start_id=image_start_id,
            image_end_id=image_start_id + 1,
            image_token_id=image_start_id + 2,
            prompts=CHAT_PROMPTS if "chat" in name.lower() else None,
            train_length=fields["seq_length"],
            checkpoint_name=name,
            licence=PUBLISHED_LICENCE,
        )
    except KeyError as error:
        raise ModelError(f"config.json of the published layout lacks {error}") from error
    except CONFIG_ERRORS as error:
        raise ModelError(f"config.json of the published layout is broken: {error}") from error


def _vision(visual: dict[str, Any], *, num_adapters: int) -> dict[str, Any]:
    return {
        "hidden_size": visual["width"],
        "num_hidden_layers": visual["layers"],
        "num_attention_heads": visual["heads"],
        "intermediate_size": int(visual["width"] * visual["mlp_ratio"]),
        "patch_size": visual["patch_size"],
        "num_adapters": num_adapters,
    }


def _resampler(visual: dict[str, Any]) -> dict[str, Any]:
    width = visual["output_dim"]
    return {"hidden_size": width, "num_attention_heads": max(width // RESAMPLER_HEAD, 1)}


def _text(fields: dict[str, Any], *, end_of_text: int) -> dict[str, Any]:
    """Qwen-1 is Qwen2 but for its long-context rules, which `rotary` adds."""
    return {
        "model_type": "qwen2",
        "vocab_size": fields["vocab_size"],
        "hidden_size": fields["hidden_size"],
        "intermediate_size": fields["intermediate_size"] // 2,  # the two halves of a gated MLP
        "num_hidden_layers": fields["num_hidden_layers"],
        "num_attention_heads": fields["num_attention_heads"],
        "num_key_value_heads": fields["num_attention_heads"],
        "max_position_embeddings": fields["max_position_embeddings"],
        "rms_norm_eps": fields["layer_norm_epsilon"],
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": float(fields["rotary_emb_base"]),
        },
        "use_sliding_window": False,
        "tie_word_embeddings": False,
        "bos_token_id": None,
        "eos_token_id": end_of_text,
        "pad_token_id": end_of_text,
    }
