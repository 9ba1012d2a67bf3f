"""Weights shared out over two processes: the same losses and gradients, and answers apart.

`fully_shard` is called here as accelerate calls it; `test_processes` has accelerate do it.
"""

import subprocess
import sys

import pytest
import torch

from monkeycli.training.collate import collate
from monkeycli.training.losses import TrainingModel, mean_loss
from monkeycli.training.mixture import Tuning
from monkeycli.training.sharding import whole_weights
from monkeycli.training.tuning import prepare
from tests.model.drawing import draw_model, draw_processor
from tests.training.pages import encode

SHARDED = """
import torch
import torch.distributed as dist
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

from tests.training.test_sharding import draw, losses_of
from monkeycli.training.sharding import whole_weights

dist.init_process_group("gloo")
alone, batch = draw()
losses_of(alone, batch).backward()
model, _ = draw()
for module in model.modules():
    if type(module).__name__ in ("VisionBlock", "LlamaDecoderLayer"):
        fully_shard(module)
fully_shard(model)
loss = losses_of(model, batch)
loss.backward()
assert torch.allclose(loss, losses_of(alone, batch))
expected = {name: weight.grad for name, weight in alone.named_parameters() if weight.requires_grad}
for name, weight in model.named_parameters():
    if weight.requires_grad:
        assert isinstance(weight, DTensor)
        grad = weight.grad.full_tensor()
        assert torch.allclose(grad, expected[name], atol=1e-5), name
with whole_weights(model), torch.no_grad():
    for _ in range(1 + dist.get_rank()):  # one process does more than the other
        features = model.monkey.get_image_features(batch["pixel_values"], batch["image_grids"])
    assert torch.allclose(
        features, alone.monkey.get_image_features(batch["pixel_values"], batch["image_grids"])
    )
assert torch.allclose(losses_of(model, batch), losses_of(alone, batch))
dist.destroy_process_group()
"""


def draw():
    """Give a model that learns by LoRA, and a batch."""
    torch.manual_seed(0)
    network = draw_model()
    tuned = prepare(network, Tuning(dropout=0.0))
    batch = collate([encode(draw_processor(network))], network.config)
    return TrainingModel(tuned.model).eval(), batch


def losses_of(model, batch):
    return mean_loss(model(**batch), (batch["labels"] >= 0).sum())


def test_a_model_that_is_not_shared_out_is_left_as_it_is():
    model, batch = draw()
    before = losses_of(model, batch)
    with whole_weights(model):
        assert torch.equal(losses_of(model, batch), before)


@pytest.mark.slow
def test_shared_out_weights_learn_the_same_and_are_whole_when_wanted():
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    words += ["--no-python", sys.executable, "-c", SHARDED]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
