import io
import os

import pytest

from monkeycli import inputs
from monkeycli.errors import UsageError
from monkeycli.inputs import find_documents

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in a folder of documents and other files."""
    for path in ("a/10.png", "a/2.pdf", "a/b/deep.tif", "a/readme.txt", "a/.hidden.png"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"%PDF-1.4" if path.endswith("pdf") else PNG)
    (tmp_path / "a/readme.txt").write_text("no document")
    (tmp_path / "a/scan").write_bytes(PNG)  # no suffix, but a document
    (tmp_path / "a/.git").mkdir()
    (tmp_path / "a/.git/x.png").write_bytes(PNG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


IN_A = ["a/10.png", "a/2.pdf", "a/b/deep.tif", "a/scan"]


def paths(*typed, **kwargs):
    return [document.path for document in find_documents(typed, **kwargs)]


@pytest.mark.parametrize(
    "typed, expected",
    [
        (["a"], IN_A),
        (["a/2.pdf", "a/10.png"], ["a/2.pdf", "a/10.png"]),  # as typed
        (["a/2.pdf", "a/2.pdf"], ["a/2.pdf", "a/2.pdf"]),  # twice, if one wants that
        (["a/readme.txt"], ["a/readme.txt"]),  # typed by name: it will be an error record
        (["a/.hidden.png"], ["a/.hidden.png"]),
        (["a/*.p*"], ["a/10.png", "a/2.pdf"]),
        (["a/*"], ["a/10.png", "a/2.pdf", "a/b/deep.tif", "a/readme.txt", "a/scan"]),
        (["**/*.png"], ["a/10.png"]),
        (["a/**"], IN_A),
        (["**/b/*"], ["a/b/deep.tif"]),
        (["a/[0-9]*.pdf"], ["a/2.pdf"]),
        (["./a/b"], ["./a/b/deep.tif"]),
    ],
)
def test_finds(typed, expected):
    assert paths(*typed) == expected


def test_a_file_whose_name_looks_like_a_glob_is_that_file(folder):
    (folder / "a[1].png").write_bytes(PNG)
    (folder / "a1.png").write_bytes(PNG)

    assert paths("a[1].png") == ["a[1].png"]


@pytest.mark.parametrize(
    "typed, complaint",
    [
        ("nothing.pdf", "nothing.pdf does not exist"),
        ("*.nothing", "matches no file"),
        ("**/*.nothing", "matches no file"),
        ("empty", "empty holds no document"),
        ("https://example.com/a.pdf", "opens no network"),
        ("nul\0.pdf", "does not exist"),
        ("x" * 300, "does not exist"),
    ],
)
def test_refuses_what_was_typed_in_vain_before_anything_runs(folder, typed, complaint):
    (folder / "empty").mkdir()

    with pytest.raises(UsageError, match=complaint):
        find_documents(["a", typed])


def test_pages_are_checked_at_once_and_handed_on():
    (document,) = find_documents(["a/2.pdf"], pages="2-end")
    assert document.pages == "2-end"

    with pytest.raises(UsageError, match="--pages"):
        find_documents(["a/2.pdf"], pages="two")


def test_what_only_has_a_documents_name_is_taken_so_that_it_is_reported(folder):
    (folder / "a/page.html.pdf").write_text("<html>")
    (folder / "a/link.png").symlink_to("nowhere")
    os.mkfifo(folder / "a/pipe.pdf")
    os.mkfifo(folder / "a/pipe")  # not read, or this would hang

    assert set(paths("a")) - set(IN_A) == {"a/page.html.pdf", "a/link.png", "a/pipe.pdf"}


def test_a_loop_of_links_ends(folder):
    (folder / "a/b/up").symlink_to("..")
    (folder / "a/b/self").symlink_to(".")

    assert paths("a") == IN_A
    assert paths("a/**/*.tif") == ["a/b/deep.tif"]


def test_hundreds_of_directories_deep_are_no_problem(folder):
    deep = folder / "deep" / ("d/" * 500)
    deep.mkdir(parents=True)
    (deep / "x.png").write_bytes(PNG)

    assert paths("deep") == ["deep/" + "d/" * 500 + "x.png"]


def test_directories_are_walked_late(monkeypatch):
    seen = []
    real = inputs._is_document
    monkeypatch.setattr(inputs, "_is_document", lambda path: seen.append(path) or real(path))

    found = find_documents(["a"])
    assert seen == ["a/10.png"]
    assert [document.path for document in found] == IN_A


@pytest.mark.parametrize(
    "content, expected",
    [
        (b"a/2.pdf\na/10.png\n", ["a/2.pdf", "a/10.png"]),
        (b"a/2.pdf\r\n\r\n  \na/10.png", ["a/2.pdf", "a/10.png"]),
        (b"a/2.pdf\0a/odd\nname.png\0", ["a/2.pdf", "a/odd\nname.png"]),
        (b"\xef\xbb\xbfa/2.pdf\n", ["a/2.pdf"]),
        (b"nothing.pdf\na\n", ["nothing.pdf", *IN_A]),  # an error record later
        (b"empty\n", ["empty"]),  # likewise
        (b"caf\xe9.png\n", [os.fsdecode(b"caf\xe9.png")]),
        (b"", []),
    ],
)
def test_reads_lists(folder, content, expected):
    (folder / "empty").mkdir()
    (folder / "list").write_bytes(content)

    assert paths(files_from="list") == expected
    assert paths(files_from="-", stdin=io.BytesIO(content)) == expected


def test_a_list_comes_after_what_was_typed(folder):
    (folder / "list").write_text("a/2.pdf")

    assert paths("a/10.png", files_from="list") == ["a/10.png", "a/2.pdf"]


def test_a_list_that_is_not_there_is_a_usage_error():
    with pytest.raises(UsageError, match=r"--files-from no\.txt: No such file"):
        find_documents([], files_from="no.txt")


def test_reads_a_document_from_stdin():
    first, second = find_documents(["-", "a/2.pdf"], pages="1", stdin=io.BytesIO(PNG))

    assert (first.path, first.data, first.pages) == ("-", PNG, "1")
    assert (second.path, second.data) == ("a/2.pdf", None)


class Terminal(io.BytesIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("arguments", [(["-"], None), ([], "-")])
def test_does_not_wait_for_a_terminal(arguments):
    with pytest.raises(UsageError, match="that is a terminal"):
        find_documents(arguments[0], files_from=arguments[1], stdin=Terminal())


@pytest.mark.parametrize("arguments", [(["-", "-"], None), (["-"], "-")])
def test_stdin_is_read_once(arguments):
    with pytest.raises(UsageError, match="asked for twice"):
        find_documents(arguments[0], files_from=arguments[1], stdin=io.BytesIO(PNG))


def test_stdin_is_bounded(monkeypatch):
    monkeypatch.setattr(inputs, "MAX_STDIN_BYTES", len(PNG) - 1)

    with pytest.raises(UsageError, match="larger than"):
        find_documents(["-"], stdin=io.BytesIO(PNG))


def test_a_closed_standard_input_is_an_empty_one(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.stdin", None)
    (tmp_path / "a.pdf").touch()

    assert [d.data for d in find_documents([str(tmp_path / "a.pdf"), "-"])] == [None, b""]
