"""Logits are those of the published code, and so is every token of a greedy answer."""

import pytest
import torch

from tests.parity.reference import SINGLE, difference

FIRST_LOGITS, STEP_SCORES, HIDDEN_STATES = 5e-5, 1e-4, 5e-5
BATCH, LONG = 3e-4, 3e-4  # left padding moves positions; beyond 2048 angles are large


@pytest.mark.parametrize("case", SINGLE)
def test_prompt_is_the_published_one_but_for_the_path(tiny, case):
    ids, golden = tiny.inputs(case)["input_ids"][0].tolist(), tiny.cases[case]["input_ids"]

    assert len(ids) == len(golden)
    assert ids[:1] + ids[1281:] == golden[:1] + golden[1281:]


@pytest.mark.parametrize("case", SINGLE)
def test_answer_is_the_published_one(tiny, case):
    steps, golden = tiny.steps(case), tiny.cases[case]

    assert steps.tokens == [golden["greedy"]]
    assert tiny.processor.decode(steps.tokens[0]) == golden["decoded"].strip()
    first, scores = tiny.tensors[f"{case}.first_logits"], tiny.tensors[f"{case}.step_scores"]
    assert difference(steps.first_logits[0], first) <= FIRST_LOGITS
    assert difference(steps.scores[0], scores) <= STEP_SCORES


@pytest.mark.parametrize("case", ["ask.portrait_text.png", "caption.portrait_text.png"])
def test_answer_from_the_full_vocabulary_is_the_published_one(fullvocab, case):
    ids, golden = fullvocab.inputs(case)["input_ids"][0].tolist(), fullvocab.cases[case]
    steps = fullvocab.steps(case)

    assert ids[:1] + ids[1281:] == golden["input_ids"][:1] + golden["input_ids"][1281:]
    assert steps.tokens == [golden["greedy"]]
    assert fullvocab.processor.decode(steps.tokens[0]) == golden["decoded"].strip()
    first = fullvocab.tensors[f"{case}.first_logits"]
    assert difference(steps.first_logits[0], first) <= FIRST_LOGITS


@torch.inference_mode()
def test_every_layer_is_the_published_one(tiny):
    case = "ask.portrait_text.png"
    output = tiny.model(**tiny.inputs(case), output_hidden_states=True)
    states = torch.cat(output.hidden_states)

    last, some = tiny.tensors[f"{case}.hidden_last"], tiny.tensors[f"{case}.hidden_stride64"]
    assert difference(states[:, -1], last) <= HIDDEN_STATES
    assert difference(states[:, ::64], some) <= HIDDEN_STATES
    logits = tiny.tensors[f"{case}.logits_stride64"]
    assert difference(output.logits[0, ::64], logits) <= FIRST_LOGITS


@torch.inference_mode()
def test_text_alone_gives_the_published_logits_and_tokens(tiny):
    inputs = tiny.inputs("text")

    assert inputs["input_ids"][0].tolist() == tiny.cases["text"]["input_ids"]
    assert difference(tiny.model(**inputs).logits[0], tiny.tensors["text.logits"]) <= FIRST_LOGITS
    assert tiny.steps("text").tokens == [tiny.cases["text"]["greedy"]]


def test_batch_is_the_published_one(tiny):
    inputs, steps = tiny.inputs("batch2"), tiny.steps("batch2")

    assert inputs["attention_mask"].tolist() == tiny.cases["batch2"]["attention_mask"]
    assert steps.tokens == tiny.cases["batch2"]["greedy"]
    assert difference(steps.first_logits, tiny.tensors["batch2.first_logits"]) <= BATCH
    assert difference(steps.scores, tiny.tensors["batch2.step_scores"]) <= BATCH


def test_sequence_that_ends_early_is_padded_as_the_published_one(tiny):
    golden = tiny.cases["batch2_eos"]
    ends = {name: golden[name] for name in ("eos_token_id", "pad_token_id")}

    assert tiny.generate(tiny.inputs("batch2"), **ends).tokens == golden["greedy"]


def test_two_images_are_the_published_ones(tiny):
    golden, steps = tiny.cases["two_images"], tiny.steps("two_images")

    assert steps.tokens == [golden["greedy"]]
    first, scores = tiny.tensors["two_images.first_logits"], tiny.tensors["two_images.step_scores"]
    assert difference(steps.first_logits[0], first) <= LONG
    assert difference(steps.scores[0], scores) <= LONG


@torch.inference_mode()
def test_every_place_after_two_images_is_the_published_one(tiny):
    inputs, golden = tiny.inputs("two_images"), tiny.cases["two_images"]
    logits = tiny.model(**inputs, logits_to_keep=torch.arange(0, golden["n_ids"], 128)).logits[0]

    assert inputs["input_ids"].shape == (1, golden["n_ids"])
    assert difference(logits, tiny.tensors["two_images.logits_stride128"]) <= LONG


def test_answer_that_crosses_the_training_length_is_the_published_one(tiny):
    steps, golden = tiny.steps("cross2048"), tiny.cases["cross2048"]

    assert tiny.inputs("cross2048")["input_ids"].shape == (1, golden["n_ids"])
    assert steps.tokens == [golden["greedy"]]
    assert difference(steps.scores[0], tiny.tensors["cross2048.step_scores"]) <= LONG


@torch.inference_mode()
def test_long_text_is_the_published_one(tiny):
    ids = tiny.tensors["long4200.input_ids"].long()
    logits = tiny.model(input_ids=ids[None]).logits[0]

    assert difference(logits[-8:], tiny.tensors["long4200.logits_last8"]) <= LONG
    assert difference(logits[::256], tiny.tensors["long4200.logits_stride256"]) <= LONG
