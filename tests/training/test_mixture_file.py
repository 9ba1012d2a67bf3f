import dataclasses
from pathlib import Path

import pytest

from monkeycli.errors import ExitCode, UsageError
from monkeycli.training import mixture_file
from monkeycli.training.mixture import Dataset, Evaluation, TrainSettings, Tuning
from monkeycli.training.mixture_file import read_mixture
from monkeycli.training.presets import PRESETS

HEAD = "version: 1\ndatasets:\n  - path: a.jsonl\n"


@pytest.fixture
def folder(tmp_path):
    for name in ("a.jsonl", "b.jsonl", "val.jsonl"):
        (tmp_path / name).write_text("{}\n")
    (tmp_path / "pages").mkdir()
    return tmp_path


@pytest.fixture
def read(folder, monkeypatch):
    monkeypatch.chdir(folder)

    def read(text, *overrides):
        Path("mix.yaml").write_text(text)
        return read_mixture(Path("mix.yaml"), overrides)

    return read


def test_every_part_of_a_file_is_read(read):
    mixture = read(
        "version: 1\n"
        "model: monkey-chat\n"
        "preset: paper\n"
        "datasets:\n"
        "  - {path: a.jsonl, task: vqa, weight: 2.0, images: ./pages}\n"
        "  - {path: b.jsonl, task: caption, samples: 5000}\n"
        "eval: [{path: val.jsonl, task: vqa, metric: relaxed, samples: 50}]\n"
        'prompts: {vqa: "{question} Answer: ", caption: " Describe it: "}\n'
        "train: {epochs: 2, lr: 1e-4, betas: [0.9, 0.99], text: none}\n"
        "tune: {method: lora, rank: 8}\n"
    )

    assert mixture.datasets == (
        Dataset(Path("a.jsonl"), task="vqa", weight=2.0, images=Path("pages")),
        Dataset(Path("b.jsonl"), task="caption", samples=5000),
    )
    assert mixture.evaluations == (
        Evaluation(Path("val.jsonl"), "val", task="vqa", metric="relaxed", samples=50),
    )
    assert mixture.model == "monkey-chat"
    assert mixture.prompts == {"vqa": "{question} Answer: ", "caption": " Describe it: "}
    assert mixture.train == TrainSettings(
        epochs=2, lr=1e-4, betas=(0.9, 0.99), text="none", batch=1024
    )
    assert mixture.tune == Tuning(method="lora", rank=8)


