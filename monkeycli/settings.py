"""Settings from the environment and from configuration files, and where each came from.

The first that sets a key wins: an option on the command line, `$MONKEY_KEY`, the file named with
`--config`, `./monkey.toml`, the user's own file, the default. A file's `[ask]` section holds for
`monkey ask`, what stands above all sections for every command that knows the key; within one file
the section wins. A key is an option's long name: `batch-size = 4`. Knows no options itself.
"""

import difflib
import os
import sys
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from monkeycli.errors import UsageError

PROJECT_FILE = "monkey.toml"
"""Looked for in the current folder."""

PREFIX = "MONKEY_"
"""Of environment variables: `MONKEY_BATCH_SIZE=4`."""

PASSWORD_VARIABLE = "MONKEY_PDF_PASSWORD"  # noqa: S105 - the variable's name, no password
"""Opens encrypted PDFs; the command line has no such option, for others can read it."""

OTHER_VARIABLES = (PASSWORD_VARIABLE, "MONKEY_HOME")
"""Variables that mean something to us and set no option."""

Value = bool | int | float | str | list[bool | int | float | str]
"""What a setting may be."""


@dataclass(frozen=True)
class Setting:
    """A setting's value, and where it came from."""

    value: Value
    """As it was written; text, if it came from the environment."""
    origin: str
    """`$MONKEY_MODEL`, or the path of a file."""


def user_file(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Give the path of the user's own configuration file, whether or not it is there.

    >>> user_file({"XDG_CONFIG_HOME": "/etc/xdg"}, "linux").as_posix()
    '/etc/xdg/monkey/config.toml'
    """
    home = Path(environ.get("HOME") or Path.home())
    if platform == "win32":
        folder = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    elif platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(environ.get("XDG_CONFIG_HOME", ""))
        if not folder.is_absolute():  # the XDG specification says to ignore it then
            folder = home / ".config"
    return folder / "monkey" / "config.toml"


def read_settings(
    keys: Mapping[str, Collection[str]],
    *,
    config: str | None = None,
    environ: Mapping[str, str] = os.environ,
    folder: Path = Path(),
) -> dict[str, dict[str, Setting]]:
    """Read what the environment and the configuration files set.

    Args:
        keys: the keys that may be set, per command: options' long names without `--`.
        config: the file named with `--config`.
        environ: the environment.
        folder: where to look for `monkey.toml`.

    Returns:
        Per command and key, the setting that counts where the command line sets nothing.

    Raises:
        UsageError: a file cannot be read, is not TOML, or has an unknown key or section; a value
            is not a text, number, truth value or a list of those.
    """
    if config is not None and not Path(config).is_file():
        raise UsageError(f"configuration file {config} (--config) does not exist")
    layers = [path for path in (user_file(environ), folder / PROJECT_FILE) if path.is_file()]
    layers += [Path(config)] if config is not None else []
    settings: dict[str, dict[str, Setting]] = {command: {} for command in keys}
    for path in layers:  # from the weakest to the strongest
        for command, values in _read_file(path, keys).items():
            settings[command] |= {key: Setting(v, str(path)) for key, v in values.items()}
    for command, known in keys.items():
        for key in known:
            name = variable_name(key)
            if name in environ:
                settings[command][key] = Setting(environ[name], f"${name}")
    return settings


def variable_name(key: str) -> str:
    """Give the environment variable that sets a key.

    >>> variable_name("batch-size")
    'MONKEY_BATCH_SIZE'
    """
    return PREFIX + key.upper().replace("-", "_")


def unknown_variables(
    known: Iterable[str], environ: Mapping[str, str] = os.environ
) -> dict[str, str | None]:
    """Find `MONKEY_*` variables that set nothing, to warn of; they may be another program's.

    Args:
        known: names of all variables that mean something to us.
        environ: the environment.

    Returns:
        The known name each resembles, or None.
    """
    endings = {name.removeprefix(PREFIX) for name in known}
    found: dict[str, str | None] = {}
    for name in sorted(environ):
        ending = name.removeprefix(PREFIX)
        if name != ending and ending not in endings:
            nearest = _nearest(ending, endings)
            found[name] = nearest and PREFIX + nearest
    return found


def read_password(path: str | None, environ: Mapping[str, str] = os.environ) -> str | None:
    """Read the password of encrypted PDFs: from a file, else from `$MONKEY_PDF_PASSWORD`.

    Args:
        path: of a file that holds nothing else, as `--password-file` names it.
        environ: the environment.

    Returns:
        None if there is none.

    Raises:
        UsageError: the file cannot be read.
    """
    if path is None:
        return environ.get(PASSWORD_VARIABLE)
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise UsageError(f"--password-file {path} cannot be read") from error


def _read_file(path: Path, keys: Mapping[str, Collection[str]]) -> dict[str, dict[str, Value]]:
    """Give what a file sets, per command."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise UsageError(f"{path}: not a configuration file: {error}") from error
    everywhere = {key for known in keys.values() for key in known}
    found: dict[str, dict[str, Value]] = {command: {} for command in keys}
    for written, value in table.items():
        if isinstance(value, dict):
            continue
        key = _check_key(written, everywhere, f"{path}: unknown key")
        for command, known in keys.items():
            if key in known:
                found[command][key] = _check_value(value, f"{path}: {written}")
    for section, values in table.items():
        if isinstance(values, dict):
            command = _check_key(section, keys, f"{path}: unknown section")
            for written, value in values.items():
                key = _check_key(written, keys[command], f"{path}: in [{section}] unknown key")
                found[command][key] = _check_value(value, f"{path}: [{section}] {written}")
    return found


def _check_key(written: str, known: Collection[str], what: str) -> str:
    key = written.replace("_", "-")
    if key in known:
        return key
    nearest = _nearest(key, known)
    hint = f"did you mean {nearest!r}?" if nearest else "known are " + ", ".join(sorted(known))
    raise UsageError(f"{what} {written!r}", hint)


def _check_value(value: object, place: str) -> Value:
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        parts = [part for part in value if isinstance(part, bool | int | float | str)]
        if len(parts) == len(value):
            return parts
    raise UsageError(f"{place} must be a text, a number, true, false, or a list of those")


def _nearest(name: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)
