"""The Python API gives what the command line gives, without it."""

import pytest
import torch
from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor

import monkeycli
from monkeycli import api
from monkeycli.api import load, reads_text
from monkeycli.errors import ModelError, UsageError
from monkeycli.options import GenerateOptions
from monkeycli.questions import Question
from monkeycli.store import export_adapter
from tests.drawn_adapter import draw_run
from tests.drawn_documents import draw_image, draw_page, draw_pdf
from tests.published_checkpoint import draw_published
from tests.small_checkpoint import WIDE, draw_small, small_config

SHORT = GenerateOptions(max_tokens=8)


@pytest.fixture(autouse=True)
def _no_text_reader(monkeypatch):
    """Let it change nothing whether one is installed."""
    monkeypatch.setattr(api, "has_text_reader", lambda: False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    draw_pdf(folder / "a.pdf", "Total 7", "", "Total 9")
    draw_image(folder / "b.png")
    draw_pdf(folder / "locked.pdf", "secret", password="sesame")
    return folder


def test_a_question_may_be_one_text_many_or_made_by_hand(small_monkey, folder):
    by_hand = Question("total?", "mine", gold="7", meta={"team": "x"})
    texts = ["who?", by_hand, "when?"]
    records = small_monkey.ask(folder / "b.png", texts, options=SHORT)
    (alone,) = small_monkey.ask(str(folder / "b.png"), "who?", options=SHORT)

    assert [record.question_id for record in records] == ["q1", "mine", "q2"]
    assert (records[1].gold, records[1].meta) == ("7", {"team": "x"})
    assert (alone.answer, alone.id) == (records[0].answer, records[0].id)


def test_documents_may_be_a_folder_and_pages_chosen(small_monkey, folder):
    records = small_monkey.ask([folder], "who?", each="page", pages="2-3", options=SHORT)

    found = [(record.source.rpartition("/")[2], record.page, record.status) for record in records]
    assert found == [
        ("a.pdf", 2, "ok"),
        ("a.pdf", 3, "ok"),
        ("b.png", 2, "error"),
        ("locked.pdf", None, "error"),
    ]


def test_a_password_opens_a_document(small_monkey, folder):
    path = folder / "locked.pdf"
    (shut,), (opened,) = (
        small_monkey.ask(path, "who?", password=password, options=SHORT)
        for password in ("wrong", "sesame")
    )

    assert shut.error.code == "encrypted"
    assert opened.answer


def test_text_and_grid_are_as_asked(small_monkey, folder):
    (layer,), (none,) = (
        small_monkey.ask(folder / "a.pdf", "who?", pages="1", text=text, grid="1x2", options=SHORT)
        for text in ("auto", "none")
    )

    assert (layer.text_source, none.text_source) == ("layer", "none")
    assert layer.grid == none.grid == (1, 2)
    assert layer.prompt_tokens > none.prompt_tokens
    assert layer.id != none.id


def test_captions_are_one_for_each_page(small_monkey, folder):
    records = small_monkey.caption([folder / "a.pdf", folder / "b.png"], options=SHORT)
    short = small_monkey.caption(folder / "b.png", short=True, options=SHORT)

    assert [(record.kind, record.page) for record in records] == [
        ("caption", 1),
        ("caption", 2),
        ("caption", 3),
        ("caption", 1),
    ]
    assert short[0].caption != records[3].caption


@pytest.mark.parametrize(
    "options, complaint",
    [
        ({"grid": "3x3"}, "grid '3x3' is not one of"),
        ({"pages": "0"}, "there is no page 0"),
        ({"text": "all"}, "is not one of auto, none, layer"),
    ],
)
def test_options_that_are_wrong_are_refused(small_monkey, folder, options, complaint):
    with pytest.raises(UsageError, match=complaint):
        small_monkey.ask(folder / "b.png", "who?", **options)


def test_a_document_that_does_not_exist_is_refused(small_monkey):
    with pytest.raises(UsageError, match=r"nowhere.pdf does not exist"):
        small_monkey.caption("nowhere.pdf")


def test_a_grid_larger_than_the_adapters_is_refused_at_once(tmp_path_factory, folder):
    vision = {**small_config().vision_config.to_dict(), "num_adapters": 4}
    drawn = draw_small(tmp_path_factory.mktemp("models") / "four", vision_config=vision)
    monkey = load(drawn, device="cpu", dtype="float32")

    with pytest.raises(
        UsageError, match="3x2 grid has 6 windows, the checkpoint has adapters for 4"
    ):
        monkey.ask(folder / "b.png", "who?", grid="3x2")


@pytest.mark.parametrize(
    "limit, text, reads",
    [
        (9, "auto", True),
        (9, "layer", True),
        (9, "none", False),
        (9, "ocr", False),
        (0, "auto", False),
    ],
)
def test_auto_gives_text_to_a_model_that_was_trained_with_it(limit, text, reads):
    assert reads_text(small_config(max_evidence_tokens=limit), text) is reads


def test_a_model_trained_without_text_is_not_given_any():
    with pytest.raises(UsageError, match=r"small@1.0 was trained without .*; use --text none"):
        reads_text(small_config(max_evidence_tokens=0), "layer")


@pytest.mark.parametrize(
    "limit, text, is_installed, reads",
    [
        (9, "auto", True, True),
        (9, "auto", False, False),
        (9, "layer", True, False),
        (9, "none", True, False),
        (0, "auto", True, False),
    ],
)
def test_auto_reads_images_where_the_plugin_is(monkeypatch, limit, text, is_installed, reads):
    monkeypatch.setattr(api, "has_text_reader", lambda: is_installed)

    assert api.reads_ocr(small_config(max_evidence_tokens=limit), text) is reads


def test_ocr_without_the_plugin_is_refused(monkeypatch):
    def load_nothing():
        raise UsageError("--text ocr needs the package monkey-ocr")

    monkeypatch.setattr(api, "load_text_reader", load_nothing)

    with pytest.raises(UsageError, match="monkey-ocr"):
        api.reads_ocr(small_config(max_evidence_tokens=9), "ocr")


def test_load_gives_model_and_processor(small_folder):
    monkey = load(small_folder, device="cpu", dtype="float16")

    assert monkey.name == "small@1.0"
    assert not monkey.model.training
    assert {parameter.dtype for parameter in monkey.model.parameters()} == {torch.float16}
    image = draw_page(1).image
    inputs = monkey.processor(images=[image], text=[" What? Answer: "], return_tensors="pt")
    assert monkey.model.float().generate(**inputs, max_new_tokens=3).shape[1] > 3


def test_load_is_lazily_at_hand():
    assert monkeycli.load is load


@pytest.mark.parametrize("is_pickle", [False, True])
def test_a_folder_in_the_published_layout_loads_as_it_is(tmp_path, folder, is_pickle):
    drawn = draw_published(tmp_path / "published", is_pickle=is_pickle)
    before = sorted(drawn.iterdir())
    monkey = load(str(drawn), device="cpu", dtype="float32")
    (record,) = monkey.ask(folder / "b.png", "who?", options=SHORT)

    assert record.grid == (2, 2)
    assert record.model.startswith("published@")
    assert record.text_source == "none"
    assert sorted(drawn.iterdir()) == before


def test_transformers_knows_the_checkpoint_by_itself(small_folder, small_monkey):
    model = AutoModelForImageTextToText.from_pretrained(small_folder)
    weights = small_monkey.model.state_dict()

    assert AutoConfig.from_pretrained(small_folder).model_type == "monkey"
    assert AutoProcessor.from_pretrained(small_folder).prompts == small_monkey.processor.prompts
    assert all(torch.equal(part, weights[name]) for name, part in model.state_dict().items())


@pytest.mark.parametrize(
    "arguments, error",
    [
        ({"model": "gorilla"}, UsageError),
        ({"model": "monkey-chat"}, ModelError),
        ({"device": "tpu"}, UsageError),
        ({"dtype": "float64"}, UsageError),
        ({"quantize": "int3"}, UsageError),
    ],
)
def test_what_cannot_be_loaded_is_told(small_folder, arguments, error):
    with pytest.raises(error):
        load(**{"model": small_folder, **arguments})


# Fewer bits


def ask(monkey, folder):
    return monkey.ask(folder / "b.png", "who?", options=SHORT)[0]


def test_what_answers_in_few_bits_is_another_model_in_the_records(
    rounded, small_folder, folder, small_monkey
):
    monkey = load(small_folder, device="cpu", dtype="float32", quantize="int8")
    record, plain = ask(monkey, folder), ask(small_monkey, folder)

    assert rounded == ["int8"]
    assert (record.model, plain.model) == ("small@1.0+int8", "small@1.0")
    assert record.id != plain.id
    assert record.answer != plain.answer


def test_features_are_the_same_in_few_bits_and_found_in_the_cache(
    rounded, small_folder, folder, tmp_path, monkeypatch
):
    ask(load(small_folder, device="cpu", dtype="float32", cache=tmp_path), folder)
    few = load(small_folder, device="cpu", dtype="float32", cache=tmp_path, quantize="int4")
    monkeypatch.setattr(few.model.model, "vision", None)  # what would compute them

    assert ask(few, folder).answer


def test_what_was_learnt_is_merged_before_matrices_are_quantized(run, rounded, folder):
    monkey = load(adapter=run, device="cpu", dtype="float32", quantize="int8")
    whole = load(run, device="cpu", dtype="float32", quantize="int8")

    assert (monkey.name, monkey.adapter.partition("@")[0]) == ("small@1.0+int8", "invoices")
    assert ask(monkey, folder).answer == ask(whole, folder).answer


@pytest.mark.parametrize("kind", ["int8", "int4"])
def test_answers_of_a_batch_in_few_bits_are_those_of_one_alone(kind, folder, tmp_path):
    pytest.importorskip("bitsandbytes")
    wide = draw_small(tmp_path / "wide", **WIDE)
    monkey = load(wide, device="cpu", dtype="float32", quantize=kind)
    one = GenerateOptions(max_tokens=8, batch_size=1)
    together, alone = (
        monkey.ask(folder / "a.pdf", ["who?", "when was that?"], each="page", options=options)
        for options in (SHORT, one)
    )

    assert [record.status for record in together] == ["ok"] * 6
    assert [record.answer for record in together] == [record.answer for record in alone]


# What a run learnt


@pytest.fixture(scope="module")
def run(small_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "invoices"
    draw_run(folder, small_folder, "lora")
    export_adapter(str(folder), folder / "model")
    return folder


def test_adapter_brings_its_base_along_and_is_named_in_the_records(run, folder, small_monkey):
    monkey = load(adapter=run, device="cpu", dtype="float32")
    (record,) = monkey.ask(folder / "b.png", "who?", options=SHORT)
    (plain,) = small_monkey.ask(folder / "b.png", "who?", options=SHORT)

    assert monkey.name == "small@1.0"
    assert record.adapter.startswith("invoices@")
    assert record.adapter == monkey.adapter
    assert (plain.adapter, plain.model) == (None, record.model)
    assert record.id != plain.id
    assert record.answer != plain.answer


def test_whole_model_of_a_run_answers_as_its_adapter(run, folder):
    adapted = load(adapter=run / "adapter", device="cpu", dtype="float32")
    whole = load(run, device="cpu", dtype="float32")
    records = [model.ask(folder / "b.png", "who?", options=SHORT)[0] for model in (adapted, whole)]

    assert records[0].answer == records[1].answer
    assert whole.name.startswith("invoices@")
    assert records[1].adapter is None


@pytest.mark.parametrize("method", ["prompt", "prefix"])
def test_virtual_tokens_answer_a_batch_as_they_answer_alone(method, small_folder, folder, tmp_path):
    draw_run(tmp_path, small_folder, method)
    monkey = load(adapter=tmp_path, device="cpu", dtype="float32")
    questions = ["who?", "when was that?", "total?"]
    records = monkey.ask(folder / "a.pdf", questions, each="page", options=SHORT)
    one = GenerateOptions(max_tokens=8, batch_size=1)
    alone = [
        record
        for question in questions
        for record in monkey.ask(folder / "a.pdf", question, each="page", options=one)
    ]

    assert sorted((r.page, r.question, r.answer) for r in records) == sorted(
        (r.page, r.question, r.answer) for r in alone
    )


def test_adapter_of_another_model_is_refused_before_weights_are_read(run, tmp_path, monkeypatch):
    other = draw_small(tmp_path / "other", seed=1, checkpoint_name="other@2.0")
    monkeypatch.setattr(api, "load_checkpoint", None)

    with pytest.raises(ModelError, match=r"belongs to small@1\.0 .*not to other@2\.0"):
        load(other, adapter=run)


def test_settings_are_those_of_the_model_with_its_adapter(run, small_folder):
    assert api.load_settings(None, run).checkpoint_name == "small@1.0"
    assert api.load_settings(run, None).checkpoint_name == "invoices"
    with pytest.raises(UsageError, match="holds no adapter"):
        api.load_settings(None, small_folder)
