import json

from click.testing import CliRunner

from monkeycli.cli import monkey
from monkeycli.errors import ModelError


def run(*arguments: object):
    return CliRunner().invoke(monkey, ["bench", *map(str, arguments)])


def test_a_table_for_people_and_json_for_programs(small_folder):
    options = ("--model", small_folder, "--pages", 1, "--max-tokens", 3, "--device", "cpu")
    table = run(*options, "--questions", 1)
    assert table.exit_code == 0, table.output
    assert "small@1.0" in table.stdout and "windows/s" in table.stdout
    data = json.loads(run(*options, "--json").stdout)
    assert [stage["name"] for stage in data["stages"]][:2] == ["rasterize", "cut"]
    assert data["comparisons"] == []


def test_wrong_options_are_told(small_folder):
    assert run("--config", "huge").exit_code == 2
    assert run("--questions", 0).exit_code == 2


def test_what_is_measured_may_be_quantized(small_folder, rounded):
    options = ("--model", small_folder, "--pages", 1, "--max-tokens", 3, "--device", "cpu")
    found = run(*options, "--quantize", "int8", "--questions", 1)

    assert found.exit_code == 0, found.output
    assert "small@1.0+int8" in found.stdout
    assert rounded == ["int8"]


def test_a_package_that_is_missing_is_told(small_folder, monkeypatch):
    monkeypatch.setattr("monkeycli.options.find_spec", lambda name: None)

    assert isinstance(run("--model", small_folder, "--quantize", "int8").exception, ModelError)
