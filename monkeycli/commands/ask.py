"""monkey ask: answer questions about documents."""

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


@click.command("ask")
@input_options
@shard_option
@click.option(
    "-q", "--question", "texts", multiple=True, metavar="TEXT", help="Ask TEXT; may be repeated."
)
@click.option(
    "-Q",
    "--questions",
    "questions_file",
    metavar="FILE",
    help="Ask the questions in FILE: .txt, .jsonl, .json, .csv or .tsv; - for stdin.",
)
@click.option(
    "--each",
    type=click.Choice(["document", "page"]),
    default="document",
    show_default=True,
    help="One answer for a document, from the page the model is surest of, or one for each page.",
)
@output_options
@model_options
@run_options
@click.pass_context
def ask(
    context: click.Context, /, texts: tuple[str, ...], questions_file: str | None, **options: Any
) -> int:
    """Answer questions about PDFs and images.

    \b
    monkey ask report.pdf -q "total revenue?"
    monkey ask ./invoices -q "invoice number?" -q "total?" -o answers.jsonl
    monkey ask scans/*.tif -Q questions.csv --each page -o answers.csv
    total=$(monkey ask invoice.pdf -q "total?")

    INPUT is a PDF or image, a folder (searched, sorted), a glob, or - for stdin. A questions file
    may name documents itself (field document, image or pdf). Answers go to stdout, everything else
    to stderr. For one document and one question the answer stands alone, else lines hold path,
    page, question and answer. With several pages the answer is that of the page the model is
    surest of: one page is read at a time.

    Exit codes: 0 all answered, 2 wrong usage, 3 some failed, 4 all failed, 5 no such model or
    device, 6 output not writable, 130 and 143 stopped, 141 pipe closed. An answer that is not on
    the page is an empty line, not a failure.
    """
    from monkeycli.commands.request import Request
    from monkeycli.questions import questions_from_options, read_questions

    if not texts and not questions_file:
        raise click.UsageError('nothing to ask; add -q "your question?" or -Q FILE')
    if [*options["inputs"], options["files_from"], questions_file].count("-") > 1:
        raise click.UsageError("standard input (-) is asked for twice; it can be read only once")
    if not options["quiet"]:
        warn_of_variables(context, os.environ)
    questions = read_questions(questions_file) if questions_file else []
    questions += questions_from_options(texts, first=len(questions) + 1)
    request = Request(
        kind="answer",
        questions=tuple(questions),
        questions_file=questions_file,
        short=False,
        **options,
    )
    tasks = request.tasks()
    request.check()
    from monkeycli.commands.run import run  # torch comes last: a mistake costs no time

    return run(request, tasks)
