# ruff: noqa: RUF001 - characters that look alike are the point
"""Text as the eye might have read it, and the tokens it should make of it: no pixels needed.

text --print widths--> distances
     --misreading--> distributions over the classes of characters
     --tokenizer--> where each token begins, and which it is
"""

import functools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from training.eye.alphabet import BLANK, CHARACTERS, CLASSES, NUM_CLASSES, SPACE
from training.eye.fonts import advance, font_files
from training.eye.phrases import number, singles, values
from training.eye.windows import WORD_END
from training.synthesis.mixture import make_page

LINE_BREAK = BLANK
"""Between lines stands what stands nowhere else in a run of characters."""

WIDE = 3.0
"""A distance of so many usual ones counts as a gap: a second space."""

CELL = (0.08, 0.25)
"""Width of a cell in parts of the font size, from large print to small."""

ALIKE = (
    "0OoQDC", "1lI|!i", "5S$s", "8B&", "2Zz", "6bG", "9gq", "cCeoO", "uvn", "vVyY", "wWvV", "xX",
    "kK", "pP", "jJi", "tf+", "rnm", "hbn", "ceo", "aeo", "mn", ".,·", ":;", "'`’‘", '"“”', "-–—_~",
    "({[C", ")}]", "/|Il", "éèêeë", "üuû", "öoóô", "äaàâá", "EF", "PR", "UV", "MN", "HN", "iíîl",
    "4A",
)  # fmt: skip
"""Characters that are taken for one another."""


@functools.cache
def _alike() -> np.ndarray:
    """(classes, choices): what each class is taken for; anything, where it looks like nothing."""
    bits, choices = np.random.default_rng(0), 24
    table = bits.integers(2, NUM_CLASSES, (NUM_CLASSES, choices))
    for one in CHARACTERS:
        others = [CLASSES[o] for group in ALIKE if one in group for o in group if o != one]
        if others:
            table[CLASSES[one]] = (others * choices)[:choices]
    return table


@functools.cache
def _widths(font: str) -> np.ndarray:
    """Width of each class in a font of size 1; of the mark behind a word, a space's."""
    return np.array(
        [0.0, advance(font, " ")] + [advance(font, letter) for letter in CHARACTERS], np.float32
    )


@dataclass(frozen=True)
class Spelled:
    """A run of characters."""

    classes: np.ndarray
    """(characters, classes) float32: how likely each class is."""
    distances: np.ndarray
    """(characters,) float32: from the character before, in usual distances of the line."""
    tokens: np.ndarray
    """(characters,) int64: the token that begins at a character, -1 where none does."""


def plain_text(text: str) -> str:
    r"""The characters of a text that the eye knows, with at most two spaces in a row.

    >>> plain_text("Total:    5\t\n\n x \u4e00")
    'Total:  5\nx'
    """
    lines = []
    for line in text.split("\n"):
        known = "".join(letter if letter in CLASSES else " " for letter in line)
        cells = [" ".join(cell.split()) for cell in known.split("  ")]
        lines.append("  ".join(cell for cell in cells if cell))
    return "\n".join(line for line in lines if line)


def spell_out(
    text: str, tokenizer: Tokenizer, draw: random.Random, *, noise: float = 1.0
) -> Spelled:
    """Prints, misreads and tokenizes a text of `plain_text`.

    Characters are taken for others, missed, or seen twice in neighbouring cells.
    """
    numbers = np.array([CLASSES.get(letter, LINE_BREAK) for letter in text])
    tokens = _place_tokens(text, tokenizer)
    random_bits = np.random.default_rng(draw.getrandbits(32))
    cell = random_bits.uniform(*CELL)
    where = (_positions(numbers, draw) / cell).round() * cell
    kept = random_bits.random(len(numbers)) >= np.where(numbers == SPACE, 0.01, 0.002) * noise
    kept |= numbers == LINE_BREAK
    for lost in np.flatnonzero(~kept & (tokens >= 0)):
        # A token whose first character was missed begins at its next one.
        if (
            lost + 1 < len(tokens)
            and numbers[lost] > SPACE < numbers[lost + 1]
            and tokens[lost + 1] < 0
        ):
            tokens[lost + 1] = tokens[lost]
    numbers, tokens, where = numbers[kept], tokens[kept], where[kept]
    twice = np.flatnonzero((random_bits.random(len(numbers)) < 0.006 * noise) & (numbers > SPACE))
    where = np.insert(where, twice + 1, where[twice] + cell)
    tokens = np.insert(tokens, twice + 1, -1)
    numbers = np.insert(numbers, twice + 1, numbers[twice])
    return Spelled(_misread(numbers, random_bits, noise), distances(numbers, where), tokens)


