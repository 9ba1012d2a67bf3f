"""What `monkey ocr` writes of a page: a record in one line of JSON, or plain text."""

import orjson

from monkey_ocr.engine import PageText
from monkeycli.document import PageResult
from monkeycli.errors import ItemError
from monkeycli.records import VERSION, quote_path, record_id


def to_json(
    result: PageResult, read: PageText | None, error: ItemError | None, *, model: str
) -> bytes:
    """Write a page's record, its keys always in the same order.

    Args:
        result: the page.
        read: its text; None if it failed.
        error: why; None if it did not.
        model: that read it, name and version.

    Returns:
        A line of UTF-8 with its newline. `boxes` are [left, top, right, bottom] of `words` in
        pixels of the page as it was read, whose [height, width] is `size`.
    """
    page, source = result.page, quote_path(result.document.path)
    plain = {
        "v": VERSION,
        "kind": "text",
        "status": "error" if error else "ok",
        "id": record_id(
            document=result.sha256 or result.document.path,
            page=result.number or "document",
            question_id=None,
            question=None,
            prompt="",
            model=model,
            adapter=None,
            settings={},
        ),
        "source": source,
        "doc_sha256": result.sha256,
        "page": result.number,
        "page_label": page.label if page else None,
        "pages": result.num_pages,
        "text": read.text if read else None,
        "words": [word.text for word in read.words] if read else None,
        "boxes": [[round(side, 1) for side in word[:4]] for word in read.words] if read else None,
        "confidence": round(read.confidence, 4) if read and read.confidence is not None else None,
        "turn": read.turn if read else None,
        "size": list(read.size) if read and read.size else None,
        "model": model,
        "warnings": [read.warning] if read and read.warning else [],
        "error": _to_plain(error) if error else None,
    }
    return orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)


def _to_plain(error: ItemError) -> dict[str, object]:
    return {
        "code": error.code,
        "stage": error.stage,
        "message": quote_path(error.message),  # it may quote the name of a file that is not UTF-8
        "hint": error.hint,
        "retryable": error.retryable,
    }


def to_text(result: PageResult, read: PageText | None, *, with_heading: bool) -> bytes:
    """Write a page's text, under a heading where there are several; nothing of a failed one."""
    if read is None:
        return b""
    text = "".join(line.rstrip() + "\n" for line in read.text.splitlines())
    if with_heading:
        text = f"==> {quote_path(result.document.path)} p.{result.number} <==\n{text}\n"
    return text.encode(errors="replace")