def test_paths_start_from_the_files_own_folder(folder, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    (folder / "small").mkdir()
    (folder / "mix.yaml").write_text(
        "version: 1\nmodel: small\ndatasets: [{path: a.jsonl, images: pages}]\n"
        "eval: [{path: val.jsonl, name: held-out}]\n"
    )
    mixture = read_mixture(folder / "mix.yaml")

    assert mixture.datasets[0].path == folder / "a.jsonl"
    assert mixture.datasets[0].images == folder / "pages"
    assert mixture.evaluations[0].path == folder / "val.jsonl"
    assert mixture.evaluations[0].name == "held-out"
    assert mixture.model == str(folder / "small")


def test_a_catalog_name_is_no_folder(read):
    Path("marmoset").mkdir()

    assert read(HEAD).model == "marmoset"
    assert read("model: marmoset\n" + HEAD).model == "marmoset"
    assert read("model: ./marmoset\n" + HEAD).model == "marmoset"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fills_in_what_the_file_leaves_out(read, name):
    mixture = read(f"preset: {name}\ntrain: {{seed: 7}}\n" + HEAD)
    train, tune = PRESETS[name]

    assert mixture.preset == name
    assert mixture.tune == tune
    assert mixture.train == dataclasses.replace(train, seed=7)


@pytest.mark.parametrize(
    "method, preset",
    [("full", "released"), ("qlora", "qlora"), ("lora", "lora"), ("prompt", "lora")],
)
def test_without_a_preset_the_method_chooses_one(read, method, preset):
    """So `--method full` does not learn 7.8 billion weights at the rate of a LoRA."""
    typed = read(HEAD, f"tune.method={method}")
    written = read(f"tune: {{method: {method}}}\n" + HEAD)

    assert typed == written
    assert typed.preset == preset
    assert typed.tune.method == method
    assert typed.train == PRESETS[preset][0]


def test_the_presets_of_the_paper_are_the_papers():
    train, tune = PRESETS["paper"]
    assert (train.lr, train.betas, train.weight_decay) == (1e-5, (0.9, 0.95), 0.1)
    assert (train.warmup, train.batch, train.schedule) == (100, 1024, "cosine")
    assert (tune.method, tune.window_adapters, tune.resampler, tune.vision) == (
        *("full", None, True, False),
    )
    train, tune = PRESETS["released"]
    assert (train.warmup, train.batch, train.seed) == (0.02, 128, 46)
    assert train.gradient_checkpointing and train.precision == "bfloat16"
    assert tune == PRESETS["paper"][1]


def test_what_is_typed_wins_over_the_file_and_its_preset(read):
    text = "model: monkey\npreset: paper\ntrain: {lr: 1e-4, batch: 2}\n" + HEAD
    mixture = read(text, "train.lr=3e-4", "train.seed=5", "preset=lora", "model=other")

    assert mixture.train == dataclasses.replace(PRESETS["lora"][0], lr=3e-4, batch=2, seed=5)
    assert mixture.preset == "lora"
    assert mixture.model == "other"
    assert read(HEAD, "prompts.vqa={question}? ").prompts == {"vqa": "{question}? "}
    assert read("train:\n" + HEAD, "train.steps=9").train.steps == 9


@pytest.mark.parametrize(
    "override, complaint",
    [
        ("train.lr", "--set train.lr: has no value"),
        ("train.lr=fast", "--set train.lr=fast: 'lr' must be a number, not 'fast'"),
        ("train.lrr=1", "--set train.lrr=1: unknown key 'lrr'; did you mean 'lr'?"),
        ("train=3", "--set train=3: 'train' is no setting"),
        ("model.x=3", "--set model.x=3: 'model.x' is no setting"),
        ("tran.lr=3", "--set tran.lr=3: 'tran' cannot be set here; did you mean 'train'?"),
        ("datasets.0.weight=2", "'datasets' cannot be set here"),
        ("tune.rank=0", "--set tune.rank=0: 'rank' must be at least 1"),
    ],
)
def test_what_is_typed_wrong_is_named(read, override, complaint):
    with pytest.raises(UsageError) as caught:
        read(HEAD, override)

    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "text, complaint",
    [
        (HEAD + "    wieght: 1\n", "mix.yaml:4: unknown key 'wieght'; did you mean 'weight'?"),
        (HEAD + "lora: {rank: 4}\n", "mix.yaml:4: unknown key 'lora'"),
        (HEAD + "train: {lr: 1e-4, lrr: 2}\n", "mix.yaml:4: unknown key 'lrr'"),
        (HEAD + "tune: {methd: lora}\n", "mix.yaml:4: unknown key 'methd'; did you mean 'method'"),
        (HEAD + "tune: {method: lor}\n", "mix.yaml:4: 'method' is 'lor', not one of full, lora"),
        (HEAD + "train: [1]\n", "mix.yaml:4: 'train' must be a table"),
        (HEAD + "train: {batch: many}\n", "mix.yaml:4: 'batch' must be a whole number, not 'many'"),
        (HEAD + "train: {batch: 0}\n", "mix.yaml:4: 'batch' must be at least 1"),
        (HEAD + "train: {lr: 0}\n", "mix.yaml:4: 'lr' must be above 0"),
        (HEAD + "train: {warmup: -1}\n", "mix.yaml:4: 'warmup' must be at least 0"),
        (HEAD + "train: {betas: [0.9, 1]}\n", "mix.yaml:4: 'betas' must be below 1"),
        (HEAD + "train: {keep: true}\n", "mix.yaml:4: 'keep' must be a whole number, not 'true'"),
        (HEAD + "    task: vqq\n", "mix.yaml:4: 'task' is 'vqq', not one of vqa, caption"),
        (HEAD + "    samples: 0\n", "mix.yaml:4: 'samples' must be at least 1"),
        (HEAD + "    weight: 0\n", "mix.yaml:4: 'weight' must be above 0"),
        (HEAD + "    weight: 1\n    samples: 3\n", "mix.yaml:4: 'weight' and 'samples' exclude"),
        (HEAD + "    images: nowhere\n", "mix.yaml:4: nowhere does not exist or is no folder"),
        (HEAD + "  - path: c.jsonl\n", "mix.yaml:4: c.jsonl does not exist or is no file"),
        (HEAD + "  - path: pages\n", "mix.yaml:4: pages does not exist or is no file"),
        (HEAD + "  - task: vqa\n", "mix.yaml:4: has no 'path'"),
        (HEAD + "  - b.jsonl\n", "mix.yaml:4: each of datasets must be a table"),
        (HEAD + "version: 1\n", "mix.yaml:4: the key 'version' was used before, at mix.yaml:1"),
        (HEAD + "eval: [{path: x.jsonl}]\n", "mix.yaml:4: x.jsonl does not exist"),
        (
            HEAD + "eval: [{path: val.jsonl, metric: anl}]\n",
            "mix.yaml:4: unknown metric 'anl'; did",
        ),
        (HEAD + "prompts: {vqq: x}\n", "mix.yaml:4: unknown key 'vqq'; did you mean 'vqa'?"),
        (HEAD + "prompts: {vqa: 'Q?'}\n", "mix.yaml:4: the template of 'vqa' leaves no room for"),
        (HEAD + "prompts: {read: '{all}'}\n", "mix.yaml:4: the template of 'read' has a gap that"),
        ("datasets: [{path: a.jsonl}]\n", "mix.yaml: has no version; write version: 1"),
        ("version: 2\n", "mix.yaml:1: this monkey reads version 1 only"),
        ("version: 1\n", "mix.yaml: names no dataset"),
        ("version: 1\ndatasets: []\n", "mix.yaml: names no dataset"),
        ("version: 1\ndatasets: {path: a}\n", "mix.yaml:2: 'datasets' must be a list of tables"),
    ],
)
def test_a_fault_is_named_with_its_line(read, text, complaint):
    with pytest.raises(UsageError) as caught:
        read(text)

    assert str(caught.value).startswith(complaint)
    assert caught.value.exit_code == ExitCode.USAGE


def test_ranges_are_those_of_settings_that_exist():
    """A setting that is renamed must not lose its range in silence."""
    kinds = (Dataset, Evaluation, TrainSettings, Tuning)
    fields = {field.name for kind in kinds for field in dataclasses.fields(kind)}

    assert fields >= mixture_file._FROM_ONE | mixture_file._ABOVE_ZERO | mixture_file._BELOW_ONE


def test_defaults_and_presets_are_within_their_ranges():
    for train, tune in [*PRESETS.values(), (TrainSettings(), Tuning())]:
        for name, value in [*vars(train).items(), *vars(tune).items()]:
            assert mixture_file._range_complaint(name, value) is None, name
