"""Tokens, loss and gradients are those of the published training code, in float32."""

import json

import pytest
import torch
from safetensors.torch import load_file

from monkeycli.document import Page
from monkeycli.errors import UsageError
from monkeycli.grid import WindowGrid
from monkeycli.model.keys import to_published
from monkeycli.training.collate import collate
from monkeycli.training.encode import encode_group
from monkeycli.training.losses import TrainingModel, mean_loss
from monkeycli.training.mixture import TrainSettings
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.sample import TASKS, ImageSource, Sample
from monkeycli.training.sampling import Group
from tests.parity.reference import PARITY, difference

RELATIVE = 1e-4
"""Of the largest entry of a gradient, or of its norm."""


@pytest.fixture(scope="module")
def golden(parity):
    return json.loads((parity / "train.json").read_text())


def _samples(conversation, *, task="vqa"):
    """Give the sample of a published conversation: its first two turns, as its trainer has it."""
    asked, answered = (turn["value"] for turn in conversation[:2])
    prompt = asked.partition("</img>")[2]
    image = ImageSource(PARITY / "images" / "portrait_text.png")
    return (Sample("train.json:1", 0, task, image, answers=(answered,), prompt=prompt),)


def _encode(tiny, samples, *, max_tokens=2048):
    picture = tiny.picture("portrait_text.png").convert("RGB")
    page = Page(1, None, picture, WindowGrid(2, 2), None)
    group, settings = Group(samples[0].image, samples), TrainSettings(max_tokens=max_tokens)
    return encode_group(group, page, tiny.processor, TaskPrompts(tiny.processor, {}), settings)


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


def _own_loss(tiny, golden, inputs):
    """Give the loss that the model has by itself."""
    return tiny.model(**inputs).loss


def _training_loss(tiny, golden, inputs):
    """Give the loss of `monkey train`, from the conversation on."""
    page = _encode(tiny, _samples(golden["vqa"]["conversations"]))
    losses = TrainingModel(tiny.model)(**collate([page], tiny.model.config))
    return mean_loss(losses, int(losses.task_counts_K.sum()))


@pytest.fixture(scope="module", params=[_own_loss, _training_loss])
def loss_and_gradients(request, tiny, golden, inputs):
    """Run one training step without dropout, which stays off."""
    model = tiny.model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    loss = request.param(tiny, golden, inputs)
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


@pytest.mark.parametrize("case", ["vqa", "caption", "extra_turns_ignored"])
def test_a_conversation_becomes_the_published_tokens_and_labels(tiny, golden, case):
    """All but the image's places, where the published tokens spell its path."""
    theirs = golden[case]
    length = sum(theirs["attention_mask"])

    batch = collate([_encode(tiny, _samples(theirs["conversations"]))], tiny.model.config)

    ids, labels = batch["input_ids"][0].tolist(), batch["labels"][0].tolist()
    assert len(ids) == length
    assert ids[:1] + ids[1281:] == theirs["input_ids"][:1] + theirs["input_ids"][1281:length]
    assert set(ids[1:1281]) == {tiny.model.config.image_token_id}
    assert labels == theirs["labels"][:length]
    assert set(theirs["labels"][length:]) == {-100}
    assert batch["position_ids"][0].tolist() == list(range(length))
    assert batch["attention_mask"].tolist() == [[1] * length]


def test_what_is_cut_off_without_a_word_there_is_an_error_here(tiny, golden):
    """The published trainer cuts a long answer, and its end token, silently."""
    theirs = golden["truncated"]
    samples = _samples(theirs["conversations"])

    with pytest.raises(UsageError, match=r"train\.json:1: .* \(image 1282, question 8, answer"):
        _encode(tiny, samples, max_tokens=theirs["max_len"])


@torch.inference_mode()
def test_beside_other_questions_a_question_keeps_the_published_loss(tiny, golden):
    samples = (
        *_samples(golden["caption"]["conversations"], task="detailed_caption"),
        *_samples(golden["vqa"]["conversations"]),
        *_samples(golden["extra_turns_ignored"]["conversations"], task="read"),
    )
    batch = collate([_encode(tiny, samples)], tiny.model.config)
    assert len(batch["input_ids"]) == 1

    losses = TrainingModel(tiny.model)(**batch)

    vqa = TASKS.index("vqa")
    assert losses.task_counts_K.tolist() == [5, 0, 18, 3, 0, 0]
    mean = (losses.task_sums_K[vqa] / losses.task_counts_K[vqa]).item()
    assert abs(mean - golden["loss_eval_mode"]) <= 1e-5
