"""monkey info: what this installation is, which settings hold, and how files would be read."""

import os
from typing import Any

import click

from monkeycli.commands.defaults import config_option, settings_of, warn_of_variables
from monkeycli.commands.shared_options import verbose_option
from monkeycli.streams import results_stream


@click.command("info")
@click.argument("inputs", nargs=-1, metavar="[FILE]...")
@click.option("-m", "--model", default="marmoset", show_default=True, metavar="NAME|DIR",
              help="Whose grids FILEs are cut by.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@config_option
@verbose_option
@click.pass_context
def info(context: click.Context, inputs: tuple[str, ...], model: str, as_json: bool) -> int:
    """Show versions, models, settings and pages.

    \b
    monkey info                 versions, devices, models; settings and where they came from
    monkey info report.pdf      pages, sizes and window grids, without loading a model

    The first of these that sets an option counts: the command line, a variable such as
    $MONKEY_BATCH_SIZE, the file named with --config, ./monkey.toml, the user's own file, the
    default.
    """
    from monkeycli.commands.report import describe_files, describe_installation, print_report

    warn_of_variables(context, os.environ)
    report: dict[str, Any]
    with results_stream() as results:
        if inputs:
            report = describe_files(inputs, model)
        else:
            report = describe_installation(settings_of(context))
        return print_report(report, results, as_json=as_json)
