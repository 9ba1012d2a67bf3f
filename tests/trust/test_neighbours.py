"""An answer does not depend on what is asked beside it: batch, order or part of the whole."""

import json
import random

import pytest

from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image, draw_pdf

QUESTIONS = ("who?", "what is the total of the second line, in euros?", "n?")


@pytest.fixture
def names(folder):
    """Draw documents of several grids and lengths of text."""
    words = "Invoice 4711 of 2024-03-05 to Miller & Sons, total 12.34 EUR "
    for number in range(4):
        draw_pdf(folder / f"{number}.pdf", f"Total {number}", words[: 20 * number])
    for number, size in enumerate([(300, 300), (500, 1400), (1400, 500)]):
        draw_image(folder / f"{number}.png", seed=number, size=size)
    return sorted(path.name for path in folder.iterdir())


def answers(monkey, folder, *words, name="out.jsonl"):
    """Ask, and give by document, page and question what decides about the tokens."""
    asked = [word for question in QUESTIONS for word in ("-q", question)]
    output = ("-o", name, "-f", "jsonl", "--overwrite", "--max-tokens", 20, "--quiet")
    ended = monkey("ask", *asked, "--each", "page", *output, *words)
    assert ended.code == ExitCode.OK, ended.err
    records = list(map(json.loads, (folder / name).read_bytes().splitlines()))
    return {
        (record["source"], record["page"], record["question"]): tuple(
            record[key] for key in ("id", "answer", "finish_reason", "output_tokens")
        )
        for record in records
    }


def test_neighbours_change_no_answer(monkey, folder, names):
    alone = {}
    for name in names:
        alone |= answers(monkey, folder, name, "--batch-size", 1)
    assert len(alone) == 11 * len(QUESTIONS)
    assert len({found[1] for found in alone.values()}) > 20, "the answers are worth comparing"

    shuffled = random.Random(5).sample(names, len(names))
    for words in (
        [*names, "--batch-size", 1],
        [*names, "--batch-size", 7],
        [*shuffled, "--batch-size", 3],
        [*shuffled, "--batch-size", "auto", "-j", 3],
    ):
        assert answers(monkey, folder, *words) == alone, words

    parts = {}
    for part in (1, 2, 3):
        held = answers(monkey, folder, *names, "--shard", f"{part}/3")
        assert not held.keys() & parts.keys()
        parts |= held
    assert parts == alone
