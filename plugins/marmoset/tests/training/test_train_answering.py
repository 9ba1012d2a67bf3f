"""What a run of training begins with."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from training.language import adapter_of
from training.train_answering import Trainer
from transformers import LlamaConfig, LlamaForCausalLM


def make_trainer(out: Path) -> Trainer:
    """A trainer of a model of one narrow layer."""
    config = LlamaConfig(
        vocab_size=32,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=1,
        num_attention_heads=2,
    )
    model = LlamaForCausalLM(config).requires_grad_(requires_grad=False)
    return Trainer(model, out, rate=1e-3, workers=1)


def test_an_adapter_that_was_written_is_taken_up(tmp_path: Path):
    written, begun = make_trainer(tmp_path), make_trainer(tmp_path)
    for tensor in written.trainable.values():
        nn.init.normal_(tensor)
    save_file(adapter_of(written.trainable), tmp_path / "adapter.safetensors")

    begun.start(tmp_path / "adapter.safetensors")

    for name, tensor in written.trainable.items():
        torch.testing.assert_close(begun.trainable[name], tensor, rtol=1e-2, atol=1e-3)
