import io
import json
import os

import pytest

from monkeycli.document import PlacedWord
from monkeycli.errors import ItemError
from monkeycli.grid import GridRule, WindowGrid
from monkeycli.options import RasterOptions
from monkeycli.reading.messages import Job, Reply, read_message, write_message


def test_a_job_comes_over_as_it_was():
    options = RasterOptions(
        grid=WindowGrid(2, 3),
        rule=GridRule((WindowGrid(2, 2),), by="size"),
        with_text=True,
        password="\u20ac\0",
    )
    job = Job("render", 3, os.fsdecode(b"caf\xe9/\n.pdf"), 17, options, has_data=False)

    assert Job.unpack(job.pack()) == job
    assert Job.unpack(Job("open", 0, "-", 0, RasterOptions(), has_data=True).pack()).has_data


def test_a_reply_comes_over_as_it_was():
    reply = Reply(
        num_pages=3,
        fingerprint=(1, 2**63),
        label="iii",
        grid=WindowGrid(1, 2),
        text="\ud800",
        words=(PlacedWord("\u20ac5", 0, 0, 1, 999, 1000), PlacedWord("", 7, 0, 0, 0, 0)),
    )

    assert Reply.unpack(reply.pack()) == reply


def test_an_error_comes_over_as_it_was():
    error = ItemError("corrupt", "a is torn", "mend it", stage="render", retryable=True)
    back = Reply.unpack(Reply(error=error).pack()).error

    assert vars(back) == vars(error)
    assert str(back) == str(error)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        json.dumps({**json.loads(Reply().pack()), "more": 1}).encode(),
        json.dumps({**json.loads(Reply().pack()), "error": {"code": "made up"}}).encode(),
        json.dumps({**json.loads(Reply().pack()), "error": {"code": "corrupt"}}).encode(),
    ],
)
def test_nonsense_is_an_error_that_is_expected(header):
    with pytest.raises((ValueError, TypeError, KeyError)):
        Reply.unpack(header)


@pytest.mark.parametrize(
    "word",
    [
        ["x", 0, 0, 0, 1],
        ["x", 0, 0, 0, 1, 1, 1],
        ["x", 0, 0, 0, 1001, 1],
        ["x", 0, -1, 0, 1, 1],
        ["x", 0, 2, 0, 1, 1],
        ["x", 0, 0, 5, 1, 1],
        ["x", 0, 0.5, 0, 1, 1],
        ["x", True, 0, 0, 1, 1],
        ["x", -1, 0, 0, 1, 1],
        ["x", None, 0, 0, 1, 1],
        [5, 0, 0, 0, 1, 1],
        "xyzuvw",
        None,
    ],
    ids=str,
)
def test_a_word_off_the_page_is_nonsense(word):
    header = json.dumps({**json.loads(Reply().pack()), "words": [word]}).encode()

    with pytest.raises((ValueError, TypeError)):
        Reply.unpack(header)


def test_messages_follow_each_other():
    stream = io.BytesIO()
    write_message(stream, b"one", b"pixels")
    write_message(stream, b"two")
    stream.seek(0)

    assert read_message(stream) == (b"one", b"pixels")
    assert read_message(stream) == (b"two", b"")
    assert read_message(stream) is None


@pytest.mark.parametrize("length", [0, 5, 13, 18])
def test_a_message_that_breaks_off_is_none(length):
    stream = io.BytesIO()
    write_message(stream, b"one", b"pixels")

    assert read_message(io.BytesIO(stream.getvalue()[:length])) is None
