"""Scores a checkpoint and prints one table.

    python -m evaluation.evaluate --data ../../../shared/data/dev
    python -m evaluation.evaluate --sets made-up --held-out 500

Greedy, one question at a time as far as the model sees. `layer` is a PDF's own text beside the
image, `none` the image alone. "Refused" is the share of "not on this page", right or wrong.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from evaluation.held_out import ask_held_out
from evaluation.real import ask_contracts, ask_pdfs, ask_receipts
from evaluation.results import Result, table
from monkeycli.api import Monkey, load

WEIGHTS = Path(__file__).parent.parent / "monkey_marmoset" / "weights"


SETS = ("made-up", "pdfs", "pdfs-none", "contracts", "receipts-none")
"""What can be asked; the last four need `--data`."""


def ask(monkey: Monkey, options: argparse.Namespace) -> Iterator[Result]:
    """Every question of every set wanted."""
    data: Path = options.data
    asks: dict[str, Callable[[], Iterator[Result]]] = {
        "made-up": lambda: ask_held_out(monkey, options.held_out),
        "pdfs": lambda: ask_pdfs(monkey, data, "layer"),
        "pdfs-none": lambda: ask_pdfs(monkey, data, "none"),
        "contracts": lambda: ask_contracts(monkey, data),
        "receipts-none": lambda: ask_receipts(monkey, data, options.receipts),
    }
    for name in options.sets or (SETS if data else SETS[:1]):
        yield from asks[name]()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(WEIGHTS))
    parser.add_argument("--data", type=Path, help="folder with pdfs/, nda/ and sroie/")
    parser.add_argument("--held-out", type=int, default=200, help="made-up pages")
    parser.add_argument("--receipts", type=int, default=40, help="scanned receipts")
    parser.add_argument("--sets", nargs="+", choices=SETS, help="all of them if left out")
    parser.add_argument("--answers", type=Path, help="JSONL file for every answer")
    options = parser.parse_args()
    start = time.monotonic()
    results = list(ask(load(options.model), options))
    if options.answers:
        lines = (json.dumps(result.as_json(), ensure_ascii=False) for result in results)
        options.answers.write_text("\n".join(lines) + "\n")
    sys.stdout.write(
        f"{table(results)}\n\n{len(results)} questions in {time.monotonic() - start:.0f} s\n"
    )


if __name__ == "__main__":
    main()
