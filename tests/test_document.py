"""What passes between reader and model cannot be changed on the way."""

from dataclasses import FrozenInstanceError

import pytest

from monkeycli.document import Document, Page, PageResult
from monkeycli.errors import ItemError
from monkeycli.grid import WindowGrid


def test_document_is_all_pages_of_its_path():
    document = Document("a.pdf")

    assert (document.path, document.pages, document.data) == ("a.pdf", "all", None)


def test_bytes_of_a_document_are_not_shown():
    assert "secret" not in repr(Document("-", data=b"secret"))


@pytest.mark.parametrize(
    "value",
    [
        Document("a.pdf"),
        Page(number=1, label="iii", image=None, grid=WindowGrid(1, 1), text=None),
        PageResult(Document("a.pdf"), None, None, None, None, ItemError("empty_output", "x"), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_was_read_does_not_change(value):
    with pytest.raises(FrozenInstanceError):
        value.number = 2
