"""Every exit code of every command, through its entry point and a process of its own."""

import json
import signal

import pytest

from monkeycli.errors import ExitCode
from tests.drawn_documents import draw_image, draw_pdf
from tests.training.runs import write_mixture
from tests.trust.drawn_sites import (
    FAKES,
    draw_command_site,
    draw_faulty_site,
    draw_generator_site,
    write_faulty,
)
from tests.trust.processes import children, is_alive

ASK = ("ask", "-q", "who?")
DESCRIBE = ("describe", *FAKES)
TRAIN = ("train", "--data", "mix.yaml", "--device", "cpu", "--log", "none", "--quiet")
TRAIN += ("--set", "train.steps=1", "--set", "train.eval_every=1000", "-o")
BENCH = ("bench", "--pages", 1, "--max-tokens", 2, "--device", "cpu", "--model")


@pytest.fixture
def folder(folder, small_folder):
    draw_image(folder / "a.png")
    draw_pdf(folder / "b.pdf", "Total 7")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "model").symlink_to(small_folder)
    (folder / "link.jsonl").symlink_to("elsewhere.jsonl")
    (folder / "there.jsonl").touch()
    write_faulty(folder / "hang.faulty", "fine", "hang")
    records = [{"kind": "answer", "question_id": "1", "answer": "7", "gold": "7"}]
    (folder / "preds.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n")
    golds = [{"question_id": str(number), "answer": "7"} for number in (1, 2)]
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, golds)) + "\n")
    write_mixture(folder, small_folder)
    return folder


@pytest.fixture
def sites(tmp_path):
    drawn = (draw_command_site, draw_faulty_site, draw_generator_site)
    return [draw(tmp_path / draw.__name__) for draw in drawn]


CODES = [
    (ExitCode.OK, [*ASK, "a.png"], {}, ""),
    (ExitCode.OK, ["caption", "a.png", "-o", "c.csv"], {}, "1 captioned, 0 failed"),
    (ExitCode.OK, [*DESCRIBE, "a.png", "-o", "d.jsonl"], {}, "1 described, 0 failed"),
    (ExitCode.OK, ["score", "preds.jsonl"], {}, ""),
    (ExitCode.OK, ["info", "a.png"], {}, ""),
    (ExitCode.OK, ["info"], {}, ""),
    (ExitCode.OK, ["model", "list"], {}, ""),
    (ExitCode.OK, ["model", "check", "model"], {}, ""),
    (ExitCode.OK, ["model", "export", "model", "-o", "copy"], {}, ""),
    (ExitCode.OK, ["--version"], {}, ""),
    (ExitCode.INTERNAL, ["swing"], {}, "internal error: ZeroDivisionError"),
    (ExitCode.USAGE, [], {}, "Usage: monkey"),
    (ExitCode.USAGE, [*ASK], {}, "no documents to ask"),
    (ExitCode.USAGE, [*ASK, "nowhere.pdf"], {}, "nowhere.pdf does not exist"),
    (ExitCode.USAGE, [*ASK, "a.png", "-o", "there.jsonl"], {}, "exists already"),
    (ExitCode.USAGE, [*ASK, "a.png", "-o", "a.png", "-f", "csv", "--overwrite"], {}, "an input"),
    (ExitCode.USAGE, ["caption"], {}, "no documents to describe"),
    (ExitCode.USAGE, ["describe", "a.png", "--global", "nobody"], {}, "nobody"),
    (ExitCode.USAGE, ["score", "a.png"], {}, "a.png"),
    (ExitCode.USAGE, ["train", "--data", "none.yaml", "-o", "r"], {}, "none.yaml is no file"),
    (ExitCode.USAGE, ["bench", "--pages", "0"], {}, "0 is not in the range"),
    (ExitCode.USAGE, ["info", "nowhere.pdf"], {}, "nowhere.pdf does not exist"),
    (ExitCode.USAGE, ["model", "export", "model", "-o", "model"], {}, "model"),
    (ExitCode.PARTIAL, [*ASK, "a.png", "bad.pdf"], {}, "1 answered, 1 failed"),
    (ExitCode.PARTIAL, ["caption", "a.png", "bad.pdf"], {}, "1 captioned, 1 failed"),
    (ExitCode.PARTIAL, [*DESCRIBE, "a.png", "bad.pdf"], {}, "1 described, 1 failed"),
    (ExitCode.PARTIAL, ["score", "preds.jsonl", "--gold", "gold.jsonl"], {}, "gold"),
    (ExitCode.PARTIAL, ["info", "a.png", "bad.pdf"], {}, ""),
    (ExitCode.FAILED, [*ASK, "bad.pdf"], {}, "corrupt"),
    (ExitCode.FAILED, [*ASK, "a.png"], {"prepare": "refuse_memory"}, "does not fit into memory"),
    (ExitCode.FAILED, ["caption", "bad.pdf"], {}, "corrupt"),
    (ExitCode.FAILED, [*DESCRIBE, "bad.pdf"], {}, "corrupt"),
    (ExitCode.MODEL, [*ASK, "a.png", "--model", "monkey-chat"], {}, "monkey model pull"),
    (ExitCode.MODEL, [*ASK, "a.png", "--device", "cuda:99"], {}, "cuda:99"),
    (ExitCode.MODEL, ["caption", "a.png", "--model", "monkey"], {}, "monkey model pull"),
    (ExitCode.MODEL, [*TRAIN, "r", "-m", "monkey"], {}, "monkey model pull"),
    (ExitCode.MODEL, [*BENCH, "monkey"], {}, "monkey model pull"),
    (ExitCode.MODEL, ["model", "check", "monkey"], {}, "monkey model pull"),
    (ExitCode.OUTPUT, [*ASK, "a.png", "-o", "no/out.csv"], {}, "there is no folder no"),
    (ExitCode.OUTPUT, [*ASK, "a.png", "-o", "link.jsonl"], {}, "it is a symbolic link"),
    (ExitCode.OUTPUT, [*ASK, "a.png"], {"out": "/dev/full"}, "No space left on device"),
    (ExitCode.OUTPUT, [*DESCRIBE, "a.png"], {"out": "/dev/full"}, "No space left on device"),
    (ExitCode.OUTPUT, ["score", "preds.jsonl"], {"out": "/dev/full"}, "No space left on device"),
    (ExitCode.OUTPUT, ["info"], {"out": "/dev/full"}, "No space left on device"),
    (ExitCode.OUTPUT, ["model", "list"], {"out": "/dev/full"}, "No space left on device"),
    (ExitCode.OUTPUT, ["--help"], {"out": "/dev/full"}, "No space left on device"),
    (ExitCode.OUTPUT, ["ask", "--help"], {"out": "/dev/full"}, "No space left on device"),
    (ExitCode.OUTPUT, [*TRAIN, "a.png/run"], {}, "a.png/run cannot be made"),
    (ExitCode.PIPE, [*ASK, "a.png"], {"out": None}, ""),
    (ExitCode.PIPE, ["caption", "a.png"], {"out": None}, ""),
    (ExitCode.PIPE, [*DESCRIBE, "a.png"], {"out": None}, ""),
    (ExitCode.PIPE, ["score", "preds.jsonl", "--json"], {"out": None}, ""),
    (ExitCode.PIPE, ["model", "list"], {"out": None}, ""),
]


