import os
import socket

import pytest

from monkeycli.errors import ItemError
from monkeycli.reading import source
from monkeycli.reading.source import open_source


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_gives_the_bytes_and_cannot_write_them(folder):
    (folder / "a").write_bytes(b"content")
    found = open_source("a")

    assert bytes(found.data) == b"content"
    assert found.data.readonly


def test_the_fingerprint_tells_a_changed_file(folder):
    (folder / "a").write_bytes(b"content")
    first = open_source("a").fingerprint
    assert open_source("a").fingerprint == first

    (folder / "b").write_bytes(b"content")
    (folder / "b").replace(folder / "a")
    assert open_source("a").fingerprint != first


def test_a_link_is_followed(folder):
    (folder / "a").write_bytes(b"content")
    (folder / "link").symlink_to("a")

    assert bytes(open_source("link").data) == b"content"


@pytest.mark.parametrize(
    "path, code, message",
    [
        ("nothing", "not_found", "nothing does not exist"),
        ("file/x", "not_found", "file/x does not exist"),
        ("link", "not_found", "link is a link to a file that does not exist"),
        ("loop", "not_found", "loop cannot be opened: Too many levels of symbolic links"),
        ("x" * 300, "not_found", "x cannot be opened: File name too long"),
        ("nul\0", "not_found", "does not exist"),
        ("https://example.com/a.pdf", "not_found", "is a URL, and monkey opens no network"),
        ("folder", "unsupported", "folder is a directory"),
        ("pipe", "unsupported", "pipe is a named pipe"),
        ("socket", "unsupported", "socket is a socket"),
        ("/dev/null", "unsupported", "/dev/null is a device"),
        ("empty", "corrupt", "empty is empty"),
        ("large", "too_large", "large has 0 MiB; files up to 0 are read"),
    ],
)
def test_refuses(folder, monkeypatch, path, code, message):
    (folder / "file").write_bytes(b"content")
    (folder / "large").write_bytes(b"c" * 100)
    (folder / "empty").touch()
    (folder / "folder").mkdir()
    (folder / "link").symlink_to("nowhere")
    (folder / "loop").symlink_to("loop")
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 50)

    with pytest.raises(ItemError) as caught:
        open_source(path)
    assert caught.value.code == code
    assert message in caught.value.message


def test_a_file_that_may_not_be_read(folder, monkeypatch):
    (folder / "a").write_bytes(b"content")

    def refuse(path, flags):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(source.os, "open", refuse)  # root may read anything
    with pytest.raises(ItemError, match="a may not be read: permission denied; check its mode"):
        open_source("a")
