"""A record: what came of one question, caption or description. One line of JSON."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import orjson

from monkeycli.describing.evidence import Dropped, Evidence
from monkeycli.errors import ItemError
from monkeycli.questions import Json, is_utf8

VERSION = 1
"""Of the record's keys; within a version keys are only added."""

Kind = Literal["answer", "caption", "description"]
Status = Literal["ok", "error"]
FinishReason = Literal["stop", "length", "no_answer"]

_ANSWER_ONLY = ("question_id", "question", "answer", "runners_up", "gold")
_CAPTION_ONLY = ("caption",)
_DESCRIPTION_ONLY = ("description", "evidence", "dropped", "stages", "fused_by", "checks")
_GENERATED_ONLY = (
    *("confidence", "finish_reason", "boxes", "text_source", "prompt_tokens", "output_tokens"),
    *("seconds", "model", "adapter"),
)
_ALL_KEYS = (
    *("kind", "status", "id", "source", "doc_sha256", "page", "page_label", "pages"),
    *("question_id", "question", "answer", "caption", "confidence", "finish_reason"),
    *_DESCRIPTION_ONLY,
    *("runners_up", "boxes", "text_source", "grid", "size", "prompt_tokens", "output_tokens"),
    *("seconds", "model", "adapter", "warnings", "error", "gold", "meta"),
)
_LEFT_OUT: Mapping[Kind, tuple[str, ...]] = {
    "answer": (*_CAPTION_ONLY, *_DESCRIPTION_ONLY),
    "caption": (*_ANSWER_ONLY, *_DESCRIPTION_ONLY),
    "description": (*_ANSWER_ONLY, *_CAPTION_ONLY, *_GENERATED_ONLY),
}
KEYS: Mapping[Kind, tuple[str, ...]] = {
    kind: tuple(key for key in _ALL_KEYS if key not in others) for kind, others in _LEFT_OUT.items()
}
"""The keys of each kind of record, in order, after `v`."""


@dataclass(frozen=True)
class RunnerUp:
    """Another page's answer to the same question, which was less sure."""

    page: int
    answer: str
    confidence: float


@dataclass(frozen=True)
class RecordError:
    """Why there is no answer."""

    code: str
    """One of `errors.ITEM_CODES`."""
    stage: str
    """Where it happened: `open`, `render`, `encode` or `answer`."""
    message: str
    hint: str | None
    """What to do next; None if there is nothing."""
    retryable: bool
    """Whether a second try may succeed without anything being changed."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What came of one question, caption or description; None stands for what is not known."""

    kind: Kind
    id: str
    """From `record_id`: the same work has the same id in every run."""
    source: str
    """The document's path as the user named it."""
    status: Status = "ok"
    doc_sha256: str | None = None
    page: int | None = None
    """From 1; the page that the answer stands on."""
    page_label: str | None = None
    """The number printed on the page, as a PDF declares it."""
    pages: int | None = None
    """How many pages the document has."""
    question_id: str | None = None
    question: str | None = None
    answer: str | None = None
    """None if it failed, or if the model says that the answer is not there (`no_answer`)."""
    caption: str | None = None
    confidence: float | None = None
    """Geometric mean of the tokens' probabilities, 0 to 1. It is not an accuracy."""
    finish_reason: FinishReason | None = None
    """`stop`, `length` (cut off at the most tokens) or `no_answer`."""
    runners_up: tuple[RunnerUp, ...] | None = None
    """The other pages' answers, best first, where a whole document was asked."""
    boxes: tuple[tuple[float, float, float, float], ...] | None = None
    """Where on `page` the answer stands: left, top, right and bottom of every line that it takes up
    in the text the model was given, in reading order. Left and right are whole thousandths of the
    page's width, top and bottom of its height, from the upper left corner of the upright page. None
    where there was no text, or where the answer does not stand in it: a count, a yes or no."""
    description: str | None = None
    """None if it failed, if nothing was found, or if nobody was to write it."""
    evidence: tuple[Evidence, ...] | None = None
    """What was believed; texts in reading order."""
    dropped: tuple[Dropped, ...] | None = None
    """What was not, and why."""
    stages: Mapping[str, str | None] | None = None
    """Who did each stage of a description, name and version; None for one switched off."""
    fused_by: str | None = None
    """Who wrote the description; `template` where what another wrote was not borne out."""
    checks: Mapping[str, Json] | None = None
    """What was found in the description: `sentences`, `unsupported_numbers` ..."""
    text_source: str | None = None
    """The text the model was given beside the image: the page's own `layer`, `ocr`, or `none`."""
    grid: tuple[int, int] | None = None
    """Rows and columns of windows."""
    size: tuple[int, int] | None = None
    """Height and width of the picture in which boxes of a description are measured, in pixels."""
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float | None = None
    """Time spent on this record alone."""
    model: str | None = None
    """Name and revision."""
    adapter: str | None = None
    warnings: tuple[str, ...] = ()
    error: RecordError | None = None
    gold: str | list[str] | None = None
    """The right answer, where the question file has one."""
    meta: Mapping[str, Json] = field(default_factory=dict)
    """The question file's other fields."""

    @property
    def text(self) -> str | None:
        """The answer, caption or description, whichever kind this is."""
        texts = {"answer": self.answer, "caption": self.caption, "description": self.description}
        return texts[self.kind]

    def failed(self, error: ItemError) -> "Record":
        """Give this record, which holds what is known so far, as one that failed."""
        reason = RecordError(error.code, error.stage, error.message, error.hint, error.retryable)
        known = replace(self, status="error", error=reason, answer=None, caption=None)
        known = replace(known, confidence=None, finish_reason=None, runners_up=None, boxes=None)
        known = replace(known, description=None, fused_by=None, checks=None)
        return replace(known, evidence=None, dropped=None)


