"""monkey ocr: read the text of pages. Imports nothing heavy until it is run."""

from typing import Any

import click

from monkeycli.commands.shared_options import input_options, verbose_option

FORMATS = ("text", "jsonl")


@click.command("ocr")
@input_options
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write to FILE; its suffix chooses the format.  [default: standard output]",
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="[default: jsonl for FILE.jsonl, else text]",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE when the run is over.")
@click.option(
    "--page-timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Give a page up that takes longer to rasterize.",
)
@click.option("--quiet", is_flag=True, help="Say nothing on stderr but errors.")
@click.option("--no-progress", is_flag=True, help="Show no progress on stderr.")
@verbose_option
def ocr(**options: Any) -> int:
    """Read the text of scans, photographs and pages, any way up.

    \b
    monkey ocr receipt.jpg
    monkey ocr scans/*.tif -o texts.jsonl
    monkey ocr report.pdf --pages 1-3

    INPUT is an image or PDF, a folder (searched, sorted), a glob, or - for stdin. Of a PDF the
    pixels are read, not its own text. The text of several pages stands under headings as those of
    head; in jsonl every page is a record with words and their boxes. Latin and Chinese script can
    be read. The exit codes are those of monkey ask.
    """  # noqa: D301 - \b is the character by which click keeps a paragraph's lines
    from monkey_ocr.request import OcrRequest

    request = OcrRequest(**options)
    documents = request.documents()
    request.check()
    from monkey_ocr.run import run  # the libraries that read come last: a mistake costs no time

    return run(request, documents)
