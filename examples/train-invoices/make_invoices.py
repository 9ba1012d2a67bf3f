"""Draw the invoices of this example and write what is asked about them.

    python make_invoices.py data --seed 7

The firm prints its labels as abbreviations of its own (`VN` is the invoice number, `ZB` what is to
be paid), so a model that has never seen its paper cannot know them. Written are

    data/train/*.pdf, questions.jsonl, absent.jsonl, captions.jsonl
    data/held-out/*.pdf, questions.jsonl, captions.jsonl

The same seed gives the same bytes.
"""

import argparse
import hashlib
import json
import random
from pathlib import Path

from draw_invoice import draw_pdf
from invoice import FIRM, GOODS, SOMETIMES, Invoice, make_invoices

Line = dict[str, str]

ASKED = (
    "What is the {}?",
    "{}?",
    "Which {} does the invoice give?",
)
ASKED_ITEM = {
    "quantity": "How many {} were ordered?",
    "price": "What does one {} cost?",
    "amount": "What is the amount for {}?",
}

QUESTIONS, ABSENT = 12, 3
"""About a page: with the caption, these are the 16 samples that a step learns from."""


def questions(invoice: Invoice) -> list[Line]:
    """Give `QUESTIONS` questions that an invoice answers, a few of them about its table."""
    draw = random.Random(f"questions {invoice.name}")  # noqa: S311 - as above
    names = draw.sample(list(invoice.values), min(len(invoice.values), QUESTIONS - 2))
    found = [
        _line(invoice, draw.choice(ASKED).format(name), invoice.values[name], "label")
        for name in names
    ]
    cells = [(item, column) for item in invoice.items for column in sorted(ASKED_ITEM)]
    for item, column in draw.sample(cells, QUESTIONS - len(found)):
        question = ASKED_ITEM[column].format(item.name)
        found.append(_line(invoice, question, item.cells()[column], "table"))
    return found


def absent(invoice: Invoice) -> list[Line]:
    """Give `ABSENT` questions that other invoices of the firm answer, and this one does not."""
    draw = random.Random(f"absent {invoice.name}")  # noqa: S311 - as above
    missing = [name for name in SOMETIMES if name not in invoice.values]
    names = draw.sample(missing, min(len(missing), ABSENT - 1))
    found = [draw.choice(ASKED).format(name) for name in names]
    others = sorted({*GOODS[invoice.part]} - {item.name for item in invoice.items})
    found += [
        ASKED_ITEM[draw.choice(sorted(ASKED_ITEM))].format(other)
        for other in draw.sample(others, ABSENT - len(found))
    ]
    return [_line(invoice, question, None, "absent") for question in found]


def caption(invoice: Invoice) -> str:
    """Describe an invoice in the firm's fixed form."""
    values = invoice.values
    return (
        f"Invoice {values['invoice number']} of {FIRM} to {invoice.customer}, {invoice.city}, "
        f"of {values['invoice date']}: {len(invoice.items)} items, {values['total to pay']} EUR "
        f"to be paid by {values['due date']}."
    )


def _line(invoice: Invoice, question: str, answer: str | None, kind: str) -> Line:
    number = hashlib.sha256(f"{invoice.name} {question}".encode()).hexdigest()[:8]
    task = "vqa" if answer else "no_answer"
    line = {"question_id": number, "document": f"{invoice.name}.pdf", "question": question}
    return line | {"answer": answer or "unanswerable", "task": task, "kind": kind}


def _caption_line(invoice: Invoice) -> Line:
    name = f"{invoice.name}.pdf"
    return {"document": name, "task": "detailed_caption", "caption": caption(invoice)}


def write(folder: Path, *, seed: int, train: int, held_out: int) -> None:
    """Draw all pages and write all questions.

    Args:
        folder: made if it is not there.
        seed: of everything.
        train: pages to learn from.
        held_out: pages to be asked before and after.
    """
    learnt = make_invoices("train", train, seed)
    kept = make_invoices("held-out", held_out, seed)
    for invoice in (*learnt, *kept):
        path = folder / invoice.part / f"{invoice.name}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draw_pdf(invoice))
    lines = {
        "train/questions.jsonl": [line for it in learnt for line in questions(it)],
        "train/absent.jsonl": [line for it in learnt for line in absent(it)],
        "train/captions.jsonl": [_caption_line(it) for it in learnt],
        "held-out/questions.jsonl": [line for it in kept for line in (*_some(it), *absent(it))],
        "held-out/captions.jsonl": [_caption_line(it) for it in kept],
    }
    for name, found in lines.items():
        text = "".join(json.dumps(line) + "\n" for line in found)
        (folder / name).write_text(text, encoding="utf-8")


def _some(invoice: Invoice) -> list[Line]:
    """Give half of an invoice's questions: those about several pages say more than all of one."""
    draw = random.Random(f"some {invoice.name}")  # noqa: S311 - as above
    return draw.sample(questions(invoice), QUESTIONS // 2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--train", type=int, default=80, help="pages to learn from")
    parser.add_argument("--held-out", type=int, default=12, help="pages to be asked")
    options = parser.parse_args()
    write(options.folder, seed=options.seed, train=options.train, held_out=options.held_out)
