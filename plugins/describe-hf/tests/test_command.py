"""`monkey generator` as a user meets it."""

import subprocess
import sys

import pytest
from monkey_describe_hf import pulling
from monkey_describe_hf.published import KINDS, store_folder

from monkeycli.cli import run as run_cli

pytestmark = pytest.mark.usefixtures("installed", "no_network")


def test_list_shows_all_and_which_are_here(capsys):
    store_folder(KINDS[2].repo).mkdir(parents=True)

    assert run_cli(["generator", "list"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[:3] for row in rows] == [[kind.stage, kind.generator, kind.repo] for kind in KINDS]
    assert [row[3] != "-" for row in rows] == [False, False, True, False, False]


def test_pull_prints_the_folder_alone_and_shows_the_licence(capsys, monkeypatch, tmp_path):
    asked = []

    def pull(repo, *, revision, report):
        asked.append((repo, revision))
        report("fetching")
        return tmp_path

    monkeypatch.setattr(pulling, "pull_generator", pull)
    words = ["generator", "pull", "facebook/sam-vit-base", "--revision", "abc"]

    assert run_cli(words) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path}\n"
    assert "Apache-2.0" in err
    assert asked == [("facebook/sam-vit-base", "abc")]


def test_describe_never_pulls_but_says_how(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(b"")

    assert run_cli(["describe", "a.png", "--region", "florence2"]) == 5
    assert "monkey generator pull florence-community/Florence-2-base" in capsys.readouterr().err


def test_help_is_light():
    program = (
        "import sys; from monkey_describe_hf.command import generator\n"
        "generator(['pull', '--help'], standalone_mode=False)\n"
        "print(sorted({'torch', 'transformers', 'PIL'} & set(sys.modules)))"
    )
    path = ":".join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": path},
    )

    assert done.stdout.splitlines()[-1] == "[]"