def distances(numbers: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Distances between the characters of each line, the usual one of the line being 1."""
    found = np.zeros(len(numbers), np.float32)
    breaks = np.flatnonzero(numbers == LINE_BREAK)
    for start, stop in zip([0, *(breaks + 1)], [*breaks, len(numbers)], strict=True):
        if stop - start > 1:
            steps = np.diff(where[start:stop])
            found[start + 1 : stop] = steps / max(float(np.median(steps)), 1e-3)
    return np.clip(found, 0, 2 * WIDE)


def _positions(numbers: np.ndarray, draw: random.Random) -> np.ndarray:
    """Middles of the characters on their line, in parts of the font size."""
    widths = _widths(draw.choice(font_files(held_out=False)))[numbers]
    left = np.cumsum(widths) - widths
    middle = left + widths / 2
    spaces = numbers == SPACE
    middle[spaces] = left[spaces] + WORD_END
    second = np.flatnonzero(spaces[1:] & spaces[:-1]) + 1
    middle[second] = middle[second - 1]
    for place in second:
        middle[place + 1 :] += 1.2 + 20 * draw.random() ** 3
    return middle


def _misread(numbers: np.ndarray, bits: np.random.Generator, noise: float) -> np.ndarray:
    """What might be seen: mostly what is there, sometimes something that looks like it."""
    count = len(numbers)
    others = _alike()[numbers, bits.integers(0, _alike().shape[1], count)]
    doubt = bits.random(count) ** 4 * 0.3
    wrong = bits.random(count) < 0.012 * noise
    doubt[wrong] = bits.uniform(0.4, 1, wrong.sum())
    doubt[(numbers == LINE_BREAK) | (numbers == SPACE)] = 0
    classes = np.zeros((count, NUM_CLASSES), np.float32)
    rows = np.arange(count)
    np.add.at(classes, (rows, others), doubt)
    np.add.at(classes, (rows, numbers), 1 - doubt)
    return classes


def _place_tokens(text: str, tokenizer: Tokenizer) -> np.ndarray:
    """Each token at its first character that is no space, or at the space it consists of."""
    placed = np.full(len(text), -1, np.int64)
    encoding = tokenizer.encode(text, add_special_tokens=False)
    for token, (start, stop) in zip(encoding.ids, encoding.offsets, strict=True):
        inner = [place for place in range(start, stop) if text[place] != " "]
        place = inner[0] if inner else stop - 1
        if placed[place] < 0:
            placed[place] = token
    return placed


class Texts:
    """Texts to spell, without end: pages, words of the dictionary and of the lexicon, numbers.

    Args:
        seed: same seed, same texts.
        vocabulary: strings of the lexicon's tokens.
    """

    def __init__(self, seed: str, vocabulary: Sequence[str]) -> None:
        self.draw = random.Random(seed)
        self.vocabulary = vocabulary
        self.split = "train"

    def text(self, length: int) -> str:
        """A text of about so many characters."""
        lines: list[str] = []
        kinds: tuple[Callable[[], str], ...] = (self._page, self._words, self._words, self._pieces)
        if self.draw.random() < 0.4:
            kinds = (self._page,)
        while sum(map(len, lines)) < length:
            lines.append(self.draw.choice(kinds)())
        return plain_text("\n".join(lines))[:length]

    def _page(self) -> str:
        lines = make_page(self.split, self.draw.randrange(2_000_000, 1_000_000_000)).text.split(
            "\n"
        )
        start = self.draw.randrange(len(lines))
        return "\n".join(lines[start : start + 12])

    def _words(self) -> str:
        """Words of the lexicon in a row, some of them joined or in another case."""
        found = []
        for _ in range(self.draw.randint(3, 9)):
            word = self.draw.choice(self.vocabulary)
            style = self.draw.random()
            word = word.upper() if style < 0.06 else word.title() if style < 0.12 else word
            found.append(
                word + self.draw.choice((" ", " ", " ", " ", "  ", "", ", ", ": ", ". ", "-", "/"))
            )
        return "".join(found)

    def _pieces(self) -> str:
        draw = self.draw
        makers = (
            lambda: number(draw),
            lambda: singles(draw),
            lambda: draw.choice(values(self.split)),
        )
        return draw.choice((" ", " ", "  ")).join(
            draw.choice(makers)() for _ in range(draw.randint(2, 5))
        )
