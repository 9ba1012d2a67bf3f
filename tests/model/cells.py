"""Pages of cells, and what is read from them."""

import numpy as np

from monkeycli.model.reading_order import LINE_BREAK, SECOND_SPACE, arrange

COLS = 60
END = 1
"""The class of the mark behind a word; that of a letter is its place in the alphabet, plus 2."""


def page(*marks, rows=20):
    """Cells of a page; a mark is (row, column, letter, how likely it is)."""
    seen_RC, classes_RC = np.zeros((rows, COLS)), np.full((rows, COLS), END)
    for row, column, letter, likely in marks:
        seen_RC[row, column] = likely
        classes_RC[row, column] = END if letter == " " else ord(letter) - ord("a") + 2
    return seen_RC, classes_RC


def word(row, column, text, step=3, likely=1.0):
    return [(row, column + step * n, letter, likely) for n, letter in enumerate(text)]


def read(*marks):
    seen_RC, classes_RC = page(*marks)
    run = arrange(seen_RC, classes_RC, np.ones_like(seen_RC))
    signs = {LINE_BREAK: "/", SECOND_SPACE: "_"}
    text = ""
    for place in run.places.tolist():
        number = classes_RC.ravel()[place]
        text += signs.get(place) or (" " if number == END else chr(number + ord("a") - 2))
    return text, run