def record_id(
    *,
    document: str,
    page: int | str,
    question_id: str | None,
    question: str | None,
    prompt: str,
    model: str,
    adapter: str | None,
    settings: Mapping[str, Json],
) -> str:
    """Name a piece of work: the same in every run, whatever the path, order, batch or device.

    Args:
        document: sha256 of its bytes; its path if they cannot be read.
        page: its number from 1; or, where the document is asked as a whole, `document` and the
            pages that were asked if not all: `document 1-3`.
        question_id: None for a caption.
        question: None for a caption.
        prompt: the words around the question.
        model: name and revision.
        adapter: None for the model as it is.
        settings: all that changes what is generated: grid, text source, most tokens.

    Returns:
        32 hexadecimal digits.
    """
    work = [document, page, question_id, question, prompt, model, adapter, dict(settings)]
    data = orjson.dumps(_escape(work), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(data).hexdigest()[:32]


def to_json(record: Record) -> bytes:
    """Write a record as one line of UTF-8 with its newline, its keys always in the same order."""
    plain: dict[str, object] = {key: getattr(record, key) for key in KEYS[record.kind]}
    plain = {"v": VERSION, **plain, "source": quote_path(record.source)}
    try:
        return orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a message quotes the name of a file that is not UTF-8
        plain = {"v": VERSION, **asdict(record), "source": quote_path(record.source)}
        plain = {key: _escape(plain[key]) for key in ("v", *KEYS[record.kind])}
        return orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)


def from_json(line: bytes) -> Record:
    """Read a record as `to_json` wrote it; keys that are not known are left out.

    Raises:
        ValueError: `line` is not JSON, or not a record.
    """
    plain = orjson.loads(line)
    if not isinstance(plain, dict) or plain.get("v") != VERSION:
        raise ValueError(f"not a record of version {VERSION}")
    if plain.get("kind") not in KEYS or plain.get("status") not in ("ok", "error"):
        raise ValueError("not a record: its kind or status is not known")
    if {type(plain.get("id")), type(plain.get("source"))} != {str}:
        raise ValueError("not a record: it has no id or no source")
    known = {key: plain[key] for key in KEYS[plain["kind"]] if key in plain}
    try:
        known["source"] = unquote_path(plain["source"])
        for key, build in _PARTS.items():
            if known.get(key) is not None:
                known[key] = build(known[key])
        return Record(**known)
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a record: {error}") from error


def quote_path(path: str) -> str:
    r"""Write a path so that JSON can hold it: one that is not UTF-8 as bash's `$'...'`.

    Most paths stay as they are. Others can be pasted into a shell, and `unquote_path` gives
    back the very bytes.

    >>> print(quote_path("annual report.pdf"))
    annual report.pdf
    >>> print(quote_path("caf\udce9.pdf"))  # Latin-1 bytes on disk
    $'caf\xe9.pdf'
    """
    if not path.startswith("$'") and is_utf8(path):
        return path
    path = path.replace("\\", r"\\").replace("'", r"\'")
    return f"$'{_escape(path)}'"


def unquote_path(text: str) -> str:
    r"""Give back the path that `quote_path` wrote.

    >>> unquote_path(r"$'caf\xe9.pdf'")
    'caf\udce9.pdf'
    """
    if not (text.startswith("$'") and text.endswith("'") and len(text) >= 3):
        return text
    return re.sub(r"\\(?:x(..)|u(....)|(.))", _unescape, text[2:-1])


def _unescape(match: re.Match[str]) -> str:
    byte, code, char = match.groups()
    if byte:
        return chr(0xDC00 + int(byte, 16))
    return chr(int(code, 16)) if code else str(char)


def _escape(value: Json | object) -> Json:
    r"""Write what is no Unicode as `\xe9` (a byte of a file's name) or `\ud800`, all through."""
    if isinstance(value, str):
        return value if is_utf8(value) else re.sub("[\ud800-\udfff]", _escape_char, value)
    if isinstance(value, list | tuple):
        return [_escape(item) for item in value]
    if isinstance(value, dict):
        return {str(_escape(key)): _escape(item) for key, item in value.items()}
    assert value is None or isinstance(value, bool | int | float), value
    return value


def _escape_char(match: re.Match[str]) -> str:
    code = ord(match[0])
    return rf"\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else rf"\u{code:04x}"


def _boxed(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "box": item["box"] and tuple(item["box"])}


_PARTS: Mapping[str, Callable[[Any], object]] = {
    "runners_up": lambda items: tuple(RunnerUp(**item) for item in items),
    "boxes": lambda boxes: tuple(map(tuple, boxes)),
    "evidence": lambda items: tuple(Evidence(**_boxed(item)) for item in items),
    "dropped": lambda items: tuple(Dropped(**_boxed(item)) for item in items),
    "grid": tuple,
    "size": tuple,
    "warnings": tuple,
    "error": lambda reason: RecordError(**reason),
}
