"""Find and load plugins by their entry points; knows nothing of what they do.

Groups: `monkeycli.readers`, `monkeycli.writers`, `monkeycli.commands`, `monkeycli.models`,
`monkeycli.texts`, `monkeycli.engines`, and `monkeycli.describe.STAGE` for each stage of a
description. Listing names imports no plugin. A plugin that is broken costs its own feature only:
the error comes when it is asked for.
"""

import functools
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

from monkeycli.errors import UsageError


class PluginError(UsageError):
    """A plugin cannot be had: it is broken, or two packages claim its name."""


@functools.cache
def _find_plugins(group: str) -> Mapping[str, tuple[EntryPoint, ...]]:
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=group):
        found[point.name] = (*found.get(point.name, ()), point)
    return found


def plugin_names(group: str) -> list[str]:
    """Give the sorted names of a group's installed plugins, without importing them."""
    return sorted(_find_plugins(group))


def load_plugin(group: str, name: str) -> object:
    """Import a plugin.

    Args:
        group: of entry points, as `monkeycli.readers`.
        name: one of `plugin_names(group)`.

    Returns:
        The object that the entry point names; the caller knows what it ought to be.

    Raises:
        PluginError: two packages claim `name`, or the plugin fails when it is imported.
    """
    points = _find_plugins(group)[name]
    if len(points) > 1:
        packages = " and ".join(sorted(_package_name(point) for point in points))
        raise PluginError(
            f"{group} {name!r} is claimed by both {packages}", "uninstall one of them"
        )
    point = points[0]
    try:
        return point.load()
    except (Exception, SystemExit) as error:  # the border: a plugin may raise anything
        raise PluginError(
            f"{group} {name!r} of package {_package_name(point)} cannot be loaded: {error!r}",
            f"update or uninstall {_package_name(point)}",
        ) from error


def _package_name(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
