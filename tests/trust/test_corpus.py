"""Real and made hostile files through `monkey ask`: each gives what its manifest names."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from monkeycli.errors import ExitCode
from monkeycli.records import quote_path
from tests.trust.forked_commands import ROOT

DATA = ROOT.parent / "shared" / "data" / "dev" / "robustness"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent"),
]

LONG = ("DA-619p.pdf", "pages_2000.pdf")
"""Of their pages the first 40 are asked."""


def ask(monkey, folder, paths):
    """Ask of every page, of long documents of the first; give the records of each path."""
    long = [path for path in paths if path.endswith(LONG)]
    found = ask_pages(monkey, folder, [path for path in paths if path not in long])
    for path, records in found.items():
        check_pages(path, records)
    some = ask_pages(monkey, folder, long, "--pages", "1-40")
    assert [len(records) for records in some.values()] == [40]
    return found | some


def ask_pages(monkey, folder, paths, *words):
    """Ask of chosen pages; give the records of each path."""
    (folder / "list").write_bytes(b"\0".join(map(os.fsencode, paths)) + b"\0")
    ended = monkey(
        *("ask", "--files-from", "list", "-q", "?", "--each", "page", "-o", "out.jsonl"),
        *("--overwrite", "--max-tokens", 1, "--page-timeout", 60, "-j", 2, "--quiet", *words),
        timeout=1800,
    )
    assert ended.code in (ExitCode.OK, ExitCode.PARTIAL), ended.err
    assert "Traceback" not in ended.err
    records = [json.loads(line) for line in (folder / "out.jsonl").read_bytes().splitlines()]
    found = {path: [] for path in paths}
    by_name = {quote_path(path): path for path in paths} | {path: path for path in paths}
    for record in records:
        found[by_name[record["source"]]].append(record)
    assert [source for source, some in found.items() if not some] == []
    return found


def outcome(records):
    """Give `ok` if any page could be asked, else the first error's code."""
    codes = [record["error"]["code"] if record["error"] else "ok" for record in records]
    return "ok" if "ok" in codes else codes[0]


def deviations(items, outcomes):
    """Give what is not as the manifest says: (file, expected, outcome)."""
    fits = {
        "must_answer": lambda code: code == "ok",
        "must_fail_clear": lambda code: code not in ("ok", "internal"),
        "either": lambda code: code != "internal",
    }
    rows = [(item["file"], item["expected"], outcomes[item["file"]]) for item in items]
    return [row for row in rows if not fits[row[1]](row[2])]


def check_pages(path, records):
    """A document has a record for every page, in order, or one."""
    numbers = [record["page"] for record in records]
    assert numbers in ([None], list(range(1, len(records) + 1))), (path, numbers)
    if numbers != [None]:
        assert len(numbers) == records[0]["pages"]


def test_every_real_file_gives_what_its_manifest_names(monkey, folder):
    """Takes half a minute of processor time."""
    items = json.loads((DATA / "manifest.json").read_text())["items"]
    paths = {item["file"]: str(DATA.parent / item["file"]) for item in items}
    found = ask(monkey, folder, list(paths.values()))

    outcomes = {name: outcome(found[path]) for name, path in paths.items()}
    assert deviations(items, outcomes) == []


def test_every_made_file_gives_what_its_manifest_names(monkey, folder, tmp_path):
    """Takes half a minute of processor time."""
    made = tmp_path / "made"
    script = [sys.executable, str(DATA / "make_hostile.py"), str(made)]
    subprocess.run(script, check=True, capture_output=True)
    try:
        items = [
            item
            for item in json.loads((made / "manifest_made.json").read_text())["items"]
            if item.get("role") != "questions"
        ]
        names = {item["file"]: os.fsdecode(bytes.fromhex(item["file_bytes_hex"])) for item in items}
        # Folders among them, one with a link to all of this, are walked in test_robustness.py.
        items = [item for item in items if not (made / names[item["file"]]).is_dir()]
        names = {item["file"]: names[item["file"]] for item in items}
        found = ask(monkey, folder, [f"{made}/{name}" for name in names.values()])
    finally:
        shutil.rmtree(os.fsencode(made))

    outcomes = {file: outcome(found[f"{made}/{name}"]) for file, name in names.items()}
    readable = {"unreadable.png"} if os.geteuid() == 0 else set()  # root reads everything
    assert [row for row in deviations(items, outcomes) if row[0] not in readable] == []
    for item in items:
        if "pages" in item:
            records = found[f"{made}/{names[item['file']]}"]
            assert records[0]["pages"] == item["pages"], item["file"]
