"""Questions, from the command line or from a file. Text is only text: nothing in it is parsed."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import orjson

from monkeycli.errors import UsageError
from monkeycli.inputs import standard_input
from monkeycli.pages import parse_pages

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What a JSON text may hold."""

FIELDS = {
    "question": ("question",),
    "id": ("id", "question_id"),
    "document": ("document", "image", "pdf"),
    "pages": ("pages", "page"),
    "answer": ("answer",),
}
"""A question's fields, and the names each goes by in a file: the first one present counts."""


@dataclass(frozen=True)
class Question:
    """A question, and what its file says about it."""

    text: str
    """As the user wrote it; never searched for special tokens or paths."""
    id: str
    """Unique among the questions of one document."""
    document: str | None = None
    """The document it is asked of; None for every document of the run."""
    pages: str | None = None
    """Which of the document's pages, as in `--pages`; None for those the run asks for."""
    gold: str | list[str] | None = None
    """The right answer or answers, carried through to the record; None if unknown."""
    meta: dict[str, Json] = field(default_factory=dict)
    """The file's other fields, carried through to the record."""


@dataclass(frozen=True)
class QuestionGroup:
    """Questions that are asked of the same pages."""

    document: str | None
    """None for every document of the run."""
    pages: str | None
    """None for those the run asks for."""
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class _Source:
    """A question file's text and where to look for its documents."""

    name: str
    text: str
    folder: Path


def questions_from_options(texts: Iterable[str], *, first: int = 1) -> list[Question]:
    """Number the questions typed with `-q`: q1, q2, and so on.

    Args:
        texts: as they were typed.
        first: number of the first one.

    Raises:
        UsageError: a question is empty or not valid UTF-8.

    >>> [question.id for question in questions_from_options(["total?", "date?"])]
    ['q1', 'q2']
    """
    questions = []
    for number, text in enumerate(texts, 1):
        if not text.strip():
            raise UsageError(f"question {number} (--question) is empty")
        if not is_utf8(text):
            raise UsageError(f"question {number} (--question) is not valid UTF-8")
        questions.append(Question(text, f"q{first + number - 1}"))
    return questions


def read_questions(path: str, *, stdin: BinaryIO | None = None) -> list[Question]:
    """Read the questions of a file whose suffix is .txt, .jsonl, .json, .csv or .tsv.

    A text file has one question a line; the others have fields, of which only `question` is
    required. A question without an id is named by its place: q1, q2. A document named in the
    file is looked for in the file's own folder first, then in the current one.

    Args:
        path: of the file; `-` for standard input, which holds JSON lines or plain lines.
        stdin: where `-` is read from; None for the process's own.

    Raises:
        UsageError: the file cannot be read, or something in it is wrong: `file:line: what`.
    """
    source = _read_source(path, standard_input() if stdin is None else stdin)
    if path == "-":
        parse = _PARSERS[".jsonl" if source.text.lstrip().startswith("{") else ".txt"]
    else:
        parse = _PARSERS.get(Path(path).suffix.lower(), _parse_unknown)
    places: dict[tuple[str | None, str], str] = {}
    questions = []
    for number, (place, fields) in enumerate(parse(source), 1):
        question = _to_question(fields, place, source, number)
        earlier = places.setdefault((question.document, question.id), place)
        if earlier != place:
            raise UsageError(f"{place}: the id {question.id!r} was used before, at {earlier}")
        questions.append(question)
    if not questions:
        raise UsageError(f"{source.name}: there is no question in it")
    return questions


def group_by_document(questions: Iterable[Question]) -> list[QuestionGroup]:
    """Gather the questions of the same document and pages, in order of first appearance.

    >>> first, second = Question("date?", "1", "a.pdf"), Question("name?", "2", "b.pdf")
    >>> third = Question("total?", "3", "a.pdf")
    >>> [len(group.questions) for group in group_by_document([first, second, third])]
    [2, 1]
    """
    groups: dict[tuple[str | None, str | None], list[Question]] = {}
    for question in questions:
        groups.setdefault((question.document, question.pages), []).append(question)
    return [QuestionGroup(*key, tuple(members)) for key, members in groups.items()]


