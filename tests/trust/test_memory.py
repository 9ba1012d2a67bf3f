"""Memory is flat however many pages come, readers are recycled, and few pages are held."""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monkeycli.errors import ExitCode
from monkeycli.reading.pool import MAX_JOBS

STEP = os.sysconf("SC_PAGE_SIZE")


def draw_many(folder, number):
    """Draw so many one-page documents, no two of them alike; give a list of them."""
    (folder / "many").mkdir()
    for name in range(number):
        pixels = np.frombuffer(name.to_bytes(4, "big") * 48, np.uint8).reshape(8, 8, 3)
        Image.fromarray(pixels).save(folder / "many" / f"{name:05}.png")
    names = sorted((folder / "many").iterdir())
    (folder / "list").write_text("".join(f"{path}\n" for path in names))
    return folder / "list"


def resident(process):
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * STEP


def children(process):
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def measure(start, folder, number):
    """Run over so many documents; give (records written, bytes held) over time, and the readers."""
    running = start(
        *("ask", "--files-from", draw_many(folder, number), "-q", "?", "-o", "out.jsonl"),
        *("--max-tokens", 1, "--quiet", "-j", 1),
    )
    part, held, readers = folder / "out.jsonl.part", [], set()
    while not (folder / "out.jsonl").exists():
        assert Path(f"/proc/{running.pid}/stat").read_text().split()[2] != "Z", running.wait()
        if part.exists():
            try:
                # Lines differ little in length: that of the whole is as good as a count.
                held.append((part.stat().st_size, resident(running.pid)))
                readers.update(children(running.pid))
            except FileNotFoundError:
                break
        time.sleep(0.05)
    assert running.wait().code == ExitCode.OK
    records = (folder / "out.jsonl").read_bytes().splitlines()
    assert len(records) == number
    total = held[-1][0]
    return [(size * number / total, size_held) for size, size_held in held], readers


@pytest.fixture(autouse=True)
def _needs_proc():
    if not Path("/proc/self/statm").exists():
        pytest.skip("this system does not tell a process's memory")


def test_memory_is_flat_over_two_hundred_pages(start, folder):
    held, _ = measure(start, folder, 200)

    early = max(size for count, size in held if count < 100)
    late = max(size for _, size in held)
    assert late - early < 100 * 100_000  # a page that stays holds 602,112 bytes


@pytest.mark.slow
def test_memory_is_flat_over_ten_thousand_pages(start, folder):
    """Takes 4 minutes of processor time. What grows is what is known of each record: its place."""
    held, readers = measure(start, folder, 10_000)

    counts, sizes = np.array([point for point in held if point[0] > 2000]).T
    slope = np.polyfit(counts, sizes, 1)[0]
    held = f"{sizes[0] / 2**20:.0f} to {sizes[-1] / 2**20:.0f} MiB"
    sys.stdout.write(f"\n{slope:.0f} bytes a page, {held}, {len(readers)} readers\n")  # pytest -s
    assert slope < 2000
    assert len(readers) >= 2 * 10_000 // MAX_JOBS  # a document is opened, and its page read
