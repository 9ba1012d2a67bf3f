"""The examples in docstrings run, and say the truth.

Pytest's own collector imports every module, torch with it, and most of them hold no example.
"""

import doctest
import importlib
from pathlib import Path

import pytest

from monkeycli.catalog import DEFAULT_MODEL, find_checkpoint
from monkeycli.errors import MonkeyError

ROOT = Path(__file__).parents[1]


PACKAGES = (
    ROOT / "monkeycli",
    ROOT / "plugins" / "describe-hf" / "monkey_describe_hf",
    ROOT / "plugins" / "summarize" / "monkey_summarize",
)


def _module(path: Path, package: Path) -> str:
    name = ".".join(path.relative_to(package.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = [
    _module(path, package)
    for package in PACKAGES
    for path in sorted(package.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


def _has_model() -> bool:
    try:
        return (find_checkpoint(DEFAULT_MODEL) / "config.json").is_file()
    except MonkeyError:
        return False


@pytest.mark.parametrize("module", MODULES)
def test_examples_say_the_truth(module, monkeypatch):
    """Examples marked with SKIP need the small model, and run where it is installed."""
    monkeypatch.chdir(ROOT)
    runner = doctest.DocTestRunner()
    tests = doctest.DocTestFinder().find(importlib.import_module(module))
    examples = [example for test in tests for example in test.examples]
    assert examples
    if any(doctest.SKIP in example.options for example in examples):
        if not _has_model():
            pytest.skip(f"{DEFAULT_MODEL} is not installed: pip install ./plugins/marmoset")
        for example in examples:
            example.options.pop(doctest.SKIP, None)

    num_failed = sum(runner.run(test).failed for test in tests)

    assert num_failed == 0, f"{num_failed} of {len(examples)} examples fail, see above"
