"""Measure how much of a page the OCR reads, and how long it takes.

    OMP_NUM_THREADS=1 taskset -c 1 python plugins/ocr/evaluation/measure.py ../shared/data/dev

Every page is read from its own pixels (`pixels`) and from what the model sees (`canvas`).
Seconds are processor time: on a busy machine the clock says little.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from monkey_ocr.engine import OcrReader
from PIL import Image, ImageOps

from monkeycli.document import Document
from monkeycli.options import RasterOptions
from monkeycli.reading.pool import read_pages

LANGUAGES = {"Dutch", "French", "Italian", "Portuguese", "Spanish"}
"""Of the photographs: those in Latin script. Chinese has no spaces, so words cannot be counted."""


def main() -> None:
    """Read the pages and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with sroie/ and photos/")
    parser.add_argument("--receipts", type=int, default=20)
    parser.add_argument("--photos", type=int, default=3)
    parser.add_argument("--from", dest="ways", nargs="*", choices=[*WAYS], default=[*WAYS])
    options = parser.parse_args()
    reader = OcrReader()
    reader.read(Image.new("RGB", (64, 64), "white"))  # loads the models
    for name, pages in (
        ("receipts", [*receipts(options.data)][: options.receipts]),
        ("photos", [*photos(options.data)][: options.photos]),
    ):
        for way in options.ways if pages else ():
            measure(reader, f"{name}, {way}", WAYS[way], pages)


def measure(
    reader: OcrReader,
    title: str,
    load: Callable[[Path], Image.Image],
    pages: list[tuple[Path, str]],
) -> None:
    """Read pages in one way and print a row."""
    found = wanted = turned = 0
    seconds = 0.0
    recalls = []
    for path, text in pages:
        image = load(path)
        start = time.process_time()
        page = reader.read_page(image)
        seconds += time.process_time() - start
        gold = words_of(text)
        num_found = (gold & words_of(page.text)).total()
        recalls.append(num_found / gold.total())
        found, wanted, turned = found + num_found, wanted + gold.total(), turned + (page.turn > 0)
    recalls.sort()
    sys.stdout.write(
        f"{title}: {len(pages)} pages, {found} of {wanted} words ({found / wanted:.1%}, lowest"
        f" page {recalls[0]:.0%}), {seconds / len(pages):.1f} s a page, {turned} turned\n"
    )
    sys.stdout.flush()


def words_of(text: str) -> Counter[str]:
    """Count the words of a text, in lower case: letters and figures, `1,234.50` being one."""
    return Counter(re.findall(r"\w+(?:[.,]\w+)*", text.casefold()))


def receipts(data: Path) -> Iterator[tuple[Path, str]]:
    """Give images of receipts and their text."""
    for path in sorted((data / "sroie" / "images").iterdir()):
        lines = json.loads((data / "sroie" / "transcripts" / f"{path.stem}.json").read_text())
        yield path, "\n".join(line["text"] for line in lines)


def photos(data: Path) -> Iterator[tuple[Path, str]]:
    """Give a photograph of each page in a script that can be read, and its text."""
    seen = set()
    for line in (data / "photos" / "transcripts.jsonl").read_text().splitlines():
        item = json.loads(line)
        if item["photographed"] and item["language"] in LANGUAGES - seen:
            seen.add(item["language"])
            yield data / item["image"], "\n".join(block["text"] for block in item["blocks"])


def load_canvas(path: Path, options: RasterOptions) -> Image.Image:
    """Rasterize an image file as `monkey` does."""
    (result,) = read_pages([Document(str(path))], options)
    if result.page is None:
        raise SystemExit(str(result.error))
    return result.page.image


WAYS: dict[str, Callable[[Path], Image.Image]] = {
    "pixels": lambda path: ImageOps.exif_transpose(Image.open(path)),
    "canvas": lambda path: load_canvas(path, RasterOptions()),
}

if __name__ == "__main__":
    main()
