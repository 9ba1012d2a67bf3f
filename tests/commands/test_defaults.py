"""Where an option's value comes from when nobody typed it, tried through `monkey ask`."""

import os

import click
import pytest

from monkeycli import cli
from monkeycli.commands.defaults import UNSETTABLE, origin_of, settable_keys
from monkeycli.errors import ExitCode
from monkeycli.settings import user_file
from tests.drawn_documents import draw_image


@pytest.fixture
def ask(monkey, folder):
    """Give a function that looks which grid would be used, and with what to say."""
    draw_image(folder / "a.png", size=(900, 900))

    def look(*words):
        return monkey("ask", "a.png", "-q", "?", "--dry-run", *words)

    return look


def test_the_nearest_word_wins(ask, folder, monkeypatch):
    """Option, variable, the file named, the folder's file, the user's file, the default."""
    mine = user_file(os.environ)
    mine.parent.mkdir(parents=True, exist_ok=True)
    layers = [
        (lambda: None, "2x2"),
        (lambda: mine.write_text('grid = "1x1"\n'), "1x1"),
        (lambda: (folder / "monkey.toml").write_text('grid = "1x2"\n'), "1x2"),
        (lambda: (folder / "named.toml").write_text('[ask]\ngrid = "1x3"\n'), "1x3"),
        (lambda: monkeypatch.setenv("MONKEY_GRID", "2x1"), "2x1"),
    ]
    try:
        (folder / "named.toml").touch()
        for set_layer, grid in layers:
            set_layer()
            ended = ask("--config", "named.toml")
            assert f"\tgrid {grid}\t" in ended.lines[0], ended
        assert "\tgrid 3x1\t" in ask("--grid", "3x1").lines[0]
    finally:
        mine.unlink()


def test_a_section_holds_for_its_command_only(ask, folder):
    (folder / "monkey.toml").write_text('grid = "1x2"\n[caption]\ngrid = "1x3"\n')

    assert "\tgrid 1x2\t" in ask().lines[0]


@pytest.mark.parametrize(
    "text, complaint",
    [
        ('gird = "1x2"', "monkey.toml: unknown key 'gird'; did you mean 'grid'?"),
        ("[ask]\nbatchsize = 2", "in [ask] unknown key 'batchsize'; did you mean 'batch-size'?"),
        ("[aks]\ngrid = 2", "unknown section 'aks'; did you mean 'ask'?"),
        ("question = 'who?'", "unknown key 'question'"),
        ("grid = ", "monkey.toml: not a configuration file: "),
    ],
)
def test_a_file_that_sets_what_is_unknown_is_refused(ask, folder, text, complaint):
    (folder / "monkey.toml").write_text(text)
    ended = ask()

    assert ended.code == ExitCode.USAGE
    assert complaint in ended.err


@pytest.mark.parametrize("name, value", [("GRID", "9x9"), ("MAX_TOKENS", "many"), ("EACH", "line")])
def test_a_wrong_value_that_nobody_typed_is_traced(ask, monkeypatch, name, value):
    monkeypatch.setenv(f"MONKEY_{name}", value)
    ended = ask()

    option = f"--{name.lower().replace('_', '-')}"
    assert ended.code == ExitCode.USAGE
    assert f"Invalid value for '{option}': " in ended.err
    assert ended.err.endswith(f"monkey: {option} is set by $MONKEY_{name}\n")


def test_a_wrong_value_in_a_file_is_traced(ask, folder):
    (folder / "monkey.toml").write_text('pages = "0"')
    ended = ask()

    assert ended.code == ExitCode.USAGE
    assert ended.err.endswith("monkey: --pages is set by monkey.toml\n")


@pytest.mark.parametrize("words", [["--grid", "9x9"], ["--jobs", "0"]])
def test_a_wrong_value_that_was_typed_is_not(ask, words):
    ended = ask(*words)

    assert ended.code == ExitCode.USAGE
    assert "is set by" not in ended.err


@pytest.mark.parametrize("value, is_quiet", [("1", True), ("true", True), ("0", False)])
def test_a_flag_is_set_by_a_truth_value(ask, monkeypatch, value, is_quiet):
    monkeypatch.setenv("MONKEY_QUIET", value)

    assert (ask().err == "") is is_quiet


def test_a_variable_that_sets_nothing_is_warned_of(ask, monkeypatch):
    monkeypatch.setenv("MONKEY_GIRD", "1x1")
    monkeypatch.setenv("MONKEY_PDF_PASSWORD", "known")
    ended = ask()

    assert ended.code == ExitCode.OK
    warning = "monkey: warning: $MONKEY_GIRD sets nothing; did you mean $MONKEY_GRID?"
    assert ended.err.splitlines()[0] == warning
    assert ended.err.count("warning") == 1
    assert ask("--quiet").err == ""


def test_what_belongs_to_one_run_cannot_be_set():
    for name, command in cli.monkey.commands.items():
        keys = settable_keys(command)
        assert not UNSETTABLE & set(keys), name
    assert {"model", "grid", "jobs"} <= set(settable_keys(cli.monkey.commands["ask"]))


def test_an_option_without_a_context_has_no_origin():
    assert origin_of(None, click.Option(["--grid"])) is None
