"""Real and made hostile files: one result for each page, of the class its manifest expects."""

import itertools
import json
import time
from collections import Counter
from pathlib import Path

import pytest

from monkeycli.document import Document, PageResult
from monkeycli.options import RasterOptions
from monkeycli.reading.pool import read_pages

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "dev" / "robustness"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is absent"),
]

OPTIONS = RasterOptions(with_text=True, page_timeout=30)

REFUSED = {
    # Vector drawings and formats outside the list: refused, by design.
    "img/zero_bb.eps",
}


def outcome(results: list[PageResult]) -> str:
    """Give `answer` if any page could be read, else the error's code."""
    if any(result.page for result in results):
        return "answer"
    return results[0].error.code if results[0].error else "nothing"


def read(paths: list[str]) -> dict[str, tuple[str, list[PageResult]]]:
    """Read documents; every document gives its results once, all in order."""
    found = {}
    results = read_pages([Document(path) for path in paths], OPTIONS)
    for path, group in itertools.groupby(results, key=lambda result: result.document.path):
        assert path not in found
        listed = list(group)
        assert [result.is_last for result in listed] == [False] * (len(listed) - 1) + [True]
        for result in listed:
            assert (result.page is None) != (result.error is None)
            if result.page is not None:
                result.page.image.close()
        found[path] = (outcome(listed), listed)
    assert list(found) == paths
    return found


def check(items: list[dict[str, str]], outcomes: dict[str, str]) -> list[tuple[str, str, str]]:
    """Give what deviates from the manifest: (file, expected, outcome)."""
    return [
        (item["file"], item["expected"], outcomes[item["file"]])
        for item in items
        if (item["expected"] == "must_answer" and outcomes[item["file"]] != "answer")
        or (item["expected"] == "must_fail_clear" and outcomes[item["file"]] == "answer")
        or outcomes[item["file"]] in ("internal", "nothing")
    ]


def test_every_real_file_gives_what_its_manifest_expects():
    items = json.loads((FOLDER / "manifest.json").read_text())["items"]
    paths = [str(FOLDER.parent / item["file"]) for item in items]
    started = time.monotonic()
    found = read(paths)
    outcomes = {item["file"]: found[path][0] for item, path in zip(items, paths, strict=True)}
    print(Counter(outcomes.values()), f"{time.monotonic() - started:.1f} s")  # noqa: T201
    assert check(items, outcomes) == []
