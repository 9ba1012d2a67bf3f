"""What is kept in the repository can be kept, and says nothing of the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAX_FILE_BYTES = 95_000_000
"""Larger files are refused by the places where repositories are kept."""

MACHINE_PATH = re.compile(rb"(?<![\w.~$}/-])/(?:work|opt|root|home/\w+|Users/\w+)/")
"""A path that exists on somebody's machine only."""


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_no_file_is_too_large_to_be_kept():
    assert not [p for p in _tracked() if p.is_file() and p.stat().st_size > MAX_FILE_BYTES]


def test_no_file_names_a_path_of_somebodys_machine():
    text = [p for p in _tracked() if p.is_file() and p.stat().st_size < 1_000_000]

    assert not [p for p in text if p != Path(__file__) and MACHINE_PATH.search(p.read_bytes())]
