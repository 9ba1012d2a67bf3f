"""Which crew is meant, and what to do where there is none."""

import pytest

from monkeycli import plugins
from monkeycli.engines import opening
from monkeycli.engines.choice import EngineChoice, parse_engine
from monkeycli.engines.opening import open_crew
from monkeycli.engines.processes import Processes
from monkeycli.errors import ModelError, UsageError

LOCAL = EngineChoice("local", {})


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_one_device_needs_no_crew(device):
    assert open_crew(LOCAL, device) is None


def test_a_list_of_devices_is_a_process_for_each():
    crew = open_crew(LOCAL, "cpu,cpu")

    assert isinstance(crew, Processes)
    assert crew.devices == ("cpu", "cpu")


@pytest.mark.parametrize(
    "device, kind", [("cuda:98,99", ModelError), ("cpu,tpu", UsageError), ("cpu,", UsageError)]
)
def test_devices_are_checked_before_anything_is_started(device, kind):
    with pytest.raises(kind):
        open_crew(LOCAL, device)


@pytest.mark.parametrize(
    "name, hint", [("ray", "pip install ./plugins/ray"), ("spark", "those there are: local")]
)
def test_an_engine_that_is_not_installed(name, hint, monkeypatch):
    monkeypatch.setattr(opening, "plugin_names", lambda group: [])

    with pytest.raises(ModelError, match=f"engine '{name}' is not installed; {hint}"):
        open_crew(EngineChoice(name, {}), "auto")


def test_a_plugin_is_given_the_device_and_the_settings(monkeypatch):
    monkeypatch.setattr(opening, "plugin_names", lambda group: ["other"])
    monkeypatch.setattr(opening, "load_plugin", lambda group, name: lambda *given: (name, *given))

    crew = open_crew(parse_engine("other:workers=2"), "cuda")

    assert crew == ("other", "cuda", {"workers": "2"})
    assert plugins.plugin_names("monkeycli.nothing") == []
