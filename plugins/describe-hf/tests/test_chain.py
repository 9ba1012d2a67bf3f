"""All generators together, through `monkey describe`: real classes, tiny and random."""

import json
import sys
import types

import pytest
from monkey_describe_hf import sam as sam_module

from monkeycli.cli import run as run_cli
from monkeycli.describing.providers import Found, group_of
from tests.tiny_generators import draw_pictures

pytestmark = pytest.mark.usefixtures("no_network")


class Reader:
    """Reads a line at the top of every image; stands in for monkey-ocr."""

    by = "reader@1"

    def __init__(self, options):
        pass

    def find_text(self, images):
        return [[Found("Total: $12", (10, 5, 90, 25), 0.99)] for _ in images]


@pytest.fixture
def describe(installed, tmp_path, monkeypatch, capsys, weights):
    """Run `monkey describe` over two pictures with all tiny generators; give (code, records)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sam_module, "POINTS_PER_SIDE", 4)
    module = types.ModuleType("a_reader")
    module.Reader = Reader
    monkeypatch.setitem(sys.modules, "a_reader", module)
    folder = tmp_path / "site" / "a_reader-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: a-reader\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(f"[{group_of('text')}]\nreader = a_reader:Reader\n")
    for name, picture in zip("ab", draw_pictures(), strict=True):
        picture.save(tmp_path / f"{name}.png")

    def run(*words, segmenter="sam"):
        generators = [
            *("--global", f"blip2:{weights('blip2')}"),
            *("--region", f"florence2:{weights('florence2')}"),
            *("--segment", f"{segmenter}:{weights(segmenter)}"),
            *("--text", "reader", "--match", f"blip2:{weights('blip2_matcher')}"),
        ]
        words = [*words, *generators, "--device", "cpu", "-o", "out.jsonl", "--fuse", "template"]
        code = run_cli(["describe", "a.png", "b.png", *words])
        lines = (tmp_path / "out.jsonl").read_bytes().splitlines()
        return code, [json.loads(line) for line in lines], capsys.readouterr().err

    return run


@pytest.mark.parametrize("segmenter", ["sam", pytest.param("sam2", marks=pytest.mark.slow)])
def test_five_generators_and_the_template_describe_images(describe, segmenter):
    loose = ("--min-region", "0", "--min-segment", "0")
    code, records, err = describe(*loose, segmenter=segmenter)

    assert (code, [record["status"] for record in records]) == (0, ["ok", "ok"]), err
    for record in records:
        found = {kind: [] for kind in ("global", "region", "segment", "text")}
        for item in [*record["evidence"], *record["dropped"]]:
            found[item["kind"]].append(item)
        assert len(found["global"]) == 1
        assert found["global"][0]["text"]
        assert [item["text"] for item in found["region"]] == ["red dog"]
        assert found["region"][0]["box"] == pytest.approx([0.1, 0.2, 0.5, 0.8], abs=0.01)
        assert found["segment"]
        assert all(0 < item["match"] < 1 for item in found["region"] + found["segment"])
        assert [item["text"] for item in found["text"]] == ["Total: $12"]
        assert 'reads "Total: $12"' in record["description"]
        assert record["stages"]["segment"].startswith(f"{segmenter}-0.1.0@")
        assert record["fused_by"] == "template"
        assert record["checks"]["unsupported_numbers"] == []


def test_what_does_not_match_is_dropped_and_the_record_says_why(describe):
    _, records, _ = describe("--min-region", "1", "--min-segment", "1", "--overwrite")

    for record in records:
        assert {item["kind"] for item in record["evidence"]} == {"global", "text"}
        whys = [item["why"] for item in record["dropped"]]
        assert whys
        assert all("is not above 1" in why for why in whys)


@pytest.mark.slow
def test_a_second_run_gives_the_same(describe):
    _, first, _ = describe()
    _, second, _ = describe("--overwrite")

    for record in (*first, *second):
        record.pop("seconds", None)
    assert first == second
