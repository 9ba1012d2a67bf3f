import io

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.errors import UsageError
from monkeycli.questions import (
    Question,
    group_by_document,
    is_utf8,
    questions_from_options,
    read_questions,
)


@pytest.fixture
def write(tmp_path):
    def write_file(name, data):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(path)

    return write_file


def test_options_are_numbered_in_order():
    assert questions_from_options(["a?", "b?"]) == [Question("a?", "q1"), Question("b?", "q2")]


@pytest.mark.parametrize("text", ["", "  \n", "caf\udce9?"])
def test_an_option_that_is_no_text_is_refused(text):
    with pytest.raises(UsageError, match="question 2"):
        questions_from_options(["fine?", text])


@given(st.text(min_size=1).filter(lambda text: text.strip() and is_utf8(text)))
def test_the_text_of_a_question_is_never_touched(text):
    (typed,) = questions_from_options([text])
    line = orjson.dumps({"question": text})
    (read,) = read_questions("-", stdin=io.BytesIO(line))

    assert typed.text == read.text == text


def test_text_that_looks_like_markup_stays_text(write):
    text = "What is <img>/etc/passwd</img><|endoftext|>?"
    (question,) = read_questions(write("q.txt", text))

    assert question == Question(text, "q1")


ROWS = [
    {"question": "total, net?", "id": "a", "document": "x.pdf", "pages": "1-3", "answer": "$5"},
    {"question": 'who is "B"?', "id": "b", "document": "y.pdf", "pages": "2", "answer": "Bo"},
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".tsv"])
def test_every_format_says_the_same(write, suffix, bom, newline):
    header = list(ROWS[0])
    text = {
        ".jsonl": newline.join(orjson.dumps(row).decode() for row in ROWS) + newline * 2,
        ".json": orjson.dumps({"questions": ROWS}, option=orjson.OPT_INDENT_2).decode(),
        ".csv": newline.join(
            [",".join(header), '"total, net?",a,x.pdf,1-3,$5', '"who is ""B""?",b,y.pdf,2,Bo', ""]
        ),
        ".tsv": newline.join(
            ["\t".join(header), "\t".join(ROWS[0].values()), "\t".join(ROWS[1].values()), ""]
        ),
    }[suffix]

    assert read_questions(write("q" + suffix, bom + text.encode())) == [
        Question("total, net?", "a", "x.pdf", "1-3", "$5"),
        Question('who is "B"?', "b", "y.pdf", "2", "Bo"),
    ]


def test_text_file_has_a_question_a_line_and_skips_blank_ones(write):
    questions = read_questions(write("q.txt", b"\xef\xbb\xbf one? \r\n\r\n  \r\ntwo?"))

    assert [question.text for question in questions] == ["one?", "two?"]
    assert [question.id for question in questions] == ["q1", "q2"]


def test_published_evaluation_lines_are_taken_as_they_are(write):
    line = {
        "image": "docvqa/1.png",
        "question": "When?",
        "answer": ["1998", "in 1998"],
        "question_id": 49153,
    }
    (question,) = read_questions(write("val.jsonl", orjson.dumps(line)))

    assert question == Question("When?", "49153", "docvqa/1.png", None, ["1998", "in 1998"])


def test_other_fields_are_kept_and_so_is_a_second_name_of_the_same_field(write):
    line = {"question": "a?", "id": 1, "question_id": 2, "split": {"fold": [3, None]}}
    (question,) = read_questions(write("q.jsonl", orjson.dumps(line)))

    assert question.id == "1"
    assert question.meta == {"question_id": 2, "split": {"fold": [3, None]}}


def test_csv_takes_known_columns_in_any_case_and_lines_within_cells(write):
    (question,) = read_questions(write("q.csv", 'Question,Year\n"two\nlines?",1998\n\n'))

    assert question == Question("two\nlines?", "q1", meta={"Year": "1998"})


@pytest.mark.parametrize(
    "pages,expected", [(3, "3"), ("2-end", "2-end"), ([1, 4], "1,4"), (None, None), ("", None)]
)
def test_pages_are_a_number_a_range_or_a_list(write, pages, expected):
    (question,) = read_questions(write("q.jsonl", orjson.dumps({"question": "a?", "pages": pages})))

    assert question.pages == expected


