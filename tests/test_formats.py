import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli import formats
from monkeycli.errors import ItemError, UsageError
from monkeycli.formats import COLUMNS, FORMATS, Format, bare_text, choose_format, format_names
from monkeycli.plugins import PluginError
from monkeycli.records import Record, from_json

ANSWER = Record(
    kind="answer", id="9f", source="a.pdf", page=3, question="total?", answer="$1", confidence=0.5
)
CAPTION = Record(kind="caption", id="1", source="a.png", page=1, caption="A dog.\nIt sits.")
FAILED = ANSWER.failed(ItemError("oom", "page 3 is too large"))
NO_ANSWER = replace(ANSWER, answer=None, finish_reason="no_answer")
RECORDS = [ANSWER, CAPTION, FAILED, NO_ANSWER, replace(ANSWER, source="caf\udce9.pdf")]


@pytest.mark.parametrize(
    "name,path,suffix",
    [
        (None, None, ".txt"),
        (None, "out.jsonl", ".jsonl"),
        (None, "out.CSV", ".csv"),
        (None, "out.tsv", ".tsv"),
        (None, "a.csv/out.md", ".md"),
        ("csv", None, ".csv"),
        ("jsonl", "out.txt", ".jsonl"),
        ("text", "out", ".txt"),
    ],
)
def test_the_name_counts_before_the_suffix(name, path, suffix):
    assert choose_format(name, path).suffix == suffix


@pytest.mark.parametrize(
    "name,path", [("xml", None), (None, "out.xml"), (None, "out"), ("", "a.md")]
)
def test_an_unknown_format_is_refused_with_those_known(name, path):
    with pytest.raises(UsageError, match=r"text, jsonl, csv, tsv, md|\.txt, \.jsonl, \.csv"):
        choose_format(name, path)


@pytest.fixture
def plugin(monkeypatch):
    """Install a writer `xml`, and return the dict that holds what it loads as."""
    loaded = {}
    monkeypatch.setattr(formats, "plugin_names", lambda _: ["xml"])
    monkeypatch.setattr(formats, "load_plugin", lambda _, name: loaded[name])
    return loaded


def test_a_plugin_is_found_by_name_and_by_suffix(plugin):
    plugin["xml"] = Format(".xml", lambda _: b"<all>", lambda _: b"<one/>")

    assert format_names() == ["text", "jsonl", "csv", "tsv", "md", "xml"]
    assert choose_format("xml", None) is choose_format(None, "out.xml") is plugin["xml"]


def test_a_plugin_that_is_no_format_is_refused(plugin):
    plugin["xml"] = print

    with pytest.raises(PluginError, match="'xml' is a builtin_function_or_method, not a Format"):
        choose_format("xml", None)


def test_text_has_a_line_a_record_and_none_for_a_failed_one():
    write = FORMATS["text"].record

    assert write(ANSWER) == b"a.pdf\t3\ttotal?\t$1\n"
    assert write(CAPTION) == b"a.png\t1\tA dog.\\nIt sits.\n"
    assert write(NO_ANSWER) == b"a.pdf\t3\ttotal?\t\n"
    assert write(FAILED) == b""


def test_bare_text_is_the_answer_as_it_is():
    assert [bare_text(record) for record in RECORDS[:4]] == [
        b"$1\n",
        b"A dog.\nIt sits.\n",
        b"",
        b"\n",
    ]


def test_jsonl_is_the_record():
    assert from_json(FORMATS["jsonl"].record(ANSWER)) == ANSWER


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_csv_gives_every_value_back_unaltered(text):
    record = replace(ANSWER, answer=text, question="=1+1")
    data = FORMATS["csv"].header("answer") + FORMATS["csv"].record(record)
    (row,) = csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True)

    assert (row["answer"], row["question"]) == (text, "=1+1")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_line_of_tsv_and_text_has_the_same_fields_whatever_they_hold(text):
    record = replace(ANSWER, source="a.pdf", answer=text)
    for name in ("tsv", "text"):
        line = FORMATS[name].record(record)

        assert (line.count(b"\n"), line.count(b"\r")) == (1, 0)
        assert line.count(b"\t") == FORMATS[name].record(ANSWER).count(b"\t")


@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_rows_of_a_table_are_as_wide_as_its_header(name):
    delimiter = {"csv": ",", "tsv": "\t"}[name]
    for record in RECORDS:
        data = FORMATS[name].header(record.kind) + FORMATS[name].record(record)
        header, row = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter)

        assert header == list(COLUMNS[record.kind])
        assert len(row) == len(header)


def test_a_table_says_why_there_is_no_answer():
    data = FORMATS["csv"].header("answer") + FORMATS["csv"].record(FAILED)
    (row,) = csv.DictReader(io.StringIO(data.decode(), newline=""))

    assert (row["status"], row["error"]) == ("error", "oom: page 3 is too large")
    assert row["answer"] == ""


def test_parts_of_a_cell_are_json_and_nothing_is_empty():
    record = replace(ANSWER, gold=["1", "2"], meta={"a": 1}, warnings=("x", "y"))
    data = FORMATS["csv"].header("answer") + FORMATS["csv"].record(record)
    (row,) = csv.DictReader(io.StringIO(data.decode(), newline=""))

    assert (row["gold"], row["meta"], row["warnings"]) == ('["1","2"]', '{"a":1}', "x; y")
    assert (row["pages"], row["confidence"]) == ("", "0.5")


def test_markdown_is_a_table_that_no_value_can_break():
    record = replace(ANSWER, answer="a|b\n<script>")

    assert FORMATS["md"].header("answer").decode().splitlines()[1] == "|" + " --- |" * 6
    line = FORMATS["md"].record(record)
    assert line == rb"| a.pdf | 3 | total? | a\|b<br>\<script\> | 0.5 |  |" + b"\n"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("record", RECORDS, ids=["ok", "caption", "failed", "no", "path"])
def test_no_record_is_beyond_a_format(name, record):
    FORMATS[name].record(record).decode()
