import json

import pytest

from monkeycli.bench.measure import Findings
from monkeycli.bench.stages import Stage
from monkeycli.commands.print_bench import print_bench
from monkeycli.streams import ResultsStream

FINDINGS = Findings({"model": "m"}, (Stage("cut", 2, "pages", 0.5),), ())


@pytest.mark.parametrize("as_json", [True, False])
def test_findings_go_to_standard_output(capfd, as_json):
    print_bench(FINDINGS, ResultsStream(1), as_json=as_json)
    out, err = capfd.readouterr()
    assert not err
    if as_json:
        assert json.loads(out)["stages"][0]["rate"] == 4.0
    else:
        assert "4.0  pages/s" in out
