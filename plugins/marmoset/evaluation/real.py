"""Real documents with answers: the folder `dev` of the development data."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from evaluation.askers import Asker, Reply
from evaluation.results import Result
from monkeycli.document import Document
from monkeycli.options import RasterOptions
from monkeycli.reading.pool import read_pages


def ask_pdfs(asker: Asker, data: Path) -> Iterator[Result]:
    """Asks the page each question is about."""
    row = f"real PDFs, {asker.name}"
    pages: dict[tuple[str, int, str | None], list[dict[str, Any]]] = defaultdict(list)
    for item in _read(data / "pdfs" / "questions.jsonl"):
        pages[item["image"], item["page"], item.get("password")].append(item)
    for (name, page, password), items in pages.items():
        path = str(data / name)
        kind = "- pages with text" if _has_text(path, page, password) else "- scanned pages"
        questions = [item["question"] for item in items]
        replies = asker.ask(path, questions, pages=str(page), password=password)
        for item, reply in zip(items, replies, strict=True):
            yield _result((row, kind), item, reply)


def ask_contracts(asker: Asker, data: Path) -> Iterator[Result]:
    """Asks all pages of each contract; a question for the parties wants all of them named."""
    documents: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in _read(data / "nda" / "questions.jsonl"):
        documents[item["image"]].append(item)
    for path, items in documents.items():
        replies = asker.ask(str(data / path), [item["question"] for item in items])
        for item, reply in zip(items, replies, strict=True):
            result = _result(("contracts, all pages", f"- {item['field']}"), item, reply)
            if item["field"] == "party" and reply.text:
                result = _judge_parties(result, item["values"])
            yield result


def ask_receipts(asker: Asker, data: Path, count: int) -> Iterator[Result]:
    """Asks so many scanned receipts, which have no text layer."""
    row = f"scanned receipts, {asker.name}"
    images: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in _read(data / "sroie" / "questions.jsonl"):
        images[item["image"]].append(item)
    for path, items in list(images.items())[:count]:
        replies = asker.ask(str(data / path), [item["question"] for item in items])
        for item, reply in zip(items, replies, strict=True):
            yield _result((row, f"- {item['field']}"), item, reply)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _has_text(path: str, page: int, password: str | None) -> bool:
    """Whether a page has a text of its own, which a scanned one has not."""
    options = RasterOptions(with_text=True, password=password)
    (result,) = read_pages([Document(path, str(page))], options)
    return bool(result.page and (result.page.text or "").strip())


def _result(rows: tuple[str, ...], item: dict[str, Any], reply: Reply) -> Result:
    pages = item.get("pages_with_answer")
    right = reply.page in pages if pages and reply.text else None
    return Result(rows, item["question"], tuple(item["answer"]), reply.text, right, reply.error)


def _judge_parties(result: Result, parties: list[str]) -> Result:
    """Takes an answer that names all parties for the spelling that is accepted."""
    answer = result.answer or ""
    named = all(_plain(party).strip(".") in _plain(answer) for party in parties)
    return replace(result, accepted=(answer,)) if named else result


def _plain(text: str) -> str:
    """Lower case, with single spaces."""
    return " ".join(text.lower().split())
