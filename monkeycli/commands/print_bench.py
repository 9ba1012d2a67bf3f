"""Print what a bench found."""

import orjson

from monkeycli.bench.measure import Findings
from monkeycli.bench.report import as_data, as_table
from monkeycli.streams import ResultsStream


def print_bench(findings: Findings, results: ResultsStream, *, as_json: bool) -> None:
    """Print findings, as a table or as JSON."""
    found = (findings.facts, findings.stages, findings.comparisons)
    if as_json:
        results.write_line(orjson.dumps(as_data(*found), option=orjson.OPT_INDENT_2).decode())
    else:
        results.write_line(as_table(*found))
