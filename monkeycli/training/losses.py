"""What is minimized: the mean cross-entropy of the answers' tokens, and how it spreads over tasks.

Logits are only computed where there is a label, and in portions: with a vocabulary of 152,000, a
whole sequence of 2048 tokens would take 1.2 GB in float32, and as much again for the gradient.
"""

# B sequences, T tokens, N labels, E width of the language model, K tasks

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from monkeycli.model.config import MonkeyConfig
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.training.branching import NO_LABEL
from monkeycli.training.places import close_ranks
from monkeycli.training.sample import TASKS

LOGITS_AT_ONCE = 2**25
"""Most logits in memory at a time: 134 MB in float32."""


class Losses(NamedTuple):
    """What one pass gives."""

    total: torch.Tensor
    """Sum over all labels; to be divided by the labels of the whole step (see `mean_loss`)."""
    task_sums_K: torch.Tensor
    """The same by task, in the order of `TASKS`; for the log, without gradient."""
    task_counts_K: torch.Tensor
    """Labels of each task."""


def mean_loss(
    losses: Losses, num_labels: int | torch.Tensor, *, num_processes: int = 1
) -> torch.Tensor:
    """Give the part of a step's loss that comes of one pass.

    Args:
        losses: of the pass.
        num_labels: of the whole step: of all its passes on all processes.
        num_processes: whose gradients will be averaged, as DDP and FSDP do.

    Returns:
        A scalar; summed over the passes and averaged over the processes, it is the mean over all
        labels, however they are spread.
    """
    return losses.total * num_processes / num_labels


class TrainingModel(nn.Module):
    """A Monkey whose forward pass gives losses; what DDP, FSDP and the Trainer wrap.

    Args:
        model: the network, bare or within a `PeftModel`.
    """

    accepts_loss_kwargs = True
    """The Trainer counts the labels of a step and leaves the division to whoever asks."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self._no_split_modules = self.monkey._no_split_modules  # noqa: SLF001 - accelerate reads it

    @property
    def monkey(self) -> MonkeyForConditionalGeneration:
        """The network itself; adapters of peft stand inside it."""
        modules = self.model.modules()
        return next(part for part in modules if isinstance(part, MonkeyForConditionalGeneration))

    @property
    def config(self) -> MonkeyConfig:
        """Of the network."""
        return self.monkey.config

    def forward(
        self,
        input_ids: torch.Tensor,
        *,
        position_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        labels: torch.Tensor,
        tasks: torch.Tensor,
        pixel_values: torch.Tensor,
        image_grids: torch.Tensor,
        row_views: torch.Tensor,
    ) -> Losses:
        """Run a batch of `collate.collate` through the network."""
        monkey = self.monkey
        features = None
        if len(pixel_values):
            features = monkey.get_image_features(pixel_values, image_grids)[row_views]
        inputs_embeds = monkey.model.embed(input_ids, features)
        if features is not None and self.config.reads:
            is_empty_BT = torch.zeros_like(input_ids, dtype=torch.bool).masked_scatter(
                input_ids == self.config.image_token_id, ~features.any(dim=-1)
            )
            ranks = close_ranks(is_empty_BT, position_ids, attention_mask)
            _, position_ids, attention_mask = ranks
            inputs_embeds, labels, tasks = map(ranks.pick, (inputs_embeds, labels, tasks))
        outputs = monkey.model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            use_cache=False,
        )
        is_predicted_BT = labels[:, 1:] != NO_LABEL
        losses_N = token_losses(
            outputs.last_hidden_state[:, :-1][is_predicted_BT],
            labels[:, 1:][is_predicted_BT],
            monkey.lm_head,
            vocab_size=self.config.text_config.vocab_size,
        )
        of_task_NK = tasks[:, 1:][is_predicted_BT][:, None] == torch.arange(
            len(TASKS), device=tasks.device
        )
        by_task_NK = torch.where(of_task_NK, losses_N.detach()[:, None], 0)
        return Losses(losses_N.sum(), by_task_NK.sum(0), of_task_NK.sum(0))

    def activation_checkpointing_enable(self, *args: Any, **kwargs: Any) -> None:
        """Recompute activations in the backward pass; see transformers' method of this name."""
        self.monkey.activation_checkpointing_enable(*args, **kwargs)

    @property
    def is_activation_checkpointing(self) -> bool:
        """Whether activations are recomputed."""
        return bool(self.monkey.is_activation_checkpointing)


def token_losses(
    states_NE: torch.Tensor, labels_N: torch.Tensor, head: nn.Module, *, vocab_size: int
) -> torch.Tensor:
    """Give the cross-entropy of every label, in float32, a portion of the logits at a time.

    Args:
        states_NE: the language model's, from which the labels are predicted.
        labels_N: token ids.
        head: turns states into logits.
        vocab_size: logits it gives for each state.

    Returns:
        Shape N; in the backward pass, the logits are computed anew.
    """
    portion = max(1, LOGITS_AT_ONCE // vocab_size)
    if len(labels_N) <= portion:
        return _cross_entropy(states_NE, labels_N, head)
    pairs = zip(states_NE.split(portion), labels_N.split(portion), strict=True)
    return torch.cat(
        [checkpoint(_cross_entropy, *pair, head, use_reentrant=False) for pair in pairs]
    )


def _cross_entropy(
    states_NE: torch.Tensor, labels_N: torch.Tensor, head: nn.Module
) -> torch.Tensor:
    return F.cross_entropy(head(states_NE).float(), labels_N, reduction="none")
