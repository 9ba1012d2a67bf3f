import json

import pytest

from monkeycli.commands.report import describe_installation, print_report
from monkeycli.errors import ExitCode
from monkeycli.settings import Setting
from monkeycli.streams import ResultsStream


def test_settings_are_told_with_their_origin():
    settings = {"ask": {"grid": Setting("2x2", "monkey.toml")}, "caption": {}}
    report = describe_installation(settings)

    assert report["settings"] == {"ask --grid": {"value": "2x2", "from": "monkey.toml"}}
    assert report["device"]["auto"] in {"cpu", "cuda", "mps"}
    assert set(report["plugins"]) >= {"commands", "models", "readers", "writers"}


REPORT = {"names": {"a": {"x": 1, "y": None, "z": [1, 2]}, "b": None}, "things": {}, "list": []}


def test_a_report_is_lines_or_json(capfd):
    print_report(REPORT, ResultsStream(1), as_json=False)
    assert capfd.readouterr().out.splitlines() == [
        "names:",
        "  a: x 1, z 1, 2",
        "  b: None",
        "things:",
        "  none",
        "list:",
        "  none",
    ]

    print_report(REPORT, ResultsStream(1), as_json=True)
    assert json.loads(capfd.readouterr().out) == REPORT


@pytest.mark.parametrize(
    "pages, code",
    [
        ([], ExitCode.OK),
        ([{"page": 1}], ExitCode.OK),
        ([{"page": 1}, {"error": "corrupt"}], ExitCode.PARTIAL),
        ([{"error": "corrupt"}], ExitCode.FAILED),
    ],
)
def test_the_code_tells_whether_every_page_can_be_read(pages, code):
    assert print_report({"pages": pages}, ResultsStream(1), as_json=True) is code
