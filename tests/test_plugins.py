import sys

import pytest

from monkeycli import plugins
from monkeycli.plugins import PluginError, load_plugin, plugin_names

GROUP = "monkeycli.test_plugins"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Give a function that installs a package with one module and entry points of `GROUP`."""
    monkeypatch.syspath_prepend(tmp_path)
    plugins._find_plugins.cache_clear()

    def install(package: str, code: str, **points: str) -> None:
        (tmp_path / f"{package}.py").write_text(code)
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = [f"{name} = {value}" for name, value in points.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]))
        monkeypatch.delitem(sys.modules, package, raising=False)

    yield install
    plugins._find_plugins.cache_clear()


def test_without_plugins_there_are_no_names():
    assert plugin_names("monkeycli.nothing") == []


def test_listing_imports_nothing_and_loading_does(install):
    install("plugin_a", "value = 41 + 1", b="plugin_a:value", a="plugin_a:value")

    assert plugin_names(GROUP) == ["a", "b"]
    assert "plugin_a" not in sys.modules
    assert load_plugin(GROUP, "a") == 42


@pytest.mark.parametrize("code", ["1 / 0", "import nowhere", "raise SystemExit(9)", "other = 1"])
def test_a_broken_plugin_costs_only_itself(install, code):
    install("plugin_broken", code, broken="plugin_broken:value")
    install("plugin_good", "value = 1", good="plugin_good:value")

    with pytest.raises(PluginError, match=r"'broken' of package plugin_broken cannot be loaded"):
        load_plugin(GROUP, "broken")
    assert load_plugin(GROUP, "good") == 1


def test_two_packages_that_claim_a_name_are_both_named(install):
    install("plugin_one", "value = 1", same="plugin_one:value")
    install("plugin_two", "value = 2", same="plugin_two:value", other="plugin_two:value")

    assert plugin_names(GROUP) == ["other", "same"]
    with pytest.raises(PluginError, match="'same' is claimed by both plugin_one and plugin_two"):
        load_plugin(GROUP, "same")
    assert load_plugin(GROUP, "other") == 2
