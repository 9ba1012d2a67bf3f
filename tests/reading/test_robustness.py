"""Real and made hostile files: one result for each page, of the class its manifest expects."""

import dataclasses
import json
import os
import random
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from monkeycli.document import Document, PageResult
from monkeycli.inputs import find_documents
from monkeycli.options import RasterOptions
from monkeycli.reading.pool import read_pages

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "dev" / "robustness"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is absent"),
]

OPTIONS = RasterOptions(with_text=True, page_timeout=30)


def outcome(results: list[PageResult]) -> str:
    """Give `answer` if any page could be read, else the error's code."""
    first = results[0].error
    return first.code if first and all(result.error for result in results) else "answer"


def read(paths: list[str]) -> dict[str, list[PageResult]]:
    """Read documents; every document gives its results once, all in order. Pages are not kept."""
    found: dict[str, list[PageResult]] = {path: [] for path in paths}
    order = []
    for result in read_pages([Document(path) for path in paths], OPTIONS):
        assert (result.page is None) != (result.error is None)
        found[result.document.path].append(dataclasses.replace(result, page=None))
        order += [result.document.path] if result.is_last else []
    assert order == paths
    for results in found.values():
        assert [result.is_last for result in results] == [False] * (len(results) - 1) + [True]
    return found


def peak_memory() -> int:
    """Give the most bytes that any worker has held."""
    return 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def check(items: list[dict[str, str]], outcomes: dict[str, str]) -> list[tuple[str, str, str]]:
    """Give what deviates from the manifest: (file, expected, outcome)."""
    return [
        (item["file"], item["expected"], outcomes[item["file"]])
        for item in items
        if (item["expected"] == "must_answer" and outcomes[item["file"]] != "answer")
        or (item["expected"] == "must_fail_clear" and outcomes[item["file"]] == "answer")
        or outcomes[item["file"]] == "internal"
    ]


def test_every_real_file_gives_what_its_manifest_expects():
    items = json.loads((FOLDER / "manifest.json").read_text())["items"]
    paths = [str(FOLDER.parent / item["file"]) for item in items]

    found = read(paths)

    outcomes = {item["file"]: outcome(found[path]) for item, path in zip(items, paths, strict=True)}
    assert check(items, outcomes) == []
    assert peak_memory() < 4 * 2**30


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make the hostile files that no archive can hold; give their folder."""
    folder = tmp_path_factory.mktemp("robustness") / "made"
    script = str(FOLDER / "make_hostile.py")
    subprocess.run([sys.executable, script, str(folder)], check=True, capture_output=True)
    yield folder
    shutil.rmtree(os.fsencode(folder))


def test_every_made_file_gives_what_its_manifest_expects(made):
    items = [
        item
        for item in json.loads((made / "manifest_made.json").read_text())["items"]
        if item.get("role") != "questions"
    ]
    paths = [f"{made}/{os.fsdecode(bytes.fromhex(item['file_bytes_hex']))}" for item in items]

    found = read(paths)

    outcomes = {item["file"]: outcome(found[path]) for item, path in zip(items, paths, strict=True)}
    readable = {"unreadable.png"} if os.geteuid() == 0 else set()  # root reads everything
    assert [miss for miss in check(items, outcomes) if miss[0] not in readable] == []
    for item, path in zip(items, paths, strict=True):
        if "pages" in item:
            assert len(found[path]) == item["pages"], item["file"]
    assert peak_memory() < 4 * 2**30


def test_a_folder_of_hostile_files_is_walked_to_its_end(made):
    found = {document.path for document in find_documents([str(made)])}

    items = json.loads((made / "manifest_made.json").read_text())["items"]
    for item in items:
        if item["expected"] == "must_answer" and item.get("role") != "questions":
            assert f"{made}/{os.fsdecode(bytes.fromhex(item['file_bytes_hex']))}" in found
    assert not [path for path in found if "/.hidden" in path or path.endswith(".jsonl")]


def mutate(data: bytes, folder: Path, suffix: str) -> list[str]:
    """Write copies of a file, cut off at every fiftieth and with bytes changed at random."""
    chance = random.Random(suffix)
    copies = [data[: len(data) * share // 50] for share in range(1, 50)]
    for _ in range(100):
        copy = bytearray(data)
        for _ in range(chance.choice([1, 3, 30])):
            copy[chance.randrange(len(copy))] = chance.randrange(256)
        copies.append(bytes(copy))
    paths = []
    for number, copy in enumerate(copies):
        path = folder / f"{number}{suffix}"
        path.write_bytes(copy)
        paths.append(str(path))
    return paths


@pytest.mark.parametrize(
    "name",
    ["pdf/zen_of_python_corrupted.pdf", "img/g4-multi.tiff", "img/hopper.webp", "img/page.png"],
)
def test_no_mutation_is_more_than_an_error(name, tmp_path):
    original = FOLDER / "files" / name

    found = read(mutate(original.read_bytes(), tmp_path, original.suffix))

    codes = {result.error.code for results in found.values() for result in results if result.error}
    assert codes <= {"corrupt", "unsupported", "encrypted", "decode_bomb", "too_large"}
