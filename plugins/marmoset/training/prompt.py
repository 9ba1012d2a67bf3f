"""The prompt marmoset is trained with, piece by piece; its configuration carries the same.

    BEFORE_IMAGE <image start>                                  shared by all pages
    [what the eye read] <image end> AFTER_IMAGE [page text AFTER_TEXT]          a page
    [excerpt AFTER_EXCERPT] question AFTER_QUESTION                            a branch
    answer END

Only BEFORE_IMAGE, AFTER_QUESTION and END may hold special tokens, page text and questions never
do. A page comes with its text, or is read by the eye, or is blank. The excerpt is what the page's
text says of the question, if anything.
"""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from monkeycli.excerpt import take_excerpt

BEFORE_IMAGE = "<|im_start|>user\n"
AFTER_IMAGE = "\n"
AFTER_TEXT = "\n\n"
AFTER_EXCERPT = "\n\n"
AFTER_QUESTION = " Answer:<|im_end|>\n<|im_start|>assistant\n"
CAPTION = "Generate the detailed caption in English:"
SHORT_CAPTION = "Generate the caption in English:"
AFTER_CAPTION = "<|im_end|>\n<|im_start|>assistant\n"
END = "<|im_end|>"
NO_ANSWER = "not on this page"

PROMPTS = {
    "before_image": BEFORE_IMAGE,
    "after_image": AFTER_IMAGE,
    "evidence": "{evidence}" + AFTER_TEXT,
    "excerpt": "{excerpt}" + AFTER_EXCERPT,
    "ask": "{question}" + AFTER_QUESTION,
    "caption": CAPTION + AFTER_CAPTION,
    "short_caption": SHORT_CAPTION + AFTER_CAPTION,
}
"""The same as a Monkey's configuration has it."""

EXCERPT_CHARACTERS = 320
"""Longest excerpt; most are about a hundred."""

IMAGE_START = 4
"""`<reponame>` of SmolLM2's vocabulary, which its training never used."""
IMAGE_END = 5
"""`<file_sep>`, likewise."""
IMAGE_SLOT = 7
"""`<gh_stars>`, likewise: holds a feature's place; the feature replaces its embedding."""


@dataclass(frozen=True)
class Branch:
    """A question, and the answer if it is known."""

    prompt: list[int]
    answer: list[int]


class Speller:
    """Text to tokens.

    Args:
        path: a `tokenizer.json`.
    """

    def __init__(self, path: Path) -> None:
        self._special = Tokenizer.from_file(str(path))
        self._plain = Tokenizer.from_file(str(path))
        self._plain.encode_special_tokens = True

    def special(self, text: str) -> list[int]:
        """Tokens of our own text, in which special tokens count."""
        return list(self._special.encode(text, add_special_tokens=False).ids)

    def plain(self, text: str) -> list[int]:
        """Tokens of anybody's text, in which `<|im_end|>` is ten characters."""
        return list(self._plain.encode(text, add_special_tokens=False).ids)

    def opening(self) -> list[int]:
        """What stands before every page."""
        return [*self.special(BEFORE_IMAGE), IMAGE_START]

    def evidence(self, text: str) -> list[int]:
        """A page that comes with its text; the eye does not look at it."""
        text = text.strip()
        return [IMAGE_END, *self.plain(AFTER_IMAGE + text + AFTER_TEXT if text else AFTER_IMAGE)]

    def seen(self, text: str) -> list[int]:
        """A page on which the eye read this text."""
        return [*self.plain(text), IMAGE_END, *self.plain(AFTER_IMAGE)]

    def branch(self, question: str, answer: str | None = None, text: str = "") -> Branch:
        """A question behind the prefix, and what the page's text says of it."""
        excerpt = take_excerpt(text, question, EXCERPT_CHARACTERS)
        prompt = self.plain(excerpt + AFTER_EXCERPT) if excerpt else []
        prompt += self.plain(question) + self.special(AFTER_QUESTION)
        return Branch(prompt, [] if answer is None else self.plain(answer) + self.special(END))

    def caption_branch(self, prompt: str, caption: str) -> Branch:
        """A request for a description behind the prefix."""
        return Branch(
            self.plain(prompt) + self.special(AFTER_CAPTION),
            self.plain(caption) + self.special(END),
        )

    def read(self, tokens: list[int]) -> str:
        """Tokens back to text."""
        return str(self._plain.decode(tokens))
