"""monkey describe: look at images with several generators, and write one description of each."""

import os
from typing import Any

import click

from monkeycli.commands.defaults import warn_of_variables
from monkeycli.commands.shared_options import (
    Checked,
    Command,
    device_option,
    input_options,
    raster_options,
    record_options,
    run_options,
    shard_option,
)
from monkeycli.options import parse_batch_size


def _stage_option(stage: str, text: str) -> Command:
    return click.option(
        f"--{stage}",
        default="auto",
        show_default=True,
        metavar="NAME[:WHERE]|none",
        help=text,
    )


def _threshold(name: str, default: float, text: str) -> Command:
    return click.option(
        f"--{name}",
        type=click.FloatRange(0, 1),
        default=default,
        show_default=True,
        metavar="SHARE",
        help=text,
    )


@click.command("describe")
@input_options
@shard_option
@_stage_option("global", "Who says what the whole image is; monkey:DIR is a checkpoint's caption.")
@_stage_option("region", "Who describes regions.")
@_stage_option("segment", "Who tells things apart, to be cut out and described.")
@_stage_option("text", "Who reads the text: ocr is the package monkey-ocr.")
@_stage_option("match", "Who tells how well captions of regions and things fit.")
@click.option(
    "--fuse",
    default="template",
    show_default=True,
    metavar="NAME[:WHERE]|none",
    help="Who writes the description of what the others found.",
)
@click.option(
    "--captions",
    metavar="FILE|beside",
    help="Captions that came with the images: a JSONL file with image and caption, or the .txt "
    "beside each image.  [default: none]",
)
@_threshold("min-region", 0.4, "Believe a region's caption that matches better than this.")
@_threshold("min-segment", 0.5, "Believe a cut-out thing's caption that matches better than this.")
@_threshold("min-text", 0.85, "Believe text that was read with more confidence than this.")
@_threshold("max-overlap", 0.6, "Drop a caption repeated in boxes that overlap this far (IoU).")
@click.option(
    "--max-segments",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Describe the N largest things of an image.",
)
@record_options
@click.option(
    "--stages",
    metavar="FILE",
    help="Keep what finished stages found in FILE, for any later run.  [default: beside the "
    "output, until all is well]",
)
@click.option(
    "--report",
    metavar="FILE",
    help="Also write FILE, a page for the browser: every image, its boxes, what was kept and what "
    "dropped, the description.  [default: none]",
)
@click.option(
    "--as-train",
    metavar="FILE",
    help="Also write FILE, a data set for monkey train.  [default: none]",
)
@click.option(
    "--task",
    "tasks",
    multiple=True,
    type=click.Choice(["detailed_caption", "read", "ground", "qa"]),
    help="With --as-train: what is to be learnt; may be repeated.  [default: detailed_caption]",
)
@click.option(
    "--min-words",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="With --task read, ground or qa: leave out pages with fewer words.",
)
@device_option
@click.option(
    "--batch-size",
    type=Checked("batch size", parse_batch_size),
    default="auto",
    show_default=True,
    metavar="auto|N",
    help="How many images go through the stages together; auto: 4.",
)
@raster_options
@run_options
@click.pass_context
def describe(context: click.Context, /, **options: Any) -> int:
    """Describe images from several generators' findings.

    \b
    monkey describe scans -o out.jsonl
    monkey describe photo.jpg --captions beside --report photo.html
    monkey describe scans -o out.jsonl --as-train train.jsonl --task read --task qa

    INPUT is an image or PDF, a folder (searched, sorted), a glob, or - for stdin. Generators that
    are installed say what every page is as a whole, what regions and things it shows, what is
    written on it. What is not sure is dropped, and the record says why; the rest becomes one
    description, of what can be seen and of nothing else. A stage that is finished is not repeated
    when a run is resumed. The exit codes are those of monkey ask.
    """
    from monkeycli.commands.description import DescribeRequest

    if not options["quiet"]:
        warn_of_variables(context, os.environ)
    request = DescribeRequest(global_=options.pop("global"), **options)
    documents = request.documents()
    request.check()
    from monkeycli.commands.description_run import run  # what looks at images comes last

    return run(request, documents)
