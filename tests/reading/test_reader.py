import pytest

from monkeycli.errors import ItemError
from monkeycli.file_type import IMAGE_TYPES
from monkeycli.reading import reader
from monkeycli.reading.image import open_image
from monkeycli.reading.pdf import open_pdf
from monkeycli.reading.reader import find_reader


def test_the_built_in_readers_cover_every_type():
    assert set(reader._BUILT_IN) == {"pdf", *IMAGE_TYPES}


@pytest.mark.parametrize(
    "path, head, expected",
    [("a.pdf", b"%PDF-1.7", open_pdf), ("a.pdf", b"GIF89a", open_image), ("-", b"BM", None)],
)
def test_the_content_decides(path, head, expected):
    if expected is None:
        with pytest.raises(ItemError, match="- is a text file"):
            find_reader(path, head)
    else:
        assert find_reader(path, head) is expected


def test_a_plugin_takes_a_suffix_that_nobody_else_reads(faulty):
    assert find_reader("A.FAULTY", b"fine").__name__ == "open_faulty"
    assert find_reader("a.faulty", b"%PDF-1.7") is open_pdf


def test_a_plugin_replaces_a_built_in_reader(faulty, monkeypatch):
    monkeypatch.setattr(reader, "plugin_names", lambda group: ["pdf"])
    monkeypatch.setattr(reader, "load_plugin", lambda group, name: (group, name))

    assert find_reader("a.pdf", b"%PDF-1.7") == ("monkeycli.readers", "pdf")


def test_a_broken_plugin_is_an_error_of_the_document(faulty):
    with pytest.raises(ItemError, match="cannot be loaded") as caught:
        find_reader("a.broken", b"fine")
    assert caught.value.code == "internal"
