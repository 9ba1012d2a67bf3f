"""A language adapter is added to its matrix, and then it is gone."""

import pytest
import torch

from monkeycli.errors import ModelError
from monkeycli.model.merge import merge_adapters

BASE = "layers.0.q_proj"


def _weights(**changed):
    generator = torch.Generator().manual_seed(0)
    weights = {
        f"{BASE}.weight": torch.randn(6, 4, generator=generator),
        f"{BASE}.bias": torch.randn(6, generator=generator),
        f"{BASE}.lora_A.weight": torch.randn(2, 4, generator=generator),
        f"{BASE}.lora_B.weight": torch.randn(6, 2, generator=generator),
        "other.weight": torch.randn(3, 3, generator=generator),
    }
    return {name: part for name, part in (weights | changed).items() if part is not None}


def test_sum_is_taken_once():
    weights = _weights()
    merged = merge_adapters(weights)

    assert merged.keys() == {f"{BASE}.weight", f"{BASE}.bias", "other.weight"}
    product = weights[f"{BASE}.lora_B.weight"] @ weights[f"{BASE}.lora_A.weight"]
    torch.testing.assert_close(merged[f"{BASE}.weight"], weights[f"{BASE}.weight"] + product)


def test_what_has_no_adapter_is_passed_on_as_it_is():
    weights = _weights()
    merged = merge_adapters(weights)

    assert merged["other.weight"] is weights["other.weight"]
    assert merged[f"{BASE}.bias"] is weights[f"{BASE}.bias"]


def test_weights_given_are_not_changed():
    weights = _weights()
    before = {name: part.clone() for name, part in weights.items()}
    merge_adapters(weights)

    assert all(torch.equal(weights[name], part) for name, part in before.items())


def test_sum_is_taken_in_single_precision():
    weights = {name: part.bfloat16() for name, part in _weights().items()}
    merged = merge_adapters(weights)[f"{BASE}.weight"]

    exact = merge_adapters({name: part.float() for name, part in weights.items()})
    assert merged.dtype == torch.bfloat16
    assert torch.equal(merged, exact[f"{BASE}.weight"].bfloat16())


@pytest.mark.parametrize("missing", ["weight", "lora_A.weight", "lora_B.weight"])
def test_missing_half_is_named(missing):
    with pytest.raises(ModelError, match=rf"adapter {BASE} lacks '{BASE}\.{missing}'"):
        merge_adapters(_weights(**{f"{BASE}.{missing}": None}))


@pytest.mark.parametrize("shape", [(2, 5), (3, 4), (4,), (2, 4, 1)])
def test_half_that_does_not_fit_is_named(shape):
    with pytest.raises(ModelError, match=f"adapter {BASE} does not fit its matrix"):
        merge_adapters(_weights(**{f"{BASE}.lora_A.weight": torch.zeros(shape)}))
