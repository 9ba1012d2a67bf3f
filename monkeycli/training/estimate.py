"""What a run will take, before it is started: weights that learn, memory, time.

The network is run once on the meta device, where tensors have shapes and no content: the products
it would compute and the tensors it would keep for the backward pass are counted, not guessed. What
is left to assume is how fast a device computes, and is named in the estimate.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from monkeycli.grid import WindowGrid
from monkeycli.model.checkpoint import build_on_meta
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.quantize import BYTES
from monkeycli.training.mixture import TrainSettings, Tuning
from monkeycli.training.tuning import prepare

EFFICIENCY = 0.4
"""Assumed speed of training, as a share of that of a plain matrix product on the same device."""

_MEASURED_SECONDS = 0.3

_LEARNT_BYTES = 4 + 4 + 8
"""Of a weight that learns, in float32: itself, its gradient, two moments of AdamW."""


@dataclass(frozen=True)
class PassShape:
    """What goes through the model at once."""

    num_views: int
    num_tokens: int
    num_labels: int


@dataclass(frozen=True)
class Cost:
    """What a pass takes."""

    flops: float
    """Floating-point operations, forward and backward."""
    kept_bytes: float
    """What the forward pass keeps for the backward one."""


@dataclass(frozen=True)
class Estimate:
    """What a run will take."""

    num_parameters: int
    num_learnt: int
    """Of these and of what is put beside them, weights that learn."""
    weight_bytes: float
    """Of what does not learn."""
    learnt_bytes: float
    """Of what does: weights, gradients and moments."""
    pass_bytes: float
    """Of the largest pass."""
    flops: float
    """Of the whole run, evaluations left out."""
    rate: float
    """Operations a second that the device is taken to do."""

    @property
    def memory(self) -> float:
        """Bytes in all."""
        return self.weight_bytes + self.learnt_bytes + self.pass_bytes

    @property
    def seconds(self) -> float:
        """Time of the whole run on one device."""
        return self.flops / self.rate


@dataclass(frozen=True)
class _Layers:
    """What gradient checkpointing keeps: that which is passed from one layer to the next."""

    number: int
    num_places: int
    width: int


class CostModel:
    """What passes through one model take, as it will be tuned.

    Args:
        config: of the checkpoint.
        tuning: what learns.
        settings: `gradient_checkpointing` of them.
        dtype: of what does not learn, and of what a pass computes in.
    """

    def __init__(
        self, config: MonkeyConfig, tuning: Tuning, settings: TrainSettings, dtype: torch.dtype
    ) -> None:
        self._dtype = dtype
        self._checkpointing = settings.gradient_checkpointing
        model = build_on_meta(config)
        self.num_parameters = sum(weight.numel() for weight in model.parameters())
        in_lora = replace(tuning, method="lora") if tuning.method == "qlora" else tuning
        tuned = prepare(model, in_lora)
        self.num_learnt = sum(weight.numel() for weight in tuned.trainable().values())
        self.learnt_bytes = float(self.num_learnt * _LEARNT_BYTES)
        self.weight_bytes = _frozen_bytes(model, dtype, is_quantized=tuning.method == "qlora")
        self._model = model.to(dtype).train()  # type: ignore[arg-type]
        self._view = self._of_view()
        self._language: dict[int, Cost] = {}

    def cost(self, shape: PassShape) -> Cost:
        """Say what a pass takes."""
        language = self._of_tokens(shape.num_tokens)
        head = self._model.config.text_config
        products = 2.0 * head.hidden_size * head.vocab_size * shape.num_labels
        return Cost(
            shape.num_views * self._view.flops + language.flops + 3 * products,
            shape.num_views * self._view.kept_bytes
            + language.kept_bytes
            + 3.0 * 4 * head.vocab_size * shape.num_labels,  # logits, their softmax, its gradient
        )

    def _of_view(self) -> Cost:
        """Count the ViT and the resampler for one view; several cost as many times as much."""
        vision = self._model.config.vision_config
        grid = WindowGrid(1, min(2, max(1, vision.num_adapters)))
        side, views = vision.window_size, grid.num_windows + 1
        pixels = torch.empty((views, 3, side, side), device="meta", dtype=self._dtype)
        grids = torch.tensor([[grid.rows, grid.cols]])
        num_patches = math.prod(vision.patch_grid)
        page = self._measure(
            lambda: self._see(pixels, grids),
            _Layers(vision.num_hidden_layers, num_patches, views * vision.hidden_size),
        )
        return Cost(page.flops / views, page.kept_bytes / views)

    def _see(self, pixels: torch.Tensor, grids: torch.Tensor) -> torch.Tensor:
        """Encode a page; of a resampler that reads, only what does not hang on the page's text."""
        body = self._model.model
        if getattr(body.config.resampler_config, "kind", "attention") == "reading":
            adapter = torch.zeros(len(pixels), dtype=torch.int64, device="meta")
            return body.resampler.cells(body.vision(pixels, adapter))
        return body.get_image_features(pixels, grids)

    def _of_tokens(self, num_tokens: int) -> Cost:
        """Count the language model: at a few lengths, and along a line between them."""
        step = math.log2(max(num_tokens, 16)) // 0.5 * 0.5
        low, high = int(2**step), int(2 ** (step + 0.5)) + 1
        share = (num_tokens - low) / (high - low)
        below, above = self._of_length(low), self._of_length(high)
        return Cost(
            below.flops + share * (above.flops - below.flops),
            below.kept_bytes + share * (above.kept_bytes - below.kept_bytes),
        )

    def _of_length(self, length: int) -> Cost:
        if length not in self._language:
            body, text = self._model.model.language_model, self._model.config.text_config
            meta: dict[str, Any] = {"device": "meta", "dtype": self._dtype}
            inputs = torch.empty((1, length, text.hidden_size), **meta, requires_grad=True)
            mask = torch.empty((1, 1, length, length), **meta)
            places = torch.empty((1, length), dtype=torch.int64, device="meta")
            self._language[length] = self._measure(
                lambda: (
                    body(
                        inputs_embeds=inputs,
                        attention_mask=mask,
                        position_ids=places,
                        use_cache=False,
                    ).last_hidden_state
                ),
                _Layers(text.num_hidden_layers, length, text.hidden_size),
            )
        return self._language[length]

    def _measure(self, forward: Callable[[], torch.Tensor], layers: _Layers) -> Cost:
        """Run a part forward and backward on the meta device."""
        own = {_storage(weight) for weight in self._model.parameters()}
        kept: dict[int, torch.Tensor] = {}

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            # Only on the meta device does attention keep a square of its places.
            is_square = tensor.ndim == 4 and set(tensor.shape[2:]) == {layers.num_places}
            if _storage(tensor) not in own and not is_square:
                kept[_storage(tensor)] = tensor
            return tensor

        with FlopCounterMode(display=False) as counter:
            with saved_tensors_hooks(keep, lambda it: it):
                result = forward()
            products = counter.get_total_flops()
            kept_bytes = float(sum(it.untyped_storage().nbytes() for it in kept.values()))
            if not result.requires_grad:  # nothing learns here, nor before it
                return Cost(products, 0.0)
            result.sum().backward()
        if not self._checkpointing:
            return Cost(counter.get_total_flops(), kept_bytes)
        between = layers.num_places * layers.width * self._dtype.itemsize
        kept_bytes = kept_bytes / layers.number + layers.number * between
        return Cost(counter.get_total_flops() + products, kept_bytes)


