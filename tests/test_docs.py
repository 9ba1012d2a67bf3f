"""What the documentation shows can be typed, and every command and option says what it is for."""

import re
import shlex
from pathlib import Path

import click
import pytest

from monkeycli import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "examples").glob("*/README.md"))]


def _shell_lines(page: Path) -> list[str]:
    """List the commands in the `sh` and `console` blocks of a page, without their output."""
    lines = []
    for language, block in re.findall(r"```(sh|console)\n(.*?)```", page.read_text(), re.DOTALL):
        typed = block.replace("\\\n", " ").splitlines()
        lines += [line.removeprefix("$ ") for line in typed if language == "sh" or line[:2] == "$ "]
    return lines


def _monkey_commands(line: str) -> list[list[str]]:
    """List the arguments of each `monkey` in a shell line."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    commands: list[list[str]] = []
    is_open = False
    for word in words:
        if word == "monkey":
            commands.append([])
            is_open = True
        elif set(word) <= set("();<>|&"):
            is_open = False
        elif is_open:
            commands[-1].append(word)
    return commands


COMMANDS = [
    pytest.param(page.parent, arguments, id=f"{page.parent.name}: {' '.join(arguments)}")
    for page in PAGES
    for line in _shell_lines(page)
    for arguments in _monkey_commands(line)
]


def _all_commands(command: click.Command, name: str) -> list[tuple[str, click.Command]]:
    found = [(name, command)]
    if isinstance(command, click.Group):
        for child, under in command.commands.items():
            found += _all_commands(under, f"{name} {child}")
    return found


def _parse(command: click.Command, name: str, words: list[str], parent: click.Context | None):
    """Parse as click would, down to the last subcommand, and run nothing."""
    context = command.make_context(name, list(words), parent=parent)
    if isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        child, under, rest = command.resolve_command(context, rest)
        _parse(under, child, rest, context)


def test_shell_lines_are_taken_apart():
    line = 'total=$(monkey ask x.pdf -q "a b?") && monkey info | jq .'

    assert _monkey_commands(line) == [["ask", "x.pdf", "-q", "a b?"], ["info"]]


def test_every_page_shows_a_command():
    assert all(any(map(_monkey_commands, _shell_lines(page))) for page in PAGES)


@pytest.mark.parametrize("folder, arguments", COMMANDS)
def test_commands_in_the_documentation_parse(folder, arguments, monkeypatch):
    monkeypatch.chdir(folder)

    _parse(cli.monkey, "monkey", arguments, None)


@pytest.mark.parametrize("name, command", _all_commands(cli.monkey, "monkey"))
def test_every_command_and_option_has_help(name, command):
    assert command.help, name

    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]}"


@pytest.mark.parametrize("name, command", _all_commands(cli.monkey, "monkey"))
def test_help_shows_no_markup(name, command):
    shown = command.get_help(click.Context(command, info_name=name))

    assert "\\b" not in shown
    assert "``" not in shown
