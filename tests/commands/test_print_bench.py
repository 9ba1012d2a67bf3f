import json

import pytest

from monkeycli.bench.measure import Findings
from monkeycli.bench.stages import Stage
from monkeycli.commands.print_bench import print_bench

FINDINGS = Findings({"model": "m"}, (Stage("cut", 2, "pages", 0.5),), ())


@pytest.mark.parametrize("as_json", [True, False])
def test_findings_go_to_standard_output(capsys, as_json):
    print_bench(FINDINGS, as_json=as_json)
    out, err = capsys.readouterr()
    assert not err
    if as_json:
        assert json.loads(out)["stages"][0]["rate"] == 4.0
    else:
        assert "4.0  pages/s" in out