def _storage(tensor: torch.Tensor) -> int:
    """Name a tensor's memory; on the meta device it has no address."""
    return tensor.untyped_storage()._cdata  # noqa: SLF001 - torch has no public name for it


def _frozen_bytes(
    model: MonkeyForConditionalGeneration, dtype: torch.dtype, *, is_quantized: bool
) -> float:
    """Count the memory of the weights that do not learn."""
    total = 0.0
    for name, weight in model.named_parameters():
        if not weight.requires_grad:
            in_4_bits = is_quantized and ".layers." in name and weight.ndim == 2
            total += weight.numel() * (BYTES["int4"] if in_4_bits else dtype.itemsize)
    return total


def measure_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Measure how fast a device multiplies matrices, for a third of a second.

    Returns:
        Floating-point operations a second, times `EFFICIENCY`.
    """
    side = 4096 if device.type == "cuda" else 512
    matrix = torch.zeros((side, side), device=device, dtype=dtype)
    matrix @ matrix  # the first one is slower
    _wait(device)
    started, num_products = time.perf_counter(), 0
    while time.perf_counter() - started < _MEASURED_SECONDS:
        matrix @ matrix
        _wait(device)
        num_products += 1
    return EFFICIENCY * num_products * 2.0 * side**3 / (time.perf_counter() - started)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
