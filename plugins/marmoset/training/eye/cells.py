"""What the eye is to see: the class of every cell of a window.

A cell is 8 pixels high and 4 wide: two characters side by side seldom have their middles in one
cell, even two l of 14 pt. A line's middle may lie between two rows of cells, so it counts for
every row whose middle is near; a row that is neither near nor far is not judged.
"""

import math

import numpy as np

from training.eye.alphabet import BLANK, SPACE
from training.eye.windows import Print

HEIGHT, WIDTH = 8, 4

CELLS_PER_PATCH = 2
"""Cells side by side in a patch of 8x8 pixels."""

NEAR, FAR = 5.0, 7.5
"""Pixels between a line's middle and a row's: at most `NEAR` to count, `FAR` not to."""

IGNORED = -1


def label_cells(sheet: Print) -> np.ndarray:
    """Classes of the cells, (height / 8, width / 4) int64, `IGNORED` where nothing is asked."""
    rows, cols = sheet.height // HEIGHT, sheet.width // WIDTH
    labels = np.full((rows, cols), BLANK, np.int64)
    # What is certain overwrites what is not, and a character the mark behind a word.
    order = sorted(range(len(sheet.xs)), key=lambda i: sheet.classes[i] != SPACE)
    for certain in (False, True):
        for i in order:
            col, middle = math.floor(sheet.xs[i] / WIDTH), sheet.ys[i] / HEIGHT - 0.5
            if not 0 <= col < cols:
                continue  # it was turned off the sheet
            for row in range(math.floor(middle) - 1, math.floor(middle) + 3):
                distance = abs(row - middle) * HEIGHT
                if 0 <= row < rows and (distance <= NEAR) == certain and distance < FAR:
                    labels[row, col] = sheet.classes[i] if certain else IGNORED
    return labels