def is_utf8(text: str) -> bool:
    """Tell whether an argument or a path was UTF-8; Python turns other bytes into surrogates."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _read_source(path: str, stdin: BinaryIO) -> _Source:
    name = "<stdin>" if path == "-" else path
    if path == "-" and stdin.isatty():
        what = "- reads questions from standard input, but that is a terminal"
        raise UsageError(what, "pipe them in, or ask with --question")
    try:
        data = stdin.read() if path == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"questions file {name} cannot be read: {reason}") from error
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{name}:{line}: not UTF-8 at byte {error.start}", "save the file as UTF-8"
        ) from error
    return _Source(name, text, Path() if path == "-" else Path(path).parent)


def _parse_txt(source: _Source) -> Iterator[tuple[str, Json]]:
    """One question a line; white space at its ends is dropped."""
    for number, line in enumerate(source.text.split("\n"), 1):
        if line.strip():
            yield f"{source.name}:{number}", {"question": line.strip()}


def _parse_jsonl(source: _Source) -> Iterator[tuple[str, Json]]:
    for number, line in enumerate(source.text.split("\n"), 1):
        if line.strip():
            try:
                yield f"{source.name}:{number}", orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise UsageError(f"{source.name}:{number}: not JSON: {error.msg}") from error


def _parse_json(source: _Source) -> Iterator[tuple[str, Json]]:
    try:
        items = orjson.loads(source.text)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{source.name}:{error.lineno}: not JSON: {error.msg}") from error
    if isinstance(items, dict) and "questions" in items:
        items = items["questions"]
    if not isinstance(items, list):
        raise UsageError(f'{source.name}: must hold a list, or {{"questions": [...]}}')
    for number, item in enumerate(items, 1):
        yield f"{source.name}: question {number}", item


def _parse_csv(source: _Source, delimiter: str = ",") -> Iterator[tuple[str, Json]]:
    rows = csv.reader(source.text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    line = 1
    try:
        header = [_column(name) for name in next(rows, [])]
        if "question" not in header:
            found = ", ".join(header) or "none"
            raise UsageError(f"{source.name}:1: no column 'question'; the columns are {found}")
        if len(set(header)) < len(header):
            raise UsageError(f"{source.name}:1: two columns have the same name")
        line = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                if len(row) != len(header):
                    counts = f"{len(row)} fields where the header has {len(header)}"
                    raise UsageError(f"{source.name}:{line}: {counts}")
                yield f"{source.name}:{line}", {k: v for k, v in zip(header, row, strict=True) if v}
            line = rows.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{source.name}:{line}: {error}") from error


def _parse_tsv(source: _Source) -> Iterator[tuple[str, Json]]:
    """Quoted as CSV is, which is how spreadsheets and pandas write it."""
    return _parse_csv(source, "\t")


def _parse_unknown(source: _Source) -> Iterator[tuple[str, Json]]:
    known = ", ".join(_PARSERS)
    raise UsageError(f"questions file {source.name}: its suffix is none of {known}")


_PARSERS: Mapping[str, Callable[[_Source], Iterator[tuple[str, Json]]]] = {
    ".txt": _parse_txt,
    ".jsonl": _parse_jsonl,
    ".json": _parse_json,
    ".csv": _parse_csv,
    ".tsv": _parse_tsv,
}


def _column(name: str) -> str:
    """A column's name: that of a known field is taken in any case, as spreadsheets write it."""
    known = {alias for aliases in FIELDS.values() for alias in aliases}
    lower = name.strip().lower()
    return lower if lower in known else name.strip()


def _to_question(fields: Json, place: str, source: _Source, number: int) -> Question:
    if isinstance(fields, str):
        fields = {"question": fields}
    if not isinstance(fields, dict):
        raise UsageError(f"{place}: must be an object with a 'question'")
    meta = dict(fields)
    found = {name: _take(meta, aliases) for name, aliases in FIELDS.items()}
    text = found["question"]
    if text is None:
        raise UsageError(f"{place}: has no 'question'")
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f"{place}: 'question' must be a text that is not empty")
    try:
        orjson.dumps(meta)
    except TypeError as error:
        raise UsageError(f"{place}: a record cannot carry its fields: {error}") from error
    return Question(
        text,
        _to_text(found["id"], "id", place) or f"q{number}",
        _resolve(_to_text(found["document"], "document", place), place, source.folder),
        _to_pages(found["pages"], place),
        _to_gold(found["answer"], place),
        meta,
    )


def _take(fields: dict[str, Json], aliases: Sequence[str]) -> Json:
    """Remove and return the first field present; a second one by another name stays behind."""
    for name in aliases:
        if fields.get(name) is not None:
            return fields.pop(name)
    return None


def _to_text(value: Json, name: str, place: str) -> str | None:
    if isinstance(value, str):
        return value or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if value is None:
        return None
    raise UsageError(f"{place}: {name!r} must be a text or a number")


def _to_pages(value: Json, place: str) -> str | None:
    if isinstance(value, list):
        value = ",".join(_to_text(page, "pages", place) or "" for page in value)
    pages = _to_text(value, "pages", place)
    if pages is not None:
        parse_pages(pages, option=f"{place}: pages")
    return pages


def _to_gold(value: Json, place: str) -> str | list[str] | None:
    if isinstance(value, list):
        return [_to_text(answer, "answer", place) or "" for answer in value]
    return _to_text(value, "answer", place)


def _resolve(document: str | None, place: str, folder: Path) -> str | None:
    if document is None:
        return None
    if "\0" in document:
        raise UsageError(f"{place}: the document's name holds a NUL character")
    beside = folder / document
    return str(beside) if beside.exists() else document
