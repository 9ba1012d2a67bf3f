"""Positioned words to text in reading order. Pure arithmetic: no PDF, no image."""

from typing import NamedTuple


class Word(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float
    text: str


def join_words(words: list[Word]) -> str:
    return " ".join(w.text for w in words)
