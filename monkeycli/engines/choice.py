"""Which engine is meant: `--engine NAME[:KEY=VALUE,...]`."""

from collections.abc import Mapping
from dataclasses import dataclass

from monkeycli.errors import UsageError

LOCAL = "local"
"""The engine that is always there: processes on this machine, one for each device."""


@dataclass(frozen=True)
class EngineChoice:
    """An engine's name, and what was said to it."""

    name: str
    settings: Mapping[str, str]


def parse_engine(text: str) -> EngineChoice:
    """Read an engine as typed; whether there is such a one is seen later.

    Raises:
        UsageError: `text` is not a name, or what follows it is not KEY=VALUE,...

    >>> parse_engine("ray:workers=2,cpus=4")
    EngineChoice(name='ray', settings={'workers': '2', 'cpus': '4'})
    """
    name, colon, rest = text.partition(":")
    settings: dict[str, str] = {}
    for part in rest.split(",") if colon else ():
        key, equals, value = part.partition("=")
        if not (key and equals and value) or key in settings:
            raise UsageError(f"engine {text!r}: {part!r} is not KEY=VALUE", "as ray:workers=2")
        settings[key] = value
    if not name:
        raise UsageError(f"engine {text!r} has no name", "as local, or ray:workers=2")
    if name == LOCAL and settings:
        raise UsageError(f"engine {text!r}: {LOCAL} has no settings", "name devices with --device")
    return EngineChoice(name, settings)
