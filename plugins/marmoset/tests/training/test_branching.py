"""Packed questions are answered as each would be alone."""

import pytest
import torch
from torch import nn
from training.branching import pack
from training.language import add_lora
from training.prompt import Branch
from training.train_answering import run
from transformers import LlamaConfig, LlamaForCausalLM

IMAGE = [1, 20, 21, 4]
PAGES = [
    ([30, 31, 32, 33], [Branch([40, 41], [50, 2]), Branch([42], [51, 52, 53, 2])]),
    ([34, 35], [Branch([43, 44, 45], [54, 2])]),
]


@pytest.fixture
def model() -> LlamaForCausalLM:
    """Two layers with grouped heads and LoRA that does something, in float32."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        attn_implementation="branching",
    )
    model = LlamaForCausalLM(config).requires_grad_(requires_grad=False)
    for name, tensor in add_lora(model, rank=4).items():
        nn.init.normal_(tensor, std=0.3 if ".lora_B." in name else 0.1)
    return model


def loss_alone(model: LlamaForCausalLM) -> torch.Tensor:
    """The same loss, a forward pass of transformers' own for every question."""
    model.config._attn_implementation = "eager"
    losses = []
    for text, branches in PAGES:
        for branch in branches:
            ids = torch.tensor([IMAGE + text + branch.prompt + branch.answer])
            logits = model(ids).logits[0, -len(branch.answer) - 1 : -1]
            losses.append(
                nn.functional.cross_entropy(logits, torch.tensor(branch.answer), reduction="none")
            )
    return torch.cat(losses).mean()


@pytest.mark.parametrize("block", [3, 64, 256])
def test_packed_loss_and_gradients_are_those_of_each_question_alone(
    model: LlamaForCausalLM, monkeypatch: pytest.MonkeyPatch, block: int
):
    monkeypatch.setattr("training.branching.BLOCK", block)
    trainable = [tensor for tensor in model.parameters() if tensor.requires_grad]
    packed = run(model, pack(IMAGE, PAGES))
    gradients = torch.autograd.grad(packed, trainable)

    alone = loss_alone(model)

    torch.testing.assert_close(packed, alone)
    for found, expected in zip(gradients, torch.autograd.grad(alone, trainable), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)


def test_pages_and_sequences_are_filled_up():
    packed = pack(IMAGE, PAGES)

    assert [span.start - len(IMAGE) for span in packed.spans] == [0, 64]
    assert packed.input_ids.shape == packed.position_ids.shape == (1, len(IMAGE) + 256)


def test_a_question_takes_the_positions_it_would_have_alone():
    packed = pack(IMAGE, PAGES)
    start = packed.spans[0].start

    # text 0-3, then both questions begin right behind it
    assert packed.position_ids[0, start:].tolist()[:9] == [4, 5, 6, 7, 8, 9, 10, 8, 9]


def test_targets_are_the_answers_in_order():
    packed = pack(IMAGE, PAGES)

    assert packed.targets.tolist() == [50, 2, 51, 52, 53, 2, 54, 2]
    assert packed.input_ids[0, packed.rows].tolist() == [41, 50, 42, 51, 52, 53, 45, 54]


def test_a_block_has_no_keys_of_questions_before_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("training.branching.BLOCK", 4)
    # rows of the first page: text 0-3, questions 4-6 and 7-10, then what fills it up
    blocks = pack(IMAGE, PAGES).spans[0].blocks

    assert [(block.text, block.own) for block in blocks[:3]] == [
        (slice(0, 4), slice(4, 4)),
        (slice(0, 4), slice(4, 8)),
        (slice(0, 4), slice(7, 12)),
    ]
    assert blocks[2].mask.shape == (4, len(IMAGE) + 4 + 5)
