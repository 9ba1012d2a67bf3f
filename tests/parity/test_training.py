"""Loss and gradients are those of the published training code, for one example in float32."""

import json

import pytest
import torch
from safetensors.torch import load_file

from monkeycli.model.keys import to_published
from tests.parity.reference import difference

RELATIVE = 1e-4
"""Of the largest entry of a gradient, or of its norm."""


@pytest.fixture(scope="module")
def golden(parity):
    return json.loads((parity / "train.json").read_text())


@pytest.fixture(scope="module")
def inputs(tiny, golden):
    """Give the published batch; its image places, which hold a path there, are marked as ours."""
    ids = torch.tensor([golden["vqa"]["input_ids"]])
    ids[:, 1:1281] = tiny.model.config.image_token_id
    page = tiny.processor.cut(tiny.picture("portrait_text.png"))
    return {
        "input_ids": ids,
        "labels": torch.tensor([golden["vqa"]["labels"]]),
        "attention_mask": torch.tensor([golden["vqa"]["attention_mask"]]),
        "pixel_values": page.views_V3HW,
        "image_grids": torch.tensor([[2, 2]]),
    }


@pytest.fixture(scope="module")
def loss_and_gradients(tiny, inputs):
    """Run one training step without dropout, which stays off."""
    model = tiny.model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    loss = model(**inputs).loss
    loss.backward()
    gradients = to_published({name: part.grad for name, part in model.named_parameters()})
    model.zero_grad()
    model.eval()
    return loss.item(), gradients


def test_loss_is_the_published_one(tiny, inputs, golden, loss_and_gradients):
    with torch.inference_mode():
        evaluated = tiny.model(**inputs).loss.item()

    assert abs(evaluated - golden["loss_eval_mode"]) <= 1e-5
    assert abs(loss_and_gradients[0] - golden["loss_train_mode_dropout0"]) <= 1e-5


def test_all_that_was_trained_has_the_published_gradient_norm(golden, loss_and_gradients):
    _, gradients = loss_and_gradients

    assert golden["grad_norms"].keys() == set(golden["trainable"])
    for name, norm in golden["grad_norms"].items():
        assert gradients[name].norm().item() == pytest.approx(norm, rel=RELATIVE, abs=1e-6), name


def test_gradients_are_the_published_ones(parity, loss_and_gradients):
    _, gradients = loss_and_gradients
    tensors = load_file(parity / "train_grads.safetensors")

    for name, golden in tensors.items():
        ours = gradients[name.removeprefix("grad.")]
        ours = ours.flatten()[::16] if ours.numel() > 20_000 else ours
        assert difference(ours, golden) <= RELATIVE * golden.abs().max().item(), name


@torch.inference_mode()
def test_only_labelled_tokens_count(tiny, inputs):
    """The mean is over the answer and its end token; padding and question add nothing."""
    output = tiny.model(**inputs)
    labels = inputs["labels"][:, 1:]
    log_probabilities = output.logits[:, :-1].log_softmax(-1)
    places = labels != -100
    chosen = log_probabilities[places].gather(1, labels[places][:, None])

    assert output.loss.item() == pytest.approx(-chosen.mean().item(), rel=1e-6)
