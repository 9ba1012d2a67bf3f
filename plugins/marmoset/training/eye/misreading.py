"""A made-up page as the eye would read it: the characters it knows, now and then another."""

import random
import re
from dataclasses import replace

from training.eye.alphabet import CLASSES
from training.eye.spelling import ALIKE, plain_text
from training.synthesis.draft import NO_ANSWER, Page

CLEAN = 0.4
"""Share of pages that are read without a mistake."""

RATE = 0.12
"""Most mistakes by character on the others; few pages have nearly so many."""


def look_at(page: Page, draw: random.Random) -> Page:
    """The page as it is read; what can no longer be asked since it was damaged is dropped."""
    text = printed = plain_text(page.text)
    if draw.random() > CLEAN:
        text = misread(text, draw, RATE * draw.random() ** 2)
    flat = " ".join(text.split())
    questions = tuple(pair for pair in page.questions if _stands(pair[1], flat))
    captions = tuple(
        pair for pair in page.captions if text == printed and set(pair[1]) <= {*CLASSES, "\n"}
    )
    return replace(page, text=text, questions=questions, captions=captions)


def misread(text: str, draw: random.Random, rate: float) -> str:
    """Takes about so many of the characters for others, or misses them."""
    found = []
    for character in text:
        if character == "\n" or draw.random() >= rate:
            found.append(character)
        elif character != " " and draw.random() < 0.75:
            groups = [group for group in ALIKE if character in group]
            found.append(draw.choice(draw.choice(groups) if groups else (*CLASSES,)))
    return plain_text("".join(found))


def _stands(answer: str, flat: str) -> bool:
    """Whether the text still says so: literally, in two places, or as a count or a yes or no."""
    if answer in (NO_ANSWER, "yes", "no") or (answer.isdigit() and len(answer) < 3):
        return True
    return all(part in flat for part in re.sub(r"\s+", " ", answer).split(" and "))
