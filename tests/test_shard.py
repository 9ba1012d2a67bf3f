import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.document import Document
from monkeycli.errors import UsageError
from monkeycli.shard import Shard, parse_shard


@given(st.binary(min_size=1), st.integers(1, 50))
def test_every_document_belongs_to_one_part(data, of):
    document = Document("-", data=data)
    assert sum(Shard(number, of).holds(document) for number in range(1, of + 1)) == 1


def test_the_same_bytes_belong_together_wherever_they_lie(tmp_path):
    for number in range(20):
        data = b"document %d" % number
        paths = [tmp_path / f"{number}.bin", tmp_path / f"copy-of-{number}"]
        for path in paths:
            path.write_bytes(data)
        for part in range(1, 4):
            held = {Shard(part, 3).holds(Document(str(path))) for path in paths}
            assert held == {Shard(part, 3).holds(Document("-", data=data))}


def test_what_cannot_be_read_goes_by_its_path(tmp_path):
    documents = [Document(str(tmp_path / f"missing-{number}.pdf")) for number in range(40)]
    documents.append(Document(str(tmp_path)))
    documents.append(Document("with\0nul"))
    for document in documents:
        assert sum(Shard(part, 3).holds(document) for part in (1, 2, 3)) == 1
    assert {part for part in (1, 2, 3) for d in documents if Shard(part, 3).holds(d)} == {1, 2, 3}


def test_parts_are_about_equally_large():
    documents = [Document("-", data=b"%d" % number) for number in range(2000)]
    sizes = [sum(Shard(part, 4).holds(document) for document in documents) for part in range(1, 5)]
    assert sum(sizes) == 2000
    assert min(sizes) > 420


@pytest.mark.parametrize("text", ["", "0/4", "5/4", "1", "1/0", "a/b", "1/2/3", "-1/3", " 1/3"])
def test_what_is_no_part_is_an_error(text):
    with pytest.raises(UsageError, match="is not I/N"):
        parse_shard(text)


def test_one_part_is_everything():
    assert parse_shard("1/1").holds(Document("/no/such/file"))
