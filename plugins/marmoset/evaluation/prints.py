"""Clean print the eye has to read: made-up pages in held-out fonts, with held-out labels.

    python -m evaluation.prints --pages 30

Prints a table: labelled values asked for with `--text none`, and how much of the text is read.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from training.eye.pages import print_page, short_page

from evaluation.askers import Asker, Marmoset
from evaluation.made_up import ask_page, report
from evaluation.reading import Reading, read_page
from evaluation.results import Result
from monkeycli.api import load

SIZES = {14: 50, 18: 38, 24: 28}
"""Sizes of print in points, and the longest line that fits on A4."""

WEIGHTS = Path(__file__).parent.parent / "monkey_marmoset" / "weights"


def ask_prints(
    asker: Asker,
    count: int,
    *,
    held_out: bool = True,
    first: int = 0,
    read: Callable[[Path], str] | None = None,
) -> Iterator[tuple[Result, Reading | None]]:
    """Asks so many pages of each size.

    Args:
        asker: that answers.
        count: pages of each size.
        held_out: whether fonts and labels are such as are not trained on.
        first: number of the first page.
        read: gives the text of a page; None if it is not wanted.

    Yields:
        The results; the first one of a page comes with its reading.
    """
    split = "held-out" if held_out else "train"
    row = f"clean print, {asker.name}"
    with tempfile.TemporaryDirectory() as folder:
        for size, longest in SIZES.items():
            for number in range(first, first + count):
                page = short_page(split, 1000 * size + number, longest)
                path = Path(folder) / f"{size}-{number}.pdf"
                print_page(page, path, size=size, seed=f"{size}/{number}", held_out=held_out)
                reading = Reading(f"{size} pt", page.text, read(path)) if read else None
                for result in ask_page(asker, page, path, (row, f"- {size} pt")):
                    yield result, reading
                    reading = None


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(WEIGHTS))
    parser.add_argument("--pages", type=int, default=30, help="of each size")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--text", choices=("none", "layer"), default="none")
    parser.add_argument("--trained-fonts", action="store_true", help="fonts and labels of training")
    parser.add_argument("--show", action="store_true", help="print what is read and answered")
    options = parser.parse_args()
    monkey = load(options.model)
    found = list(
        ask_prints(
            Marmoset(monkey, options.text), options.pages, held_out=not options.trained_fonts,
            first=options.first, read=partial(read_page, monkey),
        )
    )  # fmt: skip
    sys.stdout.write(report(found, show=options.show))


if __name__ == "__main__":
    main()
