r"""How records are written: JSON lines, tables, or plain text. Knows no files.

A value is never altered to suit a program that reads it. A cell that begins with `=` stays as it
is: whoever opens answers from documents they do not trust in a spreadsheet should import the
columns as text. In `text` and `tsv` a tab, newline or backslash inside a value is written `\t`,
`\n`, `\r` or `\\`, so that a line is always a record.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from monkeycli.errors import UsageError
from monkeycli.plugins import PluginError, load_plugin, plugin_names
from monkeycli.records import KEYS, Kind, Record, quote_path, to_json

PLUGINS = "monkeycli.writers"
"""Entry points that offer a `Format` under its name, which is its suffix without the dot, too."""

_TABLE = (
    *("source", "page", "pages", "question_id", "question", "answer", "caption", "confidence"),
    *(
        "description",
        "fused_by",
        "finish_reason",
        "status",
        "error",
        "warnings",
        "gold",
        "meta",
        "model",
        "seconds",
        "id",
    ),
)
COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    kind: tuple(key for key in _TABLE if key in KEYS[kind]) for kind in KEYS
}
"""The columns of `csv` and `tsv`, per kind of record; the same in every run."""

_MD_COLUMNS = (
    *("source", "page", "question", "answer", "caption", "description", "confidence", "error"),
)


@dataclass(frozen=True)
class Format:
    """A way to write records, one after the other; a plugin offers one under its name."""

    suffix: str
    """Of the files it writes, with the dot."""
    header: Callable[[Kind], bytes]
    """Gives what stands before the first record of a file, even if there is none."""
    record: Callable[[Record], bytes]
    """Gives a record's bytes with all their line ends; it must not fail on any record."""


def bare_text(record: Record) -> bytes:
    """Write a record's text alone, where a run has no other; nothing for a failed one."""
    return b"" if record.status == "error" else f"{record.text or ''}\n".encode(errors="replace")


def choose_format(name: str | None, path: str | None) -> Format:
    """Choose a format by its name, else by the output's suffix, else plain text.

    Args:
        name: as in `--format`; None to go by `path`.
        path: of the output; None for standard output.

    Raises:
        UsageError: there is no such format, or none with the suffix.
        PluginError: the plugin that offers the format is broken.
    """
    if name is not None:
        return _load_format(name)
    if path is None:
        return FORMATS["text"]
    suffix = Path(path).suffix.lower()
    for candidate in FORMATS.values():
        if candidate.suffix == suffix:
            return candidate
    if suffix[1:] in plugin_names(PLUGINS):
        return _load_format(suffix[1:])
    known = ", ".join(candidate.suffix for candidate in FORMATS.values())
    raise UsageError(f"output {path!r} has none of the suffixes {known}", "or name its --format")


def format_names() -> list[str]:
    """Give the names that `--format` takes, those of plugins among them."""
    return [*FORMATS, *(name for name in plugin_names(PLUGINS) if name not in FORMATS)]


def _load_format(name: str) -> Format:
    if name in FORMATS:
        return FORMATS[name]
    if name not in plugin_names(PLUGINS):
        raise UsageError(f"format {name!r} is not one of {', '.join(format_names())}")
    loaded = load_plugin(PLUGINS, name)
    if not isinstance(loaded, Format):
        raise PluginError(f"{PLUGINS} {name!r} is a {type(loaded).__name__}, not a Format")
    return loaded


def _no_header(_: Kind) -> bytes:
    return b""


def _text_line(record: Record) -> bytes:
    """Give path, page, question and answer; nothing for a failed record, which is told apart."""
    if record.status == "error":
        return b""
    question = (record.question,) if record.kind == "answer" else ()
    return _tab_line((quote_path(record.source), _cell(record.page), *question, record.text))


def _tab_line(cells: Sequence[str | None]) -> bytes:
    return ("\t".join(_escape_tabs(cell or "") for cell in cells) + "\n").encode(errors="replace")


def _escape_tabs(text: str) -> str:
    names = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
    return re.sub(r"[\\\t\n\r]", lambda match: names[match[0]], text)


def _csv_line(cells: Sequence[str]) -> bytes:
    """Quote as RFC 4180 says; lines end in CR LF."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().encode(errors="replace")


def _md_header(kind: Kind) -> bytes:
    columns = [key for key in _MD_COLUMNS if key in KEYS[kind]]
    return _md_line(columns) + _md_line(["---"] * len(columns))


def _md_line(cells: Sequence[str]) -> bytes:
    escaped = (re.sub(r"([\\|`*_<>\[\]&~])", r"\\\1", cell) for cell in cells)
    joined = " | ".join(re.sub(r"\r\n|\r|\n", "<br>", cell) for cell in escaped)
    return f"| {joined} |\n".encode(errors="replace")


def _cells(record: Record, keys: Sequence[str]) -> list[str]:
    return [_cell(_value(record, key)) for key in keys if key in KEYS[record.kind]]


def _value(record: Record, key: str) -> object:
    if key == "source":
        return quote_path(record.source)
    if key == "error" and record.error:
        return f"{record.error.code}: {record.error.message}"
    if key == "warnings":
        return "; ".join(record.warnings)
    return getattr(record, key)


def _cell(value: object) -> str:
    """Write a value in a cell: nothing for None or an empty object, JSON for what has parts."""
    if value is None or value == {}:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


FORMATS: Mapping[str, Format] = {
    "text": Format(".txt", _no_header, _text_line),
    "jsonl": Format(".jsonl", _no_header, to_json),
    "csv": Format(
        ".csv",
        lambda kind: _csv_line(COLUMNS[kind]),
        lambda record: _csv_line(_cells(record, _TABLE)),
    ),
    "tsv": Format(
        ".tsv",
        lambda kind: _tab_line(COLUMNS[kind]),
        lambda record: _tab_line(_cells(record, _TABLE)),
    ),
    "md": Format(".md", _md_header, lambda record: _md_line(_cells(record, _MD_COLUMNS))),
}
"""The formats that are built in, by the name `--format` takes."""
