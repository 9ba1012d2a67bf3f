"""The `monkey` command: its subcommands, those of plugins, and from an error to an exit code."""

import errno
import os
import re
import shlex
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from monkeycli import __version__
from monkeycli.commands.ask import ask
from monkeycli.commands.bench import bench
from monkeycli.commands.caption import caption
from monkeycli.commands.defaults import origin_of
from monkeycli.commands.describe import describe
from monkeycli.commands.info import info
from monkeycli.commands.model import model
from monkeycli.commands.score import score
from monkeycli.commands.train import train
from monkeycli.errors import ExitCode, MonkeyError
from monkeycli.messages import print_line
from monkeycli.plugins import load_plugin, plugin_names
from monkeycli.signals import StoppedError
from monkeycli.streams import PipeClosedError, silence_stdout

PLUGINS = "monkeycli.commands"
"""Entry points that offer a `click.Command` under its name."""


class MonkeyGroup(click.Group):
    """The built-in commands, and those of plugins, which are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of all commands; imports no plugin."""
        own = super().list_commands(ctx)
        return sorted({*own, *plugin_names(PLUGINS)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command; a plugin that is broken shows its error when it is run."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in plugin_names(PLUGINS):
            return own
        try:
            command = load_plugin(PLUGINS, cmd_name)
        except MonkeyError as error:
            return _broken(cmd_name, error)
        assert isinstance(command, click.Command), f"{PLUGINS} {cmd_name!r} is no click.Command"
        return command


@click.group(
    cls=MonkeyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Completion: eval "$(_MONKEY_COMPLETE=bash_source monkey)", or zsh_source, fish_source.',
)
@click.version_option(__version__, message="%(version)s")
def monkey() -> None:
    """Answer questions about documents and describe images, on your own machine.

    \b
    monkey ask report.pdf -q "total revenue?"
    monkey caption ./photos -o out.jsonl
    """


for _command in (ask, bench, caption, describe, info, model, score, train):
    monkey.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    # Waiting threads of torch spin by default, and starve the processes that rasterize pages: on
    # two busy cores a first answer took 17 s of processor time instead of 7.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:  # noqa: PLR0911 - one for each way a run can end
    """Run the command line.

    Returns:
        The exit code; messages have gone to standard error.
    """
    try:
        code = monkey.main(list(arguments), prog_name="monkey", standalone_mode=False)
        return int(code or ExitCode.OK)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        _say_where_it_was_set(error)
        return ExitCode.USAGE
    except (KeyboardInterrupt, click.Abort):
        print_line("monkey: stopped")
        _say_how_to_go_on(arguments)
        return ExitCode.INTERRUPTED
    except (PipeClosedError, BrokenPipeError):
        silence_stdout()
        return ExitCode.PIPE
    except MonkeyError as error:
        print_line(f"monkey: {error}")
        if isinstance(error, StoppedError):
            _say_how_to_go_on(arguments)
        return error.exit_code
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return _tell_of_bug(error, arguments)
        silence_stdout()  # help that did not fit, mostly; results have an error of their own
        place = error.filename or "standard output or a temporary file"
        print_line(f"monkey: {place} cannot be written: {error.strerror}")
        return ExitCode.OUTPUT
    except Exception as error:  # noqa: BLE001 - the last border: a bug of ours, told in one line
        return _tell_of_bug(error, arguments)


def _tell_of_bug(error: Exception, arguments: Sequence[str]) -> int:
    """Tell of an error that nothing foresaw, in a line or, with `-v`, with its traceback."""
    print_line(f"monkey: internal error: {type(error).__name__}: {error}")
    if {"-v", "--verbose"} & set(arguments):
        traceback.print_exception(error)
    else:
        print_line("monkey: this is a bug; -v shows where, please report it")
    return ExitCode.INTERNAL


def _say_where_it_was_set(error: click.ClickException) -> None:
    """Tell where the wrong value of an option comes from, if nobody typed it."""
    if isinstance(error, click.BadParameter) and error.param is not None:
        origin = origin_of(error.ctx, error.param)
        if origin:
            print_line(f"monkey: {max(error.param.opts, key=len)} is set by {origin}")


def _say_how_to_go_on(arguments: Sequence[str]) -> None:
    """Name the command that resumes what these arguments were writing to a file, if any."""
    words = list(arguments)
    command = monkey.commands.get(words[0]) if words else None
    if command is None or all(parameter.name != "resume" for parameter in command.params):
        return
    options = words[: words.index("--")] if "--" in words else words
    if any(re.match("-o|--output(=|$)", word) for word in options):
        kept = [word for word in options if word not in ("--resume", "--overwrite")]
        again = ["monkey", *kept, "--resume", *words[len(options) :]]
        print_line(f"monkey: go on with: {shlex.join(again)}")


def _broken(name: str, error: MonkeyError) -> click.Command:
    def fail(**_: Any) -> None:
        raise error

    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=fail, context_settings=settings, short_help="(broken)")
