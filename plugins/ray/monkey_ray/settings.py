"""What may follow `--engine ray:`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from monkeycli.errors import UsageError

KEYS = ("address", "workers", "cpus")


@dataclass(frozen=True)
class Settings:
    """Where the cluster is, and how much of it is wanted."""

    address: str | None = None
    """Of a running cluster, as Ray takes it; None to start one on this machine."""
    workers: int | None = None
    """Most workers; None for as many as there is room for."""
    cpus: int | None = None
    """Cores that each worker gets."""


def read_settings(
    settings: Mapping[str, str], environment: Mapping[str, str] = os.environ
) -> Settings:
    """Read the settings; a cluster's address may stand in `RAY_ADDRESS`, too.

    Raises:
        UsageError: a key is unknown, or a number is none.
    """
    for key in settings:
        if key not in KEYS:
            raise UsageError(f"--engine ray has no setting {key!r}", f"it has {', '.join(KEYS)}")
    return Settings(
        settings.get("address") or environment.get("RAY_ADDRESS") or None,
        _number(settings, "workers"),
        _number(settings, "cpus"),
    )


def _number(settings: Mapping[str, str], key: str) -> int | None:
    text = settings.get(key)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise UsageError(f"--engine ray: {key}={text} is not a number from 1")
    return int(text)
