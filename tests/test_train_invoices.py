"""The example that trains: its pages, that none of them are in both parts, and its mixture."""

import importlib
import json
import re
import shutil
import sys
from pathlib import Path

import pymupdf
import pytest

from monkeycli import cli
from monkeycli.errors import ExitCode

EXAMPLE = Path(__file__).parents[1] / "examples" / "train-invoices"
MODULES = ("invoice", "draw_invoice", "make_invoices")


@pytest.fixture(scope="module")
def example():
    """Give the example's modules as its script sees them: beside each other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLE)
        patch.setattr(sys, "dont_write_bytecode", True)
        yield {name: importlib.import_module(name) for name in MODULES}
    for name in MODULES:
        del sys.modules[name]


@pytest.fixture(scope="module")
def data(example, tmp_path_factory):
    """Give a folder with the example's mixture file and a few of its pages."""
    folder = tmp_path_factory.mktemp("train-invoices")
    example["make_invoices"].write(folder / "data", seed=3, train=6, held_out=4)
    shutil.copy(EXAMPLE / "mix.yaml", folder)
    return folder


@pytest.fixture(scope="module")
def parts(example):
    make = example["invoice"].make_invoices
    return make("train", 60, 3), make("held-out", 30, 3)


def lines_of(data: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (data / "data" / name).read_text().splitlines()]


def text_of(page: Path) -> str:
    with pymupdf.open(page) as document:
        return document[0].get_text()


def files_of(folder: Path) -> dict[Path, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in found}


def test_a_seed_gives_the_same_bytes_and_another_one_others(example, data, tmp_path):
    write = example["make_invoices"].write
    write(tmp_path / "same", seed=3, train=6, held_out=4)
    write(tmp_path / "other", seed=4, train=6, held_out=4)

    assert files_of(tmp_path / "same") == files_of(data / "data")
    pages = {path for path in files_of(tmp_path / "other") if path.suffix == ".pdf"}
    other = files_of(tmp_path / "other")
    assert not [path for path in pages if other[path] == files_of(data / "data")[path]]


def test_more_pages_leave_the_first_ones_held_out_as_they_are(example, data, tmp_path):
    """A longer training is measured on the same pages."""
    example["make_invoices"].write(tmp_path, seed=3, train=9, held_out=4)

    assert files_of(tmp_path / "held-out") == files_of(data / "data" / "held-out")


@pytest.mark.parametrize(
    "what",
    [
        lambda invoice: {invoice.customer},
        lambda invoice: {item.name for item in invoice.items},
        lambda invoice: {(invoice.arrangement, invoice.order)},
        lambda invoice: {invoice.values[f"{kind} number"] for kind in NUMBERED},
        lambda invoice: {invoice.values["invoice date"]},
    ],
    ids=["customers", "goods", "layouts", "numbers", "days"],
)
def test_parts_have_nothing_in_common(parts, what):
    learnt, kept = (set().union(*map(what, part)) for part in parts)

    assert len(learnt) > 2 and len(kept) > 2
    assert not learnt & kept


NUMBERED = ("invoice", "customer", "order")


def test_every_answer_stands_on_its_page_and_those_that_are_not_there_do_not(example, data):
    goods = {good: good for part in example["invoice"].GOODS.values() for good in part}
    on_paper = example["invoice"].LABELS | goods
    for name in ("train/questions.jsonl", "train/absent.jsonl", "held-out/questions.jsonl"):
        for line in lines_of(data, name):
            text = text_of((data / "data" / name).parent / line["document"]).split()
            if line["task"] == "vqa":
                assert line["answer"] in " ".join(text), line
            else:
                asked = {word for name, word in on_paper.items() if name in line["question"]}
                assert asked and not asked & set(text), line


def test_every_page_has_as_many_samples_as_a_step_takes(data):
    count = {f"train-{number:03}.pdf": 0 for number in range(6)}
    for name in ("questions", "absent", "captions"):
        for line in lines_of(data, f"train/{name}.jsonl"):
            count[line["document"]] += 1

    assert set(count.values()) == {16}


def test_captions_say_what_stands_on_the_page(data):
    for line in lines_of(data, "held-out/captions.jsonl"):
        text = text_of(data / "data" / "held-out" / line["document"])
        head, _, tail = line["caption"].partition(" of Brakwater Kontor to ")
        day = tail.split()[-1].rstrip(".")
        for fact in (head.removeprefix("Invoice "), tail.partition(",")[0], day):
            assert fact in text


def test_the_mixture_passes_a_dry_run(data, small_folder, capsysbinary):
    words = ["train", "--data", str(data / "mix.yaml"), "--dry-run", "--device", "cpu"]
    code = cli.run([*words, "-m", str(small_folder)])

    out, err = capsysbinary.readouterr()
    assert code == ExitCode.OK, err.decode()
    for task in ("vqa", "no_answer", "detailed_caption"):
        assert task in out.decode()


@pytest.mark.slow
def test_the_same_seed_teaches_marmoset_the_same_weights(data, capsysbinary):
    pytest.importorskip("monkey_marmoset")
    changes = ("train.steps=2", "train.eval_every=9", "train.precision=float32")
    mixture = data / "quick.yaml"
    mixture.write_text(re.sub(r"samples: \d+", "samples: 1", (EXAMPLE / "mix.yaml").read_text()))
    written = []
    for name in ("one", "two"):
        words = ["train", "--data", str(mixture), "-o", str(data / "runs" / name)]
        words += ["--device", "cpu", "--log", "none", "--quiet"]
        words += [word for change in changes for word in ("--set", change)]
        assert cli.run(words) == ExitCode.OK, capsysbinary.readouterr().err.decode()
        folder = data / "runs" / name / "adapter"
        written.append({path.name: path.read_bytes() for path in folder.glob("*.safetensors")})

    assert written[0] and written[0] == written[1]
