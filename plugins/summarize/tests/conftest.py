"""Evidence to write about, and a home for what is cached."""

import pytest

from monkeycli.describing.evidence import Evidence
from monkeycli.describing.providers import Draft
from tests.installed_plugin import install_plugin


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("MONKEY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Make this package's entry points known, as pip would."""
    install_plugin("summarize", tmp_path / "site", monkeypatch)


@pytest.fixture
def evidence():
    return (
        Evidence("global", "a dog on grass"),
        Evidence("region", "a brown dog", (0.0, 0.4, 0.3, 0.9), match=0.9),
        Evidence("text", "Total: $1,234.50", (0.7, 0.0, 0.9, 0.1), confidence=0.99),
    )


@pytest.fixture
def draft(evidence):
    return Draft(evidence)
