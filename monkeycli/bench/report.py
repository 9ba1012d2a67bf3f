"""What a bench found, as plain data and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from monkeycli.bench.stages import Comparison, Stage


def as_data(
    facts: Mapping[str, Any], stages: Sequence[Stage], comparisons: Sequence[Comparison]
) -> dict[str, Any]:
    """Give everything that was found under stable names, for JSON."""
    return {
        **facts,
        "stages": [asdict(stage) | {"rate": stage.rate, "share": stage.share} for stage in stages],
        "comparisons": [asdict(found) | {"ratio": found.ratio} for found in comparisons],
    }


def as_table(
    facts: Mapping[str, Any], stages: Sequence[Stage], comparisons: Sequence[Comparison]
) -> str:
    """Lay everything that was found out for people."""
    lines = [f"{name:16}{value}" for name, value in facts.items()]
    lines += ["", f"{'stage':12}{'rate':>12}  {'unit':12}{'seconds':>9}  of the floor"]
    for stage in stages:
        share = "" if stage.share is None else f"{stage.share:.0%}"
        rate = f"{stage.rate:12,.1f}  {stage.unit + '/s':12}"
        lines.append(f"{stage.name:12}{rate}{stage.seconds:9.3f}  {share}")
    if comparisons:
        heading = (
            f"{'questions':12}{'ours':>12}{'published':>12}{'ratio':>9}{'same':>9}  each round"
        )
        lines += ["", f"{heading} (seconds a page, medians)"]
    for found in comparisons:
        lines.append(
            f"{found.questions:<12}{median(found.ours):12.2f}{median(found.published):12.2f}"
            f"{found.ratio:8.1f}x{found.same:9.0%}  {', '.join(f'{r:.1f}x' for r in found.ratios)}"
        )
    return "\n".join(lines)
