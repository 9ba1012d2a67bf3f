"""What was asked for is checked before anything is read."""

import pytest
from monkey_ocr.request import OcrRequest

from monkeycli.errors import OutputError, UsageError


def _request(**options):
    none = dict.fromkeys(("files_from", "password_file", "output", "form"))
    rest = {"inputs": ("a.png",), "pages": "all", "overwrite": False, "page_timeout": 60.0}
    return OcrRequest(**{**none, **rest, "quiet": False, "no_progress": False, **options})


@pytest.mark.parametrize(
    "output, form, is_jsonl",
    [
        (None, None, False),
        ("-", "jsonl", True),
        ("a.txt", None, False),
        ("a.JSONL", None, True),
        ("a.txt", "jsonl", True),
        ("a.jsonl", "text", False),
    ],
)
def test_format_goes_by_name_then_suffix(output, form, is_jsonl):
    assert _request(output=output, form=form).is_jsonl == is_jsonl


@pytest.mark.parametrize(
    "options, error, words",
    [
        ({"output": "a.csv"}, UsageError, "suffixes .txt, .jsonl"),
        ({"overwrite": True}, UsageError, "--overwrite needs a file"),
        ({"output": "there.txt"}, UsageError, "exists already; --overwrite replaces it"),
        ({"output": "a.txt", "inputs": ("a.txt",), "overwrite": True}, UsageError, "is an input"),
        ({"output": "nowhere/a.txt"}, OutputError, "no folder"),
    ],
)
def test_wrong_output_is_refused(tmp_path, monkeypatch, options, error, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.txt").write_text("kept")
    (tmp_path / "a.txt").touch()

    with pytest.raises(error, match=words):
        _request(**options).check()
    assert (tmp_path / "there.txt").read_text() == "kept"


def test_nothing_to_read_is_refused():
    with pytest.raises(UsageError, match="no documents"):
        _request(inputs=()).documents()


def test_password_comes_from_the_file_or_the_environment(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("open sesame\n")
    monkeypatch.setenv("MONKEY_PDF_PASSWORD", "from outside")

    assert _request(password_file=str(tmp_path / "secret")).raster.password == "open sesame"
    assert _request().raster.password == "from outside"
    with pytest.raises(UsageError, match="cannot be read"):
        _ = _request(password_file=str(tmp_path / "none")).raster
