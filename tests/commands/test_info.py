import json

import pytest

from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image, draw_pdf


def test_the_installation_is_described(monkey, small_folder, folder):
    (folder / "monkey.toml").write_text("batch-size = 4\n[caption]\nshort = true\n")
    ended = monkey("info", "--json")

    assert ended.code == ExitCode.OK
    report = json.loads(ended.out)
    assert {"python", "monkeycli", "torch", "transformers", "pymupdf"} <= set(report["versions"])
    assert report["models"]["monkey-chat"]["folder"] == "not here"
    assert report["settings"]["ask --batch-size"] == {"value": 4, "from": "monkey.toml"}
    assert report["settings"]["caption --short"] == {"value": True, "from": "monkey.toml"}
    assert report["settings"]["ask --model"] == {
        "value": str(small_folder),
        "from": "$MONKEY_MODEL",
    }


def test_people_get_lines(monkey):
    ended = monkey("info")

    headings = [line for line in ended.lines if not line.startswith(" ")]
    assert headings == [
        "versions:",
        "device:",
        "models:",
        "folders:",
        "plugins:",
        "settings:",
    ]
    assert "  ask --device: value cpu, from $MONKEY_DEVICE" in ended.lines


def test_pages_are_described_without_a_model_in_memory(monkey, folder, monkeypatch):
    """The grids are those of the model that is set, here in the environment."""
    monkeypatch.delattr("monkeycli.model.checkpoint.load_checkpoint")
    draw_pdf(folder / "a.pdf", "One")
    draw_image(folder / "b.png", size=(500, 900))
    ended = monkey("info", "a.pdf", "b.png")

    assert ended.code == ExitCode.OK
    first, second = ended.lines[1:]
    assert "source a.pdf, page 1, pages 1" in first
    assert "size 842.0, 595.0, unit points, grid 3x2, canvas 1344, 896" in first
    assert "size 500, 900, unit pixels, grid 1x2, canvas 448, 896" in second


@pytest.mark.parametrize("others, code", [([], ExitCode.FAILED), (["b.png"], ExitCode.PARTIAL)])
def test_a_page_that_cannot_be_read_is_in_the_report(monkey, folder, others, code):
    draw_image(folder / "b.png")
    (folder / "c.pdf").write_bytes(b"")
    ended = monkey("info", "c.pdf", *others, "--json")

    assert ended.code == code
    assert json.loads(ended.out)["pages"][0]["error"].startswith("corrupt: ")


@pytest.mark.parametrize(
    "words, code, complaint",
    [
        (["nowhere.pdf"], ExitCode.USAGE, "nowhere.pdf does not exist"),
        (
            ["a.pdf", "-m", "monkey"],
            ExitCode.MODEL,
            "'monkey' is not on this machine; monkey model",
        ),
        (["--config", "none.toml"], ExitCode.USAGE, "none.toml (--config) does not exist"),
    ],
    ids=str,
)
def test_what_cannot_be_described_is_told(monkey, folder, words, code, complaint):
    draw_pdf(folder / "a.pdf", "One")
    ended = monkey("info", *words)

    assert ended.code == code
    assert complaint in ended.err
    assert ended.out == b""
