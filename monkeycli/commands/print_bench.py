"""Print what a bench found."""

import click
import orjson

from monkeycli.bench.measure import Findings
from monkeycli.bench.report import as_data, as_table


def print_bench(findings: Findings, *, as_json: bool) -> None:
    """Print findings on standard output, as a table or as JSON."""
    found = (findings.facts, findings.stages, findings.comparisons)
    if as_json:
        click.echo(orjson.dumps(as_data(*found), option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(as_table(*found))
