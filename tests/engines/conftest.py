from pathlib import Path

import pytest

from monkeycli.engines.work import Start, Work
from monkeycli.options import GenerateOptions, RasterOptions
from tests.drawn_documents import draw_image


@pytest.fixture
def start_here(tmp_path: Path, small_folder: Path) -> Start:
    """Draw `b.png`, and give what a worker in that folder is told first."""
    draw_image(tmp_path / "b.png")
    work = Work(
        folder=str(tmp_path),
        model=str(small_folder),
        adapter=None,
        dtype="float32",
        each="page",
        with_text=True,
        with_ocr=False,
        short=False,
        raster=RasterOptions(),
        generate=GenerateOptions(max_tokens=8),
    )
    return Start(work, "cpu")
