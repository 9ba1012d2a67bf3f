"""The crew that is always there keeps to what is promised of crews."""

import inspect

import pytest

from monkeycli.engines.crew import Crew
from monkeycli.engines.processes import Processes
from tests.scripted_crew import ScriptedCrew


@pytest.mark.parametrize("kind", [Processes, ScriptedCrew])
@pytest.mark.parametrize("name", ["start", "send", "receive", "close"])
def test_crews_take_what_crews_take(kind, name):
    promised = inspect.signature(getattr(Crew, name)).parameters

    assert list(inspect.signature(getattr(kind, name)).parameters) == list(promised)
