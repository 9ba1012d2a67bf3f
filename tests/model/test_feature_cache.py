import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from PIL import Image

from monkeycli.document import Page
from monkeycli.errors import OutputError
from monkeycli.grid import WindowGrid
from monkeycli.model.feature_cache import FeatureCache

GRID = WindowGrid(1, 2)


def page(shade, grid=GRID):
    image = Image.new("RGB", grid.canvas[::-1], (shade, shade, shade))
    return Page(number=1, label=None, image=image, grid=grid, text=None)


def features(number, size=8):
    return torch.full((3, size, 4), float(number), dtype=torch.bfloat16)


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "cache", model="small@1.0")


def files(cache):
    return sorted(path for path in cache.folder.rglob("*") if path.is_file())


def test_what_is_kept_is_found_to_the_bit(cache):
    assert cache.find(page(7)) is None
    cache.keep(page(7), features(7))
    found = cache.find(page(7))
    assert torch.equal(found, features(7)) and found.dtype == torch.bfloat16
    assert not [path for path in files(cache) if path.suffix == ".part"]


def test_it_is_found_by_pixels_grid_and_model_alone(cache):
    cache.keep(page(7), features(7))
    other_number = Page(number=9, label="ix", image=page(7).image, grid=GRID, text="Total")
    assert torch.equal(cache.find(other_number), features(7))
    assert cache.find(page(8)) is None
    assert cache.find(page(7, WindowGrid(2, 1))) is None
    assert FeatureCache(cache.folder, model="small@1.1").find(page(7)) is None


@pytest.mark.parametrize("torn", [b"", b"\x08\0\0\0\0\0\0\0{}", b"garbage" * 100])
def test_a_torn_file_is_written_again(cache, torn):
    cache.keep(page(7), features(7))
    files(cache)[0].write_bytes(torn)
    assert cache.find(page(7)) is None
    assert not files(cache)
    cache.keep(page(7), features(7))
    assert torch.equal(cache.find(page(7)), features(7))


def test_what_was_used_least_recently_goes(cache):
    cache.keep(page(0), features(0))
    cache.max_bytes = 4 * files(cache)[0].stat().st_size
    for number in range(1, 4):
        cache.keep(page(number), features(number))
    for age, path in enumerate(sorted(files(cache), key=lambda path: path.stat().st_mtime_ns)):
        os.utime(path, ns=(age, age))
    cache.find(page(0))
    cache.keep(page(4), features(4))

    assert cache.find(page(1)) is None
    assert cache.find(page(0)) is not None
    assert cache.find(page(4)) is not None
    assert sum(path.stat().st_size for path in files(cache)) <= cache.max_bytes


def test_a_folder_is_tidied_when_it_is_opened(cache):
    for number in range(5):
        cache.keep(page(number), features(number))
    size = files(cache)[0].stat().st_size
    FeatureCache(cache.folder, model="small@1.0", max_bytes=2 * size)
    assert len(files(cache)) <= 2


def test_threads_may_share_a_folder(cache):
    failures = []

    def work(offset):
        own = FeatureCache(cache.folder, model="small@1.0", max_bytes=2000)
        for number in range(30):
            shade = (number + offset) % 10
            own.keep(page(shade), features(shade))
            found = own.find(page(shade))
            if found is not None and not torch.equal(found, features(shade)):
                failures.append(shade)

    threads = [threading.Thread(target=work, args=[3 * place]) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_folder_that_cannot_be_written_is_an_error_at_once(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"--cache .*file/cache cannot be written"):
        FeatureCache(tmp_path / "file" / "cache", model="m")


def test_a_full_disk_costs_time_and_no_answer(tmp_path):
    """In a process of its own: the limit would hold for everything else, too."""
    program = f"""
import resource, signal
from tests.model.test_feature_cache import FeatureCache, features, page
from pathlib import Path
cache = FeatureCache(Path({str(tmp_path / "cache")!r}), model="m")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
cache.keep(page(1), features(1, size=1000))
assert cache.is_full and cache.find(page(1)) is None
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
cache.keep(page(1), features(1))
assert not cache.is_full and cache.find(page(1)) is not None
"""
    subprocess.run(
        [sys.executable, "-c", program], check=True, timeout=120, cwd=Path(__file__).parents[2]
    )
