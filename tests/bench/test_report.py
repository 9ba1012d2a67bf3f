import pytest

from monkeycli.bench.report import as_data, as_table
from monkeycli.bench.stages import Comparison, Stage

STAGES = [Stage("cut", 1, "pages", 0.5), Stage("encode", 10, "windows", 2.0, floor=1.5)]
COMPARISONS = [Comparison(questions=10, ours=(0.5, 0.5, 1.0), published=(8.0, 9.0, 8.0), same=1.0)]


def test_data_holds_what_was_found():
    data = as_data({"model": "m"}, STAGES, COMPARISONS)
    assert data["model"] == "m"
    assert data["stages"][1] == {
        "name": "encode",
        "amount": 10,
        "unit": "windows",
        "seconds": 2.0,
        "floor": 1.5,
        "rate": 5.0,
        "share": 0.75,
    }
    assert data["stages"][0]["share"] is None
    assert data["comparisons"][0]["ratio"] == pytest.approx(16)


def test_a_table_says_rates_shares_and_ratios():
    lines = as_table({"model": "m"}, STAGES, COMPARISONS).splitlines()
    assert "5.0  windows/s" in lines[4] and "75%" in lines[4]
    assert lines[3].rstrip().endswith("0.500")
    assert lines[-1].split() == ["10", "0.50", "8.00", "16.0x", "100%", "16.0x,", "18.0x,", "8.0x"]


def test_without_comparisons_there_is_no_second_table():
    assert "published" not in as_table({}, STAGES, [])
