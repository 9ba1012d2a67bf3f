import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monkeycli.training.formats import Problem, read_samples
from monkeycli.training.mixture import Dataset, Evaluation
from monkeycli.training.sample import ImageSource, Sample

LINE = {"image": "a.png", "question": "Q?", "answer": "A"}


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(content, **fields):
        data = content if isinstance(content, bytes) else content.encode()
        Path("d.jsonl").write_bytes(data)
        return list(read_samples(Dataset(Path("d.jsonl"), **fields), 3))

    return read


def lines(*items):
    return "".join(json.dumps(item) + "\n" for item in items)


def messages(found):
    return [str(item) for item in found if isinstance(item, Problem)]


def test_a_sample_knows_its_line_its_dataset_and_its_image(read):
    assert read("\n" + lines(LINE)) == [
        Sample("d.jsonl:2", 3, "vqa", ImageSource(Path("a.png")), "Q?", ("A",))
    ]


def test_images_start_from_their_root_or_the_files_folder(tmp_path):
    (tmp_path / "d.jsonl").write_text(lines(LINE, {**LINE, "image": "/else/b.png"}))
    dataset = Dataset(tmp_path / "d.jsonl")
    rooted = Dataset(tmp_path / "d.jsonl", images=tmp_path / "pages")

    assert [sample.image.path for sample in read_samples(dataset, 0)] == [
        *(tmp_path / "a.png", Path("/else/b.png")),
    ]
    assert next(iter(read_samples(rooted, 0))).image.path == tmp_path / "pages" / "a.png"


@pytest.mark.parametrize(
    "fields, source",
    [
        ({"document": "r.pdf", "page": 3}, ImageSource(Path("r.pdf"), 3)),
        ({"image": "r.pdf#page=3"}, ImageSource(Path("r.pdf"), 3)),
        ({"image": "r.pdf#page=3", "page": 3}, ImageSource(Path("r.pdf"), 3)),
        ({"image": "a#1.png"}, ImageSource(Path("a#1.png"), 1)),
    ],
)
def test_a_page_of_a_document_is_an_image(read, fields, source):
    line = {"question": "Q?", "answer": "A", **fields}

    assert [sample.image for sample in read(lines(line))] == [source]


def test_a_json_array_is_read_with_the_line_of_every_item(read):
    talk = [
        {"from": "user", "value": "<img>b.png</img> W? Answer: "},
        {"from": "assistant", "value": "x"},
    ]
    text = json.dumps([LINE, {"conversations": talk}, LINE, 7], indent=1)
    found = read(text)

    starts = [n for n, line in enumerate(text.splitlines(), 1) if line.startswith((" {", " 7"))]
    assert [item.origin for item in found] == [f"d.jsonl:{n}" for n in starts]
    assert [item.image.path.name for item in found[:3]] == ["a.png", "b.png", "a.png"]
    assert isinstance(found[3], Problem)


def test_both_kinds_of_file_give_the_same_samples(read):
    items = [LINE, {**LINE, "answer": None}, {"image": "x.png", "caption": "C"}]

    def bare(found):
        return [(item.task, item.image, item.answers) for item in found]

    assert bare(read(lines(*items))) == bare(read(json.dumps(items)))
    assert bare(read("\ufeff" + lines(*items))) == bare(read("\ufeff" + json.dumps(items)))
    assert bare(read(lines(*items).replace("\n", "\r\n"))) == bare(read(json.dumps(items)))


@pytest.mark.parametrize(
    "content, complaint",
    [
        (lines(LINE) + "{broken\n" + lines(LINE), "d.jsonl:2: not JSON: "),
        (lines(LINE, [1]), "d.jsonl:2: must be an object"),
        (
            lines(LINE, {**LINE, "image": "https://x.org/a.png"}),
            "d.jsonl:2: https://x.org/a.png is a",
        ),
        (lines(LINE, {**LINE, "image": "r.pdf#page=0"}), "d.jsonl:2: r.pdf#page=0 is no page"),
        (
            lines(LINE, {**LINE, "image": "r.pdf#page=2", "page": 3}),
            "d.jsonl:2: r.pdf#page=2 is no",
        ),
        (lines(LINE, {**LINE, "image": "#page=2"}), "d.jsonl:2: #page=2 names a page of no file"),
        (lines(LINE).encode() + b'{"image": "caf\xe9"}\n', "d.jsonl:2: not JSON: "),
        ("", "d.jsonl: is empty: it holds no sample"),
        ("\n \n", "d.jsonl: is empty: it holds no sample"),
        ("[]", "d.jsonl: is empty: it holds no sample"),
        (f"[{json.dumps(LINE)},\n {{broken", "d.jsonl:2: not JSON: "),
        (
            f"[{json.dumps(LINE)}\n {json.dumps(LINE)}]",
            "d.jsonl:2: not JSON: a comma or ] is missing",
        ),
        (f"[{json.dumps(LINE)}]\n[]", "d.jsonl:2: not JSON: something follows the list's end"),
        (f"[{json.dumps(LINE)}", "d.jsonl:1: not JSON: a comma or ] is missing"),
        (b'[\n"\xe9"]', "d.jsonl:2: not UTF-8"),
        ("[" * 100_000, "d.jsonl:1: not JSON"),
        ("[" + "9" * 5000 + "]", "d.jsonl:1: not JSON that can be parsed"),
        ("[" * 2000 + "\n", "d.jsonl:1: not JSON"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(read, content, complaint):
    (message,) = messages(read(content))

    assert message.startswith(complaint)


def test_one_bad_line_costs_no_other(read):
    found = read(lines(LINE) + "{broken\n" + lines({"image": "a.png"}, LINE))

    assert [type(item) for item in found] == [Sample, Problem, Problem, Sample]


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    (problem,) = read_samples(Dataset(tmp_path / "gone.jsonl"), 0)

    assert str(problem) == f"{tmp_path}/gone.jsonl: cannot be read: No such file or directory"


def test_an_evaluation_is_read_alike(tmp_path):
    (tmp_path / "e.jsonl").write_text(lines({"image": "a.png", "answer": "A"}))
    (sample,) = read_samples(Evaluation(tmp_path / "e.jsonl", "e", task="read"), 1)

    assert (sample.task, sample.dataset, sample.answers) == ("read", 1, ("A",))


KEYS = st.sampled_from(
    [
        *(
            "image",
            "document",
            "page",
            "pages",
            "question",
            "questions",
            "answer",
            "answers",
            "gold",
        ),
        *(
            "task",
            "caption",
            "text",
            "box",
            "id",
            "conversations",
            "from",
            "value",
            "kind",
            "status",
        ),
        *("source", "x"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part, max_size=5),
    max_leaves=12,
)


@settings(max_examples=50)
@given(st.lists(st.dictionaries(KEYS, JSON, max_size=6), min_size=1, max_size=4))
def test_whatever_a_line_holds_is_a_sample_or_a_problem(tmp_path_factory, items):
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_text(lines(*items))
    found = list(read_samples(Dataset(path), 0))

    assert {item.origin for item in found} == {f"{path}:{n}" for n in range(1, len(items) + 1)}


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda data: b"[" + data))
def test_whatever_a_file_holds_is_said_so(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "bytes.jsonl"
    path.write_bytes(data)

    assert all(isinstance(item, Problem) for item in read_samples(Dataset(path), 0))