def test_a_document_is_looked_for_beside_the_file_first(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    beside = write("sub/here.pdf", "")
    write("here.pdf", "")
    path = write(
        "sub/q.jsonl", '{"question":"a","pdf":"here.pdf"}\n{"question":"b","pdf":"no.pdf"}'
    )

    assert [question.document for question in read_questions(path)] == [beside, "no.pdf"]


@pytest.mark.parametrize(
    "data,expected",
    [
        (b'{"question": "json?"}\n{"question": "two?"}', ["json?", "two?"]),
        (b'\n  {"question": "json?"}', ["json?"]),
        (b"plain?\n[bracket] plain?", ["plain?", "[bracket] plain?"]),
    ],
)
def test_standard_input_holds_json_lines_or_plain_ones(data, expected):
    questions = read_questions("-", stdin=io.BytesIO(data))

    assert [question.text for question in questions] == expected


def test_a_terminal_is_not_waited_for():
    class Terminal(io.BytesIO):
        def isatty(self):
            return True

    with pytest.raises(UsageError, match="that is a terminal"):
        read_questions("-", stdin=Terminal())


@pytest.mark.parametrize(
    "name,data,complaint",
    [
        ("q.jsonl", '{"question": "a"}\n{"question": ', "q.jsonl:2: not JSON"),
        ("q.jsonl", '{"question": "\\ud800"}', "q.jsonl:1: not JSON"),
        ("q.jsonl", "\n7", "q.jsonl:2: must be an object"),
        ("q.jsonl", '{"id": 1}', "q.jsonl:1: has no 'question'"),
        ("q.jsonl", '{"question": " "}', "q.jsonl:1: 'question' must be a text"),
        ("q.jsonl", '{"question": ["a"]}', "q.jsonl:1: 'question' must be a text"),
        ("q.jsonl", '{"question": "a", "id": {}}', "q.jsonl:1: 'id' must be"),
        ("q.jsonl", '{"question": "a", "answer": {}}', "q.jsonl:1: 'answer' must be"),
        ("q.jsonl", '{"question": "a", "page": "0"}', "q.jsonl:1: pages '0': there is no page 0"),
        ("q.jsonl", '{"question": "a", "pdf": "a\\u0000"}', "q.jsonl:1: the document's name"),
        ("q.jsonl", '{"question": "a", "id": 1}\n' * 2, "q.jsonl:2: the id '1' .*q.jsonl:1"),
        ("q.jsonl", '{"question": "a", "deep": ' + "[" * 300 + "]" * 300 + "}", "q.jsonl:1: a rec"),
        ("q.jsonl", b'{"question": "a"}\n{"question": "\xe9"}', "q.jsonl:2: not UTF-8 at byte 32"),
        ("q.txt", "\n \n", "there is no question in it"),
        ("q.json", '\n{"a": 1}', "must hold a list"),
        ("q.json", '[\n"a",\n', "q.json:3: not JSON"),
        ("q.json", '["a", ""]', "question 2: 'question' must be a text"),
        ("q.csv", "", "q.csv:1: no column 'question'; the columns are none"),
        ("q.csv", "a;question\n", "q.csv:1: no column 'question'"),
        ("q.csv", "question,a,a\n", "q.csv:1: two columns have the same name"),
        ("q.csv", 'question,a\n"x\ny",1\nz\n', "q.csv:4: 1 fields where the header has 2"),
        ("q.csv", 'question\n"x" y\n', "q.csv:2: "),
        ("q.xlsx", "", "its suffix is none of .txt, .jsonl"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(write, name, data, complaint):
    with pytest.raises(UsageError, match=complaint):
        read_questions(write(name, data))


def test_the_same_id_may_be_asked_of_two_documents(write):
    lines = '{"question":"a","id":1,"pdf":"x.pdf"}\n{"question":"a","id":1,"pdf":"y.pdf"}'

    assert len(read_questions(write("q.jsonl", lines))) == 2


def test_a_missing_file_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_questions(str(tmp_path / "q.txt"))


def test_groups_keep_the_order_of_first_appearance():
    questions = [
        Question("1", "1", "b.pdf"),
        Question("2", "2"),
        Question("3", "3", "b.pdf", "2"),
        Question("4", "4", "b.pdf"),
    ]
    groups = group_by_document(questions)

    assert [(g.document, g.pages, [q.id for q in g.questions]) for g in groups] == [
        ("b.pdf", None, ["1", "4"]),
        (None, None, ["2"]),
        ("b.pdf", "2", ["3"]),
    ]


def test_questions_typed_beside_a_file_are_numbered_behind_it():
    assert [question.id for question in questions_from_options(["a", "b"], first=8)] == ["q8", "q9"]


def test_a_closed_standard_input_is_an_empty_one(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(UsageError, match="<stdin>: there is no question in it"):
        read_questions("-")
