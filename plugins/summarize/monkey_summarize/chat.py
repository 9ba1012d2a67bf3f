"""A checkpoint's own chat form around our prompt, in tokens: what we were told stays text.

The template is filled with a word that stands for the message, and cut there; only what the
template itself wrote is read for special tokens.
"""

from typing import Any

from jinja2 import TemplateError

from monkey_summarize.messages import Prompt

_STAND_IN = "MonkeyStandInForNotes"


def encode_prompt(tokenizer: Any, prompt: Prompt, *, most: int) -> list[int]:
    """Turn a prompt into tokens; notes at the end are left out if it is longer than `most`.

    Args:
        tokenizer: of transformers, with a chat template or without.
        prompt: to encode.
        most: tokens there is room for.
    """
    before, after = _frame(tokenizer)
    rules = _encode_text(tokenizer, f"{prompt.rules}\n\n")
    room = most - len(before) - len(after) - len(rules)
    notes: list[int] = []
    for note in prompt.notes:
        line = _encode_text(tokenizer, f"{note}\n")
        if notes and len(notes) + len(line) > room:
            break
        notes += line
    return [*before, *rules, *notes, *after]


def _frame(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Give the tokens before and after what a user says."""
    if tokenizer.chat_template is None:
        start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
        return start, _encode_text(tokenizer, "\nCaption:")
    message = [{"role": "user", "content": _STAND_IN}]
    try:
        form = tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
    except TemplateError as error:
        raise ValueError(f"its chat template fails: {error}") from error
    if form.count(_STAND_IN) != 1:
        raise ValueError("its chat template does not say once what it is given")
    before, after = form.split(_STAND_IN)
    return (
        tokenizer.encode(before, add_special_tokens=False),
        tokenizer.encode(after, add_special_tokens=False),
    )


def _encode_text(tokenizer: Any, text: str) -> list[int]:
    ids = tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
    return list(ids)