def _name(row):
    code, words, options, _ = row
    return f"{code.name}-{'-'.join(map(str, words[:1]))}-{'-'.join(options)}"


@pytest.mark.parametrize("code, words, options, told", CODES, ids=map(_name, CODES))
@pytest.mark.usefixtures("folder")
def test_the_exit_code_says_how_a_command_ended(monkey, sites, *, code, words, options, told):
    if "prepare" in options:
        options = {**options, "prepare": f"tests.trust.preparations:{options['prepare']}"}
    ended = monkey(*words, sites=sites, **options)

    assert ended.code == code, ended.err
    assert told in ended.err
    assert "Traceback" not in ended.err
    if code == ExitCode.PIPE:
        assert ended.err == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "words, code, out",
    [
        ([*TRAIN, "run"], ExitCode.OK, b"run\n"),
        ([*BENCH, "model", "--json"], ExitCode.OK, b"{"),
    ],
    ids=["train", "bench"],
)
@pytest.mark.usefixtures("folder")
def test_what_takes_longer_succeeds_too(monkey, words, code, out):
    """Takes 10 seconds of processor time."""
    ended = monkey(*words)

    assert ended.code == code, ended.err
    assert ended.out.startswith(out)


@pytest.mark.parametrize(
    "number, code",
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)],
    ids=["SIGINT", "SIGTERM"],
)
@pytest.mark.parametrize("words", [ASK, ("caption",), DESCRIBE], ids=["ask", "caption", "describe"])
@pytest.mark.usefixtures("folder")
def test_a_second_signal_ends_a_command_whose_page_hangs(start, sites, words, *, number, code):
    """And leaves no process behind, and says how to go on."""
    words = [*words, "a.png", "hang.faulty", "-o", "out.jsonl", "--page-timeout", 900]
    running = start(*words, sites=sites)
    readers = running.wait_until(lambda: children(running.pid))
    running.kill(number)
    running.wait_until(lambda: "once more to stop at once" in running.err.read_text())
    running.kill(number)
    ended = running.wait()

    assert ended.code == code, ended.err
    assert "-o out.jsonl --page-timeout 900 --resume\n" in ended.err
    assert not any(is_alive(reader) for reader in readers)
