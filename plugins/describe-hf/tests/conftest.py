"""Tiny models, drawn once, and images to look at."""

import socket

import pytest

from monkeycli.describing.providers import ProviderOptions
from tests.installed_plugin import install_plugin
from tests.tiny_generators import draw_pictures


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Give a function from a name of `tiny_generators.draw_NAME` to the folder of that model."""
    from tests import tiny_generators

    home, made = tmp_path_factory.mktemp("weights"), {}

    def draw(name):
        if name not in made:
            made[name] = getattr(tiny_generators, f"draw_{name}")(home / name)
        return made[name]

    return draw


@pytest.fixture(scope="session")
def options(weights):
    """Give a function from a tiny model's name to the options of its generator."""
    return lambda name: ProviderOptions(where=str(weights(name)), device="cpu")


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("MONKEY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Make this package's entry points known, as pip would."""
    install_plugin("describe-hf", tmp_path / "site", monkeypatch)


@pytest.fixture
def pictures():
    """Give two images of different shapes: a red square and a blue ball, and these turned."""
    return draw_pictures()
