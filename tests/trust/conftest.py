"""The command as a process of its own, in a folder of its own, with the small checkpoint."""

import os

import pytest

from tests.trust.forked_commands import Commands


@pytest.fixture(scope="session")
def commands():
    """Give what starts commands; its imports cost seconds, so there is one for all tests."""
    server = Commands()
    yield server
    server.close()


@pytest.fixture
def folder(tmp_path):
    """Give the folder that commands run in."""
    path = tmp_path / "here"
    path.mkdir()
    return path


@pytest.fixture
def environment(small_folder):
    """Give what the commands find in their environment."""
    return {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "100",
        "MONKEY_MODEL": str(small_folder),
        "MONKEY_DEVICE": "cpu",
        "MONKEY_DTYPE": "float32",
        "MONKEY_MAX_TOKENS": "4",
        "MONKEY_TEXT": "layer",
    }


@pytest.fixture
def start(commands, folder, environment):
    """Give a function that starts a command: `start("ask", "a.pdf", "-q", "who?")`."""

    def run(*words, environment=environment, **options):
        return commands.start(*words, folder=folder, environment=environment, **options)

    return run


@pytest.fixture
def monkey(start):
    """Give a function that runs a command to its end."""

    def run(*words, timeout=300, **options):
        return start(*words, **options).wait(timeout)

    return run
