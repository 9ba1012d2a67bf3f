"""Run every command that the READMEs show and write down what it really printed.

    python examples/refresh.py            # writes the outputs back
    python examples/refresh.py --check    # writes nothing; fails where a README is out of date
    python examples/refresh.py examples/train-invoices/README.md    # only what is named

A command is a line that begins with `$ ` inside a ```console block, and runs in the folder of its
README, in a copy: files that it writes are gone afterwards. Only stdout is written down. A README
with a line `<!-- needs: NAME -->` is left as it is where the package NAME is not installed, one
with `<!-- slow -->` unless it is named. The files of `<!-- keeps: FILE FILE -->` are taken over.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]

PAGES = (Path("README.md"), *sorted(p.relative_to(ROOT) for p in ROOT.glob("examples/*/README.md")))
"""The READMEs with commands, relative to the repository."""

BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
"""What stands inside a ```console block."""

COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n", re.MULTILINE)
"""A command of one or more lines: all but the last end in a backslash."""


NEEDS = re.compile(r"^<!-- needs: (\S+) -->$", re.MULTILINE)
"""A package that a README's commands use."""


MADE = shutil.ignore_patterns("data", "runs", "__pycache__")
"""Folders that somebody's own trial of an example leaves behind."""

SLOW = re.compile(r"^<!-- slow -->$", re.MULTILINE)
"""A README whose commands take many minutes, or print another time every time."""

KEEPS = re.compile(r"^<!-- keeps: (.+) -->$", re.MULTILINE)
"""Files that a README's commands make and that it shows: pictures."""


def missing_packages(text: str) -> list[str]:
    """Give the packages that a README needs and that are not installed here."""
    return [name for name in NEEDS.findall(text) if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def refresh_page(page: Path, copy: Path) -> str:
    """Run the commands of a README.

    Args:
        page: relative to the repository.
        copy: of the repository's README and examples, where the commands run.

    Returns:
        The README's text with the commands' present output.

    Raises:
        subprocess.CalledProcessError: a command failed.
    """
    folder = copy / page.parent

    def run_block(block: re.Match[str]) -> str:
        commands = COMMAND.findall(block[0])
        return "\n".join(f"$ {command}\n{_run(command, folder)}" for command in commands)

    return BLOCK.sub(run_block, (ROOT / page).read_text(encoding="utf-8"))


def _run(command: str, folder: Path) -> str:
    """Run one command with bash; give its stdout, which ends in a newline unless it is empty."""
    settings = {name: value for name, value in os.environ.items() if name[:7] != "MONKEY_"}
    programs = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=settings | {"PATH": programs + os.pathsep + os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.rstrip("\n") + "\n" * bool(done.stdout.strip())


def chosen_pages(names: Sequence[str]) -> list[Path]:
    """Give the READMEs that were named, relative to the repository; else all that are quick."""
    if names:
        return [Path(name).resolve().relative_to(ROOT) for name in names]
    return [page for page in PAGES if not SLOW.search((ROOT / page).read_text(encoding="utf-8"))]


def refresh_all(pages: Sequence[Path], *, is_check: bool) -> list[Path]:
    """Refresh READMEs.

    Args:
        pages: to refresh, relative to the repository.
        is_check: whether to leave the files as they are.

    Returns:
        The READMEs that were out of date, relative to the repository.
    """
    stale = []
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        shutil.copytree(ROOT / "examples", copy / "examples", ignore=MADE)
        for page in pages:
            if missing := missing_packages((ROOT / page).read_text(encoding="utf-8")):
                sys.stderr.write(f"{page}: left as it is without {', '.join(missing)}\n")
                continue
            text = refresh_page(page, copy)
            if text != (ROOT / page).read_text(encoding="utf-8"):
                stale.append(page)
                if not is_check:
                    (ROOT / page).write_text(text, encoding="utf-8")
            if not is_check:
                for kept in " ".join(KEEPS.findall(text)).split():
                    shutil.copyfile(copy / page.parent / kept, (ROOT / page).with_name(kept))
    return stale


if __name__ == "__main__":
    is_check = "--check" in sys.argv
    named = [word for word in sys.argv[1:] if word != "--check"]
    out_of_date = refresh_all(chosen_pages(named), is_check=is_check)
    if is_check and out_of_date:
        sys.exit("out of date: " + ", ".join(map(str, out_of_date)))
