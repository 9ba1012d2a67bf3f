"""From an engine's name to its crew."""

from typing import cast

from monkeycli.engines.choice import LOCAL, EngineChoice
from monkeycli.engines.crew import GROUP, Crew, Engine
from monkeycli.engines.processes import Processes
from monkeycli.errors import ModelError
from monkeycli.model.device import choose_device, split_devices
from monkeycli.plugins import load_plugin, plugin_names


def open_crew(choice: EngineChoice, device: str) -> Crew | None:
    """Make the crew that is asked for; no worker is started yet.

    A single device on this machine needs none: this process does the work itself.

    Args:
        choice: of the engine.
        device: as typed; the local engine takes a list.

    Raises:
        UsageError: a device or a setting is wrong.
        ModelError: there is no such engine or device.
    """
    if choice.name == LOCAL:
        devices = split_devices(device)
        if len(devices) == 1:
            return None
        for name in devices:
            choose_device(name)
        return Processes(devices)
    names = plugin_names(GROUP)
    if choice.name not in names:
        known = ", ".join([LOCAL, *names])
        hint = "pip install ./plugins/ray" if choice.name == "ray" else f"those there are: {known}"
        raise ModelError(f"engine {choice.name!r} is not installed", hint)
    return cast("Engine", load_plugin(GROUP, choice.name))(device, choice.settings)
