"""Captions that came with images."""

import pytest

from monkeycli.describing.captions import MAX_BYTES, Captions
from monkeycli.errors import ItemError, UsageError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, *lines):
    path = folder / "captions.jsonl"
    path.write_text("\n".join(lines))
    return Captions(str(path))


def test_paths_start_from_the_files_folder_however_the_image_is_named(folder):
    (folder / "sub").mkdir()
    captions = write(folder / "sub", '{"image": "a.png", "caption": "Rex"}')

    assert captions.find("sub/a.png", 1) == "Rex"
    assert captions.find(str(folder / "sub" / "." / "a.png"), 1) == "Rex"
    assert captions.find("a.png", 1) is None


def test_a_page_may_have_its_own(folder):
    captions = write(
        folder,
        '{"document": "a.pdf", "text": "slides"}',
        "",
        '{"image": "a.pdf", "page": 2, "caption": "second"}',
    )

    assert [captions.find("a.pdf", page) for page in (1, 2)] == ["slides", "second"]


@pytest.mark.parametrize(
    "line, complaint",
    [
        ("{", "captions.jsonl:2: not JSON"),
        ("[]", "captions.jsonl:2: no image or no caption"),
        ('{"image": "b.png"}', "captions.jsonl:2: no image or no caption"),
        ('{"image": "b.png", "caption": 7}', "captions.jsonl:2: no image or no caption"),
        ('{"image": "b.png", "caption": "x", "page": 0}', "captions.jsonl:2: page 0 is no page"),
        ('{"image": "./a.png", "caption": "x"}', "a.png has a caption already"),
    ],
)
def test_a_wrong_line_is_named(folder, line, complaint):
    with pytest.raises(UsageError, match=complaint):
        write(folder, '{"image": "a.png", "caption": "Rex"}', line)


def test_a_file_that_is_not_there(folder):
    with pytest.raises(UsageError, match=r"--captions no.jsonl cannot be read: No such file"):
        Captions("no.jsonl")


def test_without_captions_there_are_none(folder):
    assert Captions(None).find("a.png", 1) is None


def test_text_beside_an_image(folder):
    (folder / "a.txt").write_bytes(b"Rex \xff")
    (folder / "empty.txt").touch()
    captions = Captions("beside")

    assert captions.find("a.png", 1) == "Rex \ufffd"
    assert captions.find("empty.png", 1) is None
    assert captions.find("b.png", 1) is None
    assert captions.find("-", 1) is None


def test_what_lies_beside_an_image_need_not_be_a_caption(folder):
    (folder / "large.txt").write_bytes(b"x" * (MAX_BYTES + 1))
    (folder / "folder.txt").mkdir()

    for name, code in (("large", "too_large"), ("folder", "unsupported")):
        with pytest.raises(ItemError) as caught:
            Captions("beside").find(f"{name}.png", 1)
        assert caught.value.code == code
