import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.training.estimate import CostModel, Estimate, PassShape, measure_rate
from monkeycli.training.mixture import TrainSettings, Tuning
from monkeycli.training.tuning import prepare
from tests.small_checkpoint import small_config

FULL = Tuning(method="full", vision=True)
METHODS = ("full", "lora", "qlora", "prompt", "prefix", "ia3")


def costs(tuning=FULL, *, dtype=torch.float32, **settings):
    return CostModel(small_config(), tuning, TrainSettings(**settings), dtype)


@pytest.fixture(scope="module")
def real():
    """The same network with memory for its weights."""
    model = MonkeyForConditionalGeneration(small_config())
    prepare(model, FULL)
    return model.train()


def test_weights_are_counted_as_they_will_learn(real):
    counted = costs()

    assert counted.num_parameters == sum(weight.numel() for weight in real.parameters())
    assert counted.num_learnt == sum(w.numel() for w in real.parameters() if w.requires_grad)
    assert counted.learnt_bytes == 16 * counted.num_learnt
    assert counted.weight_bytes == 4 * (counted.num_parameters - counted.num_learnt)


def test_products_are_those_of_a_real_pass(real):
    length, labels = 64, 5  # one of the lengths that are counted
    with FlopCounterMode(display=False) as counter:
        features = real.get_image_features(torch.zeros(3, 3, 448, 448), torch.tensor([[1, 2]]))
        inputs = torch.zeros(1, length, 32, requires_grad=True)
        hidden = real.model.language_model(inputs_embeds=inputs).last_hidden_state
        (features.sum() + real.lm_head(hidden[:, :labels]).sum()).backward()

    counted = costs().cost(PassShape(3, length, labels))
    assert counted.flops == pytest.approx(counter.get_total_flops(), rel=0.06)


def test_what_is_kept_is_what_a_real_pass_keeps(real):
    kept = {}
    own = {weight.untyped_storage().data_ptr() for weight in real.parameters()}

    def keep(tensor):
        if tensor.untyped_storage().data_ptr() not in own:
            kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with saved_tensors_hooks(keep, lambda it: it):
        features = real.get_image_features(torch.zeros(3, 3, 448, 448), torch.tensor([[1, 2]]))
    counted = costs()
    real_bytes = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())

    assert features.shape[0] == 3
    assert 3 * counted._view.kept_bytes == pytest.approx(real_bytes, rel=0.1)


def test_frozen_parts_cost_no_backward_pass():
    nothing = Tuning(method="lora", window_adapters=False, resampler=False)
    frozen = costs(nothing)
    view, with_adapters, full = (
        counted._view.flops
        for counted in (frozen, costs(replace(nothing, window_adapters=True)), costs())
    )

    assert full > with_adapters > view
    assert frozen._view.kept_bytes == 0


def test_checkpointing_trades_memory_for_time():
    shape = PassShape(2, 256, 4)
    plain, saving = costs().cost(shape), costs(gradient_checkpointing=True).cost(shape)

    assert saving.kept_bytes < plain.kept_bytes
    assert saving.flops > plain.flops


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_estimated(method):
    """qlora, too, where the package for 4 bits is not installed."""
    counted = costs(Tuning(method=method), dtype=torch.bfloat16)
    cost = counted.cost(PassShape(7, 300, 10))

    assert 0 < counted.num_learnt < counted.num_parameters * (2 if method == "full" else 1)
    assert cost.flops > 0 and cost.kept_bytes > 0


def test_four_bits_take_less_than_sixteen():
    lora, qlora = (costs(Tuning(method=m), dtype=torch.bfloat16) for m in ("lora", "qlora"))

    assert qlora.weight_bytes < lora.weight_bytes
    assert qlora.num_learnt == lora.num_learnt


def test_costs_grow_with_the_length():
    counted = costs()
    all_costs = [counted.cost(PassShape(1, length, 1)) for length in range(20, 300, 60)]

    assert all(a.flops < b.flops for a, b in pairwise(all_costs))
    assert all(a.kept_bytes < b.kept_bytes for a, b in pairwise(all_costs))


def test_a_run_takes_its_products_by_the_rate_and_its_parts_together():
    estimate = Estimate(
        num_parameters=10,
        num_learnt=5,
        weight_bytes=1.0,
        learnt_bytes=2.0,
        pass_bytes=4.0,
        flops=100.0,
        rate=25.0,
    )

    assert (estimate.memory, estimate.seconds) == (7.0, 4.0)


def test_the_rate_is_a_share_of_what_a_plain_product_reaches():
    rate = measure_rate(torch.device("cpu"), torch.float32)

    assert math.isfinite(rate)
    assert 1e7 < rate < 1e15
