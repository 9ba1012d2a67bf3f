"""Scores a checkpoint and prints one table.

    python -m evaluation.evaluate --data ../../../shared/data/dev
    python -m evaluation.evaluate --held-out 200                         # made-up pages alone

Greedy, one question at a time as far as the model sees. `layer` is a PDF's own text beside the
image, `none` the image alone. "Refused" is the share of "not on this page", right or wrong.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from evaluation.held_out import ask_held_out
from evaluation.real import ask_contracts, ask_pdfs, ask_receipts
from evaluation.results import Result, table
from monkeycli.api import Monkey, load

WEIGHTS = Path(__file__).parent.parent / "monkey_marmoset" / "weights"


def ask_all(monkey: Monkey, data: Path | None, held_out: int, receipts: int) -> Iterator[Result]:
    """Every question of every set."""
    yield from ask_held_out(monkey, held_out)
    if data:
        yield from ask_pdfs(monkey, data, "layer")
        yield from ask_pdfs(monkey, data, "none")
        yield from ask_contracts(monkey, data)
        yield from ask_receipts(monkey, data, receipts)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(WEIGHTS))
    parser.add_argument("--data", type=Path, help="folder with pdfs/, nda/ and sroie/")
    parser.add_argument("--held-out", type=int, default=200, help="made-up pages")
    parser.add_argument("--receipts", type=int, default=40, help="scanned receipts")
    parser.add_argument("--answers", type=Path, help="JSONL file for every answer")
    options = parser.parse_args()
    start = time.monotonic()
    results = list(ask_all(load(options.model), options.data, options.held_out, options.receipts))
    if options.answers:
        lines = (json.dumps(result.as_json(), ensure_ascii=False) for result in results)
        options.answers.write_text("\n".join(lines) + "\n")
    sys.stdout.write(
        f"{table(results)}\n\n{len(results)} questions in {time.monotonic() - start:.0f} s\n"
    )


if __name__ == "__main__":
    main()
