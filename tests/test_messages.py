import io
import sys

import pytest

from monkeycli.messages import count, print_line


@pytest.mark.parametrize(
    "encoding, expected",
    [("utf-8", "caf\u00e9 \u2192 \\udce9\n"), ("ascii", "caf\\xe9 \\u2192 \\udce9\n")],
)
def test_a_line_comes_out_whatever_standard_error_can_hold(monkeypatch, encoding, expected):
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(stream, encoding=encoding))
    print_line("caf\u00e9 \u2192 \udce9")

    assert stream.getvalue().decode() == expected


@pytest.mark.parametrize("number, expected", [(0, "0 pages"), (1, "1 page"), (2, "2 pages")])
def test_one_thing_is_no_plural(number, expected):
    assert count(number, "page") == expected
