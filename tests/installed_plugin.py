"""Make a package under `plugins/` known by its entry points, without installing it."""

import tomllib
from pathlib import Path

import pytest

from monkeycli import plugins

ROOT = Path(__file__).parents[1]


def install_plugin(name: str, site: Path, patch: pytest.MonkeyPatch) -> None:
    """Write what `pip install ./plugins/NAME` would say of it, and put that before all others.

    Args:
        name: of the folder under `plugins/`.
        site: folder to write into; several packages may lie in it.
        patch: takes it back at the end of the test.
    """
    project = tomllib.loads((ROOT / "plugins" / name / "pyproject.toml").read_text())["project"]
    folder = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    folder.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (folder / "METADATA").write_text(head)
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{point} = {target}" for point, target in points.items()), ""]
    (folder / "entry_points.txt").write_text("\n".join(lines))
    patch.syspath_prepend(site)
    plugins._find_plugins.cache_clear()
    patch.setattr(plugins, "_find_plugins", plugins._find_plugins.__wrapped__)
