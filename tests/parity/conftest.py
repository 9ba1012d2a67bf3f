"""The two small checkpoints that the published code made its numbers with."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.parity.reference import PARITY, Reference

torch.set_num_threads(1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not PARITY.is_dir():
        terminalreporter.section("PARITY NOT CHECKED", red=True, bold=True)
        terminalreporter.line(f"{PARITY} is absent: nothing proves the published weights run right")


@pytest.fixture(scope="session")
def parity() -> Path:
    if not PARITY.is_dir():
        pytest.skip(f"PARITY NOT CHECKED: {PARITY} is absent")
    return PARITY


@pytest.fixture(scope="session")
def tiny(parity: Path) -> Reference:
    """Give the checkpoint with 2304 tokens and its goldens."""
    return Reference.load(parity / "tiny", goldens="goldens_tiny")


@pytest.fixture(scope="session")
def fullvocab(parity: Path, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Give the checkpoint with the published vocabulary; its two largest matrices are drawn."""
    folder = tmp_path_factory.mktemp("fullvocab")
    source = parity / "fullvocab"
    weights = load_file(source / "model-core.safetensors")
    for name, recipe in json.loads((source / "recipe.json").read_text()).items():
        random = np.random.RandomState(recipe["numpy_randomstate_seed"])
        levels = random.randint(*recipe["randint"], size=tuple(recipe["shape"]), dtype=np.int8)
        assert hashlib.sha256(levels.tobytes()).hexdigest() == recipe["int8_sha256"]
        weights[name] = torch.from_numpy(levels).float() * 2.0 ** recipe["scale_pow2"]
    save_file(weights, folder / "model.safetensors")
    shutil.copy(source / "config.json", folder)
    shutil.copy(parity / "qwen.tiktoken", folder)
    return Reference.load(folder, goldens="goldens_fullvocab")
