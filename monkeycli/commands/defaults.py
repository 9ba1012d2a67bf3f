"""Where an option's value comes from when nobody typed it: variables, files, the default.

`config_option` has to stand among a command's options; it reads the settings before all others.
"""

from collections.abc import Iterable, Mapping

import click

from monkeycli.messages import print_line
from monkeycli.settings import (
    OTHER_VARIABLES,
    Setting,
    read_settings,
    unknown_variables,
    variable_name,
)

UNSETTABLE = {
    *("help", "config", "question", "questions", "output", "resume", "overwrite", "data"),
    *("retry-failed", "dry-run", "json", "verbose", "report", "as-train", "stages", "captions"),
}
"""Long names that no file or variable may set: they belong to one run."""

Settings = Mapping[str, Mapping[str, Setting]]
"""By command and key."""

_META = "monkeycli.settings"


def settable_keys(command: click.Command) -> list[str]:
    """Give the long names of a command's options that files and variables may set."""
    names = [
        _long_name(parameter)
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.multiple
    ]
    return [name for name in names if name not in UNSETTABLE]


def settings_of(context: click.Context) -> Settings:
    """Give what variables and files set, for every command; `config_option` has read it."""
    settings: Settings = context.meta.get(_META, {})
    return settings


def origin_of(context: click.Context | None, parameter: click.Parameter | None) -> str | None:
    """Say what set an option: `$MONKEY_GRID`, or the path of a file.

    Args:
        context: of the command.
        parameter: of the command.

    Returns:
        None if it was typed, or has its default.
    """
    if context is None or not isinstance(parameter, click.Option) or not parameter.name:
        return None
    if context.get_parameter_source(parameter.name) is not click.core.ParameterSource.DEFAULT_MAP:
        return None
    settings = settings_of(context).get(context.info_name or "", {})
    return settings[_long_name(parameter)].origin


def warn_of_variables(context: click.Context, environ: Mapping[str, str]) -> None:
    """Say on standard error which `MONKEY_*` variables set nothing: they may be misspelt.

    Args:
        context: of a command.
        environ: the environment.
    """
    known = [variable_name(key) for keys in _known(context).values() for key in keys]
    for name, nearest in unknown_variables([*known, *OTHER_VARIABLES], environ).items():
        guess = f"; did you mean ${nearest}?" if nearest else ""
        print_line(f"monkey: warning: ${name} sets nothing{guess}")


def _known(context: click.Context) -> dict[str, list[str]]:
    """Give what may be set, per command of the group that a command belongs to."""
    group = context.find_root().command
    commands: Mapping[str, click.Command] = getattr(group, "commands", {})
    keys = {name: settable_keys(command) for name, command in commands.items()}
    return {name: known for name, known in keys.items() if known}


def _apply_settings(context: click.Context, _: click.Parameter, path: str | None) -> None:
    """Make what variables and files set the command's defaults."""
    settings = context.meta[_META] = read_settings(_known(context), config=path)
    names = {_long_name(option): option.name for option in _options(context.command.params)}
    found = settings.get(context.info_name or "", {})
    context.default_map = {names[key]: setting.value for key, setting in found.items()}


def _options(parameters: Iterable[click.Parameter]) -> list[click.Option]:
    return [parameter for parameter in parameters if isinstance(parameter, click.Option)]


def _long_name(option: click.Option) -> str:
    return next(name for name in option.opts if name.startswith("--")).removeprefix("--")


config_option = click.option(
    "--config",
    metavar="FILE",
    is_eager=True,
    expose_value=False,
    callback=_apply_settings,
    help="Read settings from FILE (TOML), too; see monkey info.",
)
