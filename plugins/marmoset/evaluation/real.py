"""Real documents with answers: the folder `dev` of the development data."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from evaluation.results import Result
from monkeycli.api import Monkey
from monkeycli.options import GenerateOptions
from monkeycli.records import Record

Text = Literal["layer", "none"]
OPTIONS = GenerateOptions(max_tokens=64)


def ask_pdfs(monkey: Monkey, data: Path, text: Text) -> Iterator[Result]:
    """Asks the page each question is about."""
    row = f"real PDFs, {text}"
    pages: dict[tuple[str, int, str | None], list[dict[str, Any]]] = defaultdict(list)
    for item in _read(data / "pdfs" / "questions.jsonl"):
        pages[item["image"], item["page"], item.get("password")].append(item)
    for (path, page, password), items in pages.items():
        records = monkey.ask(
            str(data / path), [item["question"] for item in items], pages=str(page), text=text,
            password=password, options=OPTIONS,
        )  # fmt: skip
        for item, record in zip(items, records, strict=True):
            has_text = "- pages with text" if record.text_source == "layer" else "- pages without"
            yield _result((row, has_text) if text == "layer" else (row,), item, record)


def ask_contracts(monkey: Monkey, data: Path) -> Iterator[Result]:
    """Asks all pages of each contract; a question for the parties wants all of them named."""
    documents: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in _read(data / "nda" / "questions.jsonl"):
        documents[item["image"]].append(item)
    for path, items in documents.items():
        questions = [item["question"] for item in items]
        records = monkey.ask(str(data / path), questions, text="layer", options=OPTIONS)
        for item, record in zip(items, records, strict=True):
            result = _result(("contracts, all pages", f"- {item['field']}"), item, record)
            if item["field"] == "party" and record.text:
                result = _judge_parties(result, item["values"])
            yield result


def ask_receipts(monkey: Monkey, data: Path, count: int) -> Iterator[Result]:
    """Asks so many scanned receipts, which have no text layer: version 0.1 has to refuse."""
    images: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in _read(data / "sroie" / "questions.jsonl"):
        images[item["image"]].append(item)
    for path, items in list(images.items())[:count]:
        questions = [item["question"] for item in items]
        records = monkey.ask(str(data / path), questions, text="none", options=OPTIONS)
        for item, record in zip(items, records, strict=True):
            yield _result(("scanned receipts, none",), item, record)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _result(rows: tuple[str, ...], item: dict[str, Any], record: Record) -> Result:
    pages = item.get("pages_with_answer")
    right = record.page in pages if pages and record.text else None
    error = record.error.message if record.error else None
    return Result(rows, item["question"], tuple(item["answer"]), record.text, right, error)


def _judge_parties(result: Result, parties: list[str]) -> Result:
    """Takes an answer that names all parties for the spelling that is accepted."""
    answer = _plain(result.answer or "")
    named = all(_plain(party).strip(".") in answer for party in parties)
    return (
        Result(
            result.rows,
            result.question,
            (result.answer or "",),
            result.answer,
            result.page_is_right,
        )
        if named
        else result
    )


def _plain(text: str) -> str:
    """Lower case, with single spaces."""
    return " ".join(text.lower().split())
