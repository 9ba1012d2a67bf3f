"""monkey caption: describe images and pages."""

import os
from typing import Any

import click

from monkeycli.commands.defaults import warn_of_variables
from monkeycli.commands.shared_options import (
    input_options,
    model_options,
    output_options,
    run_options,
    shard_option,
)


@click.command("caption")
@input_options
@shard_option
@click.option("--short", is_flag=True, help="One sentence instead of a detailed description.")
@output_options
@model_options
@run_options
@click.pass_context
def caption(context: click.Context, /, **options: Any) -> int:
    """Describe images and the pages of PDFs.

    \b
    monkey caption photo.jpg
    monkey caption ./photos -o out.jsonl
    monkey caption slides.pdf --pages 1-3 --short

    INPUT is an image or PDF, a folder (searched, sorted), a glob, or - for stdin. Every page gets
    a record of its own. The exit codes are those of monkey ask.
    """
    from monkeycli.commands.request import Request

    if not options["quiet"]:
        warn_of_variables(context, os.environ)
    request = Request(
        kind="caption",
        questions=(None,),
        questions_file=None,
        each="page",
        **options,
    )
    tasks = request.tasks()
    request.check()
    from monkeycli.commands.run import run  # torch comes last: a mistake costs no time

    return run(request, tasks)
