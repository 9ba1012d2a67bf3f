import contextlib
import hashlib
import io
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from monkeycli.grid import GridRule, WindowGrid
from monkeycli.options import RasterOptions
from monkeycli.reading import worker
from monkeycli.reading.messages import LENGTHS, Job, Reply, read_message
from monkeycli.reading.worker import Desk
from tests.drawn_documents import draw_pdf


@pytest.fixture
def desk():
    """Give a desk that counts its announcements."""
    announced = []
    desk = Desk(lambda: announced.append(1))
    desk.announced = announced
    return desk


def job(task, path, number=0, key=0, *, has_data=False, **options):
    return Job(task, key, path, number, RasterOptions(**options), has_data)


@pytest.fixture
def png(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (900, 400), "red").save(path)
    return str(path)


def test_opens_once_and_hashes_what_it_reads(desk, png):
    reply, body = desk.serve(job("open", png), b"")
    assert (reply.num_pages, body) == (1, b"")
    assert reply.sha256 == hashlib.sha256(Path(png).read_bytes()).hexdigest()

    Path(png).unlink()  # it is open
    reply, body = desk.serve(job("describe", png, 1), b"")
    assert (reply.height, reply.width, reply.grid, body) == (400, 900, WindowGrid(1, 2), b"")
    assert len(desk.announced) == 2

    reply, _ = desk.serve(job("describe", png, 1, key=1), b"")  # another document, says its key
    assert reply.error.code == "not_found"


def test_renders_at_the_canvas(desk, png):
    reply, body = desk.serve(job("render", png, 1), b"")
    assert body == b"\xff\0\0" * (448 * 896)

    reply, body = desk.serve(job("render", png, 1, grid=WindowGrid(3, 1)), b"")
    assert (str(reply.grid), len(body)) == ("3x1", 3 * 1344 * 448)

    grids = (WindowGrid(2, 2),)
    assert str(desk.serve(job("describe", png, 1, rule=GridRule(grids)), b"")[0].grid) == "2x2"


def test_reads_bytes_that_were_sent(desk, png):
    data = Path(png).read_bytes()

    assert desk.serve(job("open", "-", has_data=True), data)[0].num_pages == 1
    assert desk.serve(job("open", "-", key=1, has_data=True), b"")[0].error.message == "- is empty"


@pytest.mark.parametrize("with_text", [True, False])
def test_words_come_with_the_text_and_only_with_it(desk, tmp_path, with_text):
    path = str(draw_pdf(tmp_path / "a.pdf", "Total 7"))
    reply, _ = desk.serve(job("render", path, 1, with_text=with_text), b"")

    assert reply.text == ("Total 7\n" if with_text else None)
    assert [word.text for word in reply.words] == (["Total", "7"] if with_text else [])
    assert Reply.unpack(reply.pack()) == reply


def test_words_beyond_the_longest_text_are_not_passed_on(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "MAX_TEXT", 7)
    path = str(draw_pdf(tmp_path / "a.pdf", "one two three"))
    reply, _ = desk.serve(job("render", path, 1, with_text=True), b"")

    assert reply.text == "one two"
    assert [word.text for word in reply.words] == ["one", "two"]


def test_a_reader_without_words_gives_its_text_alone(desk, faulty):
    reply, _ = desk.serve(job("render", faulty("odd text"), 1, with_text=True), b"")

    assert (reply.text, reply.words) == ("a? b\n", ())


def test_whatever_a_reader_raises_is_a_reply(desk, faulty):
    path = faulty("divide", "refuse")

    assert desk.serve(job("render", path, 1), b"")[0].error.code == "internal"
    assert desk.serve(job("render", path, 2), b"")[0].error.code == "corrupt"


def test_running_out_of_memory_is_a_reply(desk, png, monkeypatch):
    def exhaust(*arguments):
        raise MemoryError

    monkeypatch.setattr(worker, "find_reader", exhaust)
    assert desk.serve(job("open", png), b"")[0].error.code == "too_large"


def test_a_job_that_fails_to_open_leaves_the_desk_empty(desk, png):
    assert desk.serve(job("open", "no.png"), b"")[0].error.code == "not_found"
    assert desk.serve(job("describe", "no.png", 1), b"")[0].error.code == "not_found"


@pytest.mark.parametrize(
    "text, expected",
    [
        (None, None),
        ("a\tb\n", "a\tb\n"),
        ("\x00\x1b[31m\ud800", "  [31m?"),
        ("x" * 2**21, "x" * 2**20),
    ],
    ids=["none", "plain", "odd", "long"],
)
def test_text_is_cleaned(text, expected):
    assert worker._clean(text) == expected


def test_is_contained(monkeypatch):
    limits = {}
    monkeypatch.setattr(resource, "setrlimit", lambda name, value: limits.update({name: value}))
    before = signal.getsignal(signal.SIGINT)
    with contextlib.ExitStack() as stack:
        stack.callback(signal.signal, signal.SIGINT, before)
        worker._contain()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN

    assert limits == {
        resource.RLIMIT_AS: (4 * 2**30,) * 2,
        resource.RLIMIT_CPU: (4 * 3600,) * 2,
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
    }


def test_the_program_speaks_the_protocol_and_nothing_else(png):
    header = job("open", png).pack()
    done = subprocess.run(
        [sys.executable, "-m", "monkeycli.reading.worker"],
        cwd=Path(worker.__file__).parents[2],
        input=LENGTHS.pack(len(header), 0) + header,
        capture_output=True,
        check=True,
    )
    stream = io.BytesIO(done.stdout)
    replies = []
    while (message := read_message(stream)) is not None:
        replies.append(Reply.unpack(message[0]))

    assert [reply.is_start for reply in replies] == [True, False]
    assert replies[1].num_pages == 1
    assert done.stderr == b""
