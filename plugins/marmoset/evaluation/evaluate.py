"""Scores a checkpoint and prints one table.

    python -m evaluation.evaluate --data ../../../shared/data/dev --ocr-cache runs/ocr
    python -m evaluation.evaluate --sets made-up --held-out 500

Greedy, one question at a time as far as the model sees. `layer` is a PDF's own text beside the
image, `ocr` what monkey-ocr reads from the image, `none` the image alone. The baseline is the same
text from monkey-ocr and the language model as it was published, zero-shot. "Contained" is the share
of answers in which a right one stands somewhere, "refused" that of "not on this page", right or
wrong.
"""

import argparse
import functools
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from pathlib import Path

from evaluation.askers import Asker, Marmoset, MarmosetWithOcr
from evaluation.baseline import Baseline, load_plain_model
from evaluation.held_out import ask_held_out
from evaluation.ocr import OcrReaders
from evaluation.prints import ask_prints
from evaluation.real import ask_contracts, ask_pdfs, ask_receipts
from evaluation.results import Result, table
from evaluation.slips import ask_slips
from monkeycli.api import Monkey, load

WEIGHTS = Path(__file__).parent.parent / "monkey_marmoset" / "weights"

FIRST_PRINT = 20
"""Number of the first page of clean print."""

MADE_UP = "made-up"

SETS = {
    MADE_UP: (MADE_UP, "marmoset"),
    "pdfs": ("pdfs", "layer"),
    "pdfs-ocr": ("pdfs", "ocr"),
    "pdfs-none": ("pdfs", "none"),
    "baseline-pdfs": ("pdfs", "baseline"),
    "contracts": ("contracts", "layer"),
    "receipts-ocr": ("receipts", "ocr"),
    "receipts-none": ("receipts", "none"),
    "baseline-receipts": ("receipts", "baseline"),
    "prints-none": ("prints", "none"),
    "scans-none": ("scans", "none"),
    "baseline-prints": ("prints", "baseline"),
}
"""What can be asked: documents, and who is asked about them."""

DOCUMENTS: dict[str, Callable[[Asker, argparse.Namespace], Iterator[Result]]] = {
    "pdfs": lambda asker, options: ask_pdfs(asker, options.data),
    "contracts": lambda asker, options: ask_contracts(asker, options.data),
    "receipts": lambda asker, options: ask_receipts(asker, options.data, options.receipts),
    "prints": lambda asker, options: (
        result for result, _ in ask_prints(asker, options.prints, first=FIRST_PRINT)
    ),
    "scans": lambda asker, options: (result for result, _ in ask_slips(asker, options.scans)),
}


def missing_option(name: str, options: argparse.Namespace) -> str | None:
    """The option that a set cannot do without, if it was not given."""
    documents, who = SETS[name]
    if documents in ("pdfs", "contracts", "receipts") and options.data is None:
        return "--data"
    if who in ("ocr", "baseline") and options.ocr_cache is None:
        return "--ocr-cache"
    return None


def ask(
    monkey: Monkey, sets: Sequence[str], options: argparse.Namespace, readers: OcrReaders | None
) -> Iterator[Result]:
    """Every question of every set.

    Args:
        monkey: that answers.
        sets: some of `SETS`.
        options: of the command line.
        readers: of pages for OCR; None if no set needs them.
    """

    @functools.cache
    def find_asker(name: str) -> Asker:
        if name == "layer":
            return Marmoset(monkey, "layer")
        if name == "none":
            return Marmoset(monkey, "none")
        assert readers
        if name == "ocr":
            return MarmosetWithOcr(monkey, readers)
        return Baseline(load_plain_model(WEIGHTS), readers, monkey.model.config.grid_rule)

    for name in sets:
        documents, who = SETS[name]
        if documents == MADE_UP:
            yield from ask_held_out(monkey, options.held_out)
        else:
            yield from DOCUMENTS[documents](find_asker(who), options)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(WEIGHTS))
    parser.add_argument("--data", type=Path, help="folder with pdfs/, nda/ and sroie/")
    parser.add_argument("--ocr-cache", type=Path, help="folder for the text that OCR reads")
    parser.add_argument("--held-out", type=int, default=200, help="made-up pages")
    parser.add_argument("--receipts", type=int, default=40, help="scanned receipts")
    parser.add_argument("--scans", type=int, default=40, help="made-up scans")
    parser.add_argument("--prints", type=int, default=12, help="pages of each size of clean print")
    parser.add_argument(
        "--sets", nargs="+", choices=SETS,
        help="if left out, all that need neither --data nor --ocr-cache where these are not given",
    )  # fmt: skip
    parser.add_argument("--answers", type=Path, help="JSONL file for every answer, as it comes")
    options = parser.parse_args()
    for name in options.sets or ():
        if missing := missing_option(name, options):
            parser.error(f"--sets {name} needs {missing}")
    sets = options.sets or [name for name in SETS if not missing_option(name, options)]
    start = time.monotonic()
    results = []
    with (
        closing(OcrReaders(options.ocr_cache)) if options.ocr_cache else nullcontext() as readers,
        options.answers.open("w") if options.answers else nullcontext() as answers,
    ):
        for result in ask(load(options.model), sets, options, readers):
            results.append(result)
            if answers:
                answers.write(json.dumps(result.as_json(), ensure_ascii=False) + "\n")
                answers.flush()
    sys.stdout.write(
        f"{table(results)}\n\n{len(results)} questions in {time.monotonic() - start:.0f} s\n"
    )


if __name__ == "__main__":
    main()
