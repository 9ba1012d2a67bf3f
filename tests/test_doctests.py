"""The examples in docstrings run, and say the truth.

Pytest's own collector imports every module, torch with it, and most of them hold no example.
"""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = [
    _module(path)
    for path in sorted((ROOT / "monkeycli").rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_say_the_truth(module):
    outcome = doctest.testmod(importlib.import_module(module))

    assert outcome.attempted > 0
    assert outcome.failed == 0, f"{outcome.failed} of {outcome.attempted} examples fail, see above"
