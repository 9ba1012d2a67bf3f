"""The characters the eye knows, and their classes."""

BLANK = 0
"""Class of a place where no character has its centre."""

SPACE = 1
"""Class of the mark behind every word, half a space's width after its last character."""

ASCII = "".join(map(chr, range(33, 127)))
OTHERS = "€£¥§°©®–—‘’“”•·½éèêëàâçîïôùûüöäßñóáíúåøæÄÖÜÉÑÇ¿¡"  # noqa: RUF001

CHARACTERS = ASCII + OTHERS
"""Class 2 is the first of them."""

NUM_CLASSES = len(CHARACTERS) + 2

CLASSES = {character: number for number, character in enumerate(CHARACTERS, 2)} | {" ": SPACE}


def spell(classes: list[int]) -> str:
    """Classes to text; blanks are left out.

    >>> spell([CLASSES["N"], BLANK, CLASSES["o"], SPACE])
    'No '
    """
    return "".join(
        " " if number == SPACE else CHARACTERS[number - 2] for number in classes if number != BLANK
    )
