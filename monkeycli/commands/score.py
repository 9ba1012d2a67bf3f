"""monkey score: how right predictions are, how sure that is, and beside what was published."""

import os
from typing import Any

import click

from monkeycli.commands.defaults import config_option, warn_of_variables
from monkeycli.commands.shared_options import verbose_option
from monkeycli.errors import ExitCode
from monkeycli.inputs import standard_input
from monkeycli.messages import print_line
from monkeycli.scoring.definitions import DEFINITIONS
from monkeycli.streams import results_stream

_METRICS = "\n\n".join(f"{name}: {definition}." for name, definition in DEFINITIONS.items())


@click.command("score", epilog=f"The metrics, all from 0 to 1 but cider:\n\n{_METRICS}")
@click.argument("files", nargs=-1, metavar="PREDICTIONS [AFTER]")
@click.option(
    "--gold",
    metavar="FILE",
    help="Take the right answers from FILE (JSON lines with answer, and question_id, question or "
    "document); - for stdin.  [default: gold in each prediction]",
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    type=click.Choice(["auto", *DEFINITIONS]),
    default=["auto"],
    help="How to score; may be repeated. auto: that of --compare, else cider for captions, iou "
    "for boxes, anls for other answers.  [default: auto]",
)
@click.option(
    "--by",
    metavar="FIELD",
    help="Also a row for each value of a field of the records, as page or meta.kind.",
)
@click.option(
    "--compare", metavar="BENCHMARK", help="Show published scores, too: docvqa, chartqa, ..."
)
@click.option("--ignore-errors", is_flag=True, help="Leave error records out; else they score 0.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@config_option
@verbose_option
@click.pass_context
def score(context: click.Context, /, as_json: bool, **options: Any) -> int:
    """Score predictions against the right answers.

    \b
    monkey score answers.jsonl
    monkey score answers.jsonl --gold questions.jsonl --metric anls --metric exact
    monkey score answers.jsonl --by meta.kind --compare docvqa
    monkey score before.jsonl after.jsonl

    PREDICTIONS are records from -o FILE.jsonl, or plain lines with question_id and answer; - for
    stdin. The intervals hold the mean with 95 % confidence: Student's t, over documents where the
    records name them, for questions about one document are right or wrong together. With two files
    the difference is that of the records both have, AFTER less PREDICTIONS. An empty answer is
    right where the gold answer is empty or "unanswerable".

    Exit codes: 0 all scored, 2 wrong usage or data, 3 some predictions have no gold answer, or
    some of the gold answers no prediction.
    """
    if len(options["files"]) not in (1, 2):
        raise click.UsageError("name one file of predictions, or two to compare")
    if [*options["files"], options["gold"]].count("-") > 1:
        raise click.UsageError("standard input (-) is asked for twice; it can be read only once")
    warn_of_variables(context, os.environ)
    import orjson

    from monkeycli.scoring.report import ScoreOptions, make_report
    from monkeycli.scoring.table import to_json, to_text

    with results_stream() as results:
        report = make_report(ScoreOptions(**options), standard_input())
        for note in report.notes:
            print_line(f"monkey: {note}")
        found = (report.rows, report.differences, report.published)
        if as_json:
            counts = ("errors", "unscored", "not_shared")
            fields = to_json(*found) | {name: getattr(report, name) for name in counts}
            results.write_line(orjson.dumps(fields, option=orjson.OPT_INDENT_2).decode())
        else:
            results.write_line(to_text(*found, by=options["by"]))
    return ExitCode.PARTIAL if report.unscored else ExitCode.OK
