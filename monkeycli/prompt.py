"""The words around an image and a question: what a checkpoint was trained to see, byte for byte.

A template is the checkpoint's own text: it may name special tokens and the gaps `{question}`,
`{evidence}` and `{excerpt}`. What a user wrote only ever fills a gap and is never searched for
either.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Prompts:
    """The templates of one checkpoint.

    The prompt of a page is `before_image`, the image's span of tokens, `after_image`, `evidence` if
    there is any, and then one of the others; before `ask` comes `excerpt` if the page's text says
    anything of the question. Everything up to the evidence is the same for all questions.
    """

    before_image: str
    after_image: str
    evidence: str
    ask: str
    caption: str
    short_caption: str
    excerpt: str = ""


@dataclass(frozen=True)
class Piece:
    """A stretch of a prompt: plain text, or the name of one special token."""

    text: str
    is_special: bool


def fill_template(
    template: str, special_tokens: Iterable[str], fields: Mapping[str, str]
) -> list[Piece]:
    """Cut a template at its special tokens and put the user's words into its gaps.

    Args:
        template: of a checkpoint.
        special_tokens: names that stand for one token each.
        fields: what goes into the gaps, by name; taken as it is.

    Returns:
        The pieces in order, none of them empty.

    >>> pieces = fill_template("{question}<end>A:", ["<end>"], {"question": "Why <end>?"})
    >>> [piece.text for piece in pieces]
    ['Why <end>?', '<end>', 'A:']
    >>> [piece.is_special for piece in pieces]
    [False, True, False]
    """
    names = sorted(special_tokens, key=len, reverse=True)
    either = "|".join(map(re.escape, names))
    parts = re.split(f"({either})", template) if names else [template]
    pieces = []
    for part in parts:
        if part in names:
            pieces.append(Piece(part, is_special=True))
        elif part:
            text = re.sub(r"\{(\w+)\}", lambda gap: fields[gap[1]], part)
            pieces.append(Piece(text, is_special=False))
    return [piece for piece in pieces if piece.text]
