"""Scans the eye has to read: made-up receipts in held-out fonts, slanted, worn and grainy.

    python -m evaluation.slips --pages 30

Prints a table: what is asked with `--text none`, and how much of the text is read.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PIL import Image
from training.eye.pages import scan_slip
from training.eye.spelling import plain_text
from training.synthesis.draft import Page
from training.synthesis.receipts import receipt
from training.synthesis.words import Words

from evaluation.askers import Asker, Marmoset
from evaluation.made_up import ask_page, report
from evaluation.reading import Reading, read_page
from evaluation.results import Result
from monkeycli.api import load

WEIGHTS = Path(__file__).parent.parent / "monkey_marmoset" / "weights"


def find_receipts(count: int, *, held_out: bool) -> Iterator[tuple[str, Page]]:
    """Receipts in letters that the eye knows, each with the seed of its scan."""
    split, number = "held-out" if held_out else "train", 0
    while count:
        seed = f"slip/{number}"
        page = receipt(Words(seed, split))
        if plain_text(page.text) == page.text:
            yield seed, page
            count -= 1
        number += 1


def ask_slips(
    asker: Asker, count: int, *, held_out: bool = True, read: Callable[[Path], str] | None = None
) -> Iterator[tuple[Result, Reading | None]]:
    """Asks so many scanned receipts.

    Args:
        asker: that answers.
        count: receipts.
        held_out: whether fonts and labels are such as are not trained on.
        read: gives the text of a page; None if it is not wanted.

    Yields:
        The results; the first one of a page comes with its reading.
    """
    with tempfile.TemporaryDirectory() as folder:
        for seed, page in find_receipts(count, held_out=held_out):
            path = Path(folder) / f"{seed.replace('/', '-')}.png"
            Image.fromarray(scan_slip(page, seed=seed, held_out=held_out)).save(path)
            reading = Reading("scans", page.text, read(path)) if read else None
            for result in ask_page(asker, page, path, (f"made-up scans, {asker.name}",)):
                yield result, reading
                reading = None


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(WEIGHTS))
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--show", action="store_true", help="print what is read and answered")
    options = parser.parse_args()
    monkey = load(options.model)
    asker = Marmoset(monkey, "none")
    found = list(ask_slips(asker, options.pages, read=partial(read_page, monkey)))
    sys.stdout.write(report(found, show=options.show))


if __name__ == "__main__":
    main()
