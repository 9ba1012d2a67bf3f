"""What all tests share: the same examples everywhere, and a home of their own for pulled models."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests.loopback_hub import LoopbackHub

if TYPE_CHECKING:
    from monkeycli.api import Monkey

# No deadline: a busy machine is no failure. Derandomized: a failure comes back on every machine.
settings.register_profile("calm", deadline=None, derandomize=True)
settings.load_profile("calm")


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep pulled models and settings away from those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        for name in [name for name in os.environ if name.startswith("MONKEY_")]:
            patch.delenv(name)
        patch.setenv("MONKEY_HOME", str(home))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        yield home


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a small checkpoint in our layout."""
    from tests.small_checkpoint import draw_small

    return draw_small(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="session")
def small_monkey(small_folder: Path) -> "Monkey":
    """Give the small checkpoint, loaded; leave it as it is."""
    from monkeycli.api import load

    return load(small_folder, device="cpu", dtype="float32")


@pytest.fixture
def rounded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Round matrices coarsely where they would be quantized; give the kinds that were asked for.

    The package that quantizes is an extra, and what it does is seen in `model/test_quantize.py`.
    """
    kinds: list[str] = []

    def quantize_onto(model: Any, kind: str, device: object) -> None:
        kinds.append(kind)
        for weight in model.model.language_model.layers.parameters():
            weight.data = (4 * weight.data).round() / 4
        model.to(device)

    monkeypatch.setattr("monkeycli.options.find_spec", lambda name: object())
    monkeypatch.setattr("monkeycli.api.quantize_onto", quantize_onto)
    monkeypatch.setattr("monkeycli.bench.subjects.quantize_onto", quantize_onto)
    return kinds


@pytest.fixture
def make_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LoopbackHub]]:
    """Give a function that starts a hub on this machine and makes it the one that is asked."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 4096)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as stack:

        def make(repo: str, files: dict[str, bytes]) -> LoopbackHub:
            hub = stack.enter_context(LoopbackHub(repo, files))
            monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
            return hub

        yield make
