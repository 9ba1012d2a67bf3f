import json

from click.testing import CliRunner

from monkeycli.cli import monkey


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
