"""`monkey model`: results on stdout, everything else on stderr, exit codes as documented."""

import json

import pytest
from click.testing import CliRunner

from monkeycli.catalog import PUBLISHED, model_names, store_folder
from monkeycli.commands.model import model
from monkeycli.errors import ExitCode, MonkeyError
from tests.drawn_adapter import draw_run
from tests.loopback_hub import COMMIT
from tests.published_checkpoint import draw_published


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MONKEY_HOME", str(tmp_path / "home"))


@pytest.fixture
def published(tmp_path):
    return draw_published(tmp_path / "published")


def _run(*words):
    return CliRunner().invoke(model, words)


def _exit_code(result):
    """Give the exit code that the border in `cli` turns an error into."""
    error = result.exception
    return error.exit_code if isinstance(error, MonkeyError) else result.exit_code


def test_pull_prints_the_folder_alone_and_shows_the_licence(make_hub, published):
    files = {path.name: path.read_bytes() for path in published.iterdir()}
    make_hub(PUBLISHED["monkey-chat"].repo, files)

    result = _run("pull", "monkey-chat")

    assert result.exit_code == ExitCode.OK
    assert result.stdout == f"{store_folder('monkey-chat')}\n"
    assert PUBLISHED["monkey-chat"].licence in result.stderr
    assert "fetching pytorch_model.bin" in result.stderr


def test_pull_from_a_folder_needs_no_hub(published):
    result = _run("pull", "monkey", "--from", str(published))

    assert result.exit_code == ExitCode.OK
    assert result.stdout == f"{store_folder('monkey')}\n"


@pytest.mark.parametrize(
    "words, code",
    [
        (["pull", "gorilla"], ExitCode.USAGE),
        (["pull", "monkey", "--from", "nowhere"], ExitCode.USAGE),
        (["pull", "monkey", "--from", ".", "--revision", "main"], ExitCode.USAGE),
        (["pull", "monkey", "--offline"], ExitCode.MODEL),
        (["check", "monkey"], ExitCode.MODEL),
        (["check", "gorilla"], ExitCode.USAGE),
        (["export", "monkey"], ExitCode.USAGE),
        (["export", "monkey", "-o", "."], ExitCode.USAGE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value.name,
)
def test_what_cannot_be_done_has_its_exit_code(words, code):
    result = _run(*words)

    assert _exit_code(result) == code
    assert result.stdout == ""


def test_list_has_a_line_of_four_fields_for_every_model():
    result = _run("list")

    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert [line[0] for line in lines] == model_names()
    assert {len(line) for line in lines} == {4}
    assert ["monkey", "-", "-", PUBLISHED["monkey"].licence] in lines


def test_list_as_json_says_the_same(make_hub, published):
    files = {path.name: path.read_bytes() for path in published.iterdir()}
    make_hub(PUBLISHED["monkey"].repo, files)
    _run("pull", "monkey")

    found = {fields["name"]: fields for fields in json.loads(_run("list", "--json").stdout)}

    assert found["monkey"]["folder"] == str(store_folder("monkey"))
    assert found["monkey"]["commit"] == COMMIT
    assert found["monkey-chat"]["folder"] is None


def test_check_says_what_it_counted(published):
    _run("pull", "monkey", "--from", str(published))

    result = _run("check", "monkey")

    assert result.stdout == "monkey: ok, 57 tensors, 116,012 parameters\n"


def test_export_prints_the_folder_alone(published, tmp_path):
    result = _run("export", str(published), "-o", str(tmp_path / "out"))

    assert result.exit_code == ExitCode.OK
    assert result.stdout == f"{tmp_path / 'out'}\n"
    assert (tmp_path / "out" / "model.safetensors").exists()


def test_a_run_is_checked_merged_and_then_a_model(small_folder, tmp_path):
    run = tmp_path / "invoices"
    draw_run(run, small_folder, "lora")
    assert _exit_code(_run("export", str(run), "-o", str(tmp_path / "out"))) == ExitCode.MODEL

    merged = _run("export", str(run), "--merge", "-o", str(run / "model"))
    checked = _run("check", str(run))

    assert merged.stdout == f"{run / 'model'}\n"
    whole, adapter = checked.stdout.splitlines()
    assert whole.startswith(f"{run}: ok, ")
    assert adapter.startswith(f"{run}: ok, ")
    assert adapter.endswith(" parameters, an adapter of small@1.0")
    assert _run("export", str(run), "-o", str(tmp_path / "out")).exit_code == ExitCode.OK


def test_merge_of_what_is_no_run_is_a_usage_error(published, tmp_path):
    result = _run("export", str(published), "--merge", "-o", str(tmp_path / "out"))

    assert _exit_code(result) == ExitCode.USAGE
    assert not (tmp_path / "out").exists()
