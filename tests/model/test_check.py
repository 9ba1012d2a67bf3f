"""A checkpoint's weights are compared with its configuration by name and shape."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from monkeycli.errors import ModelError
from monkeycli.model.check import check_weights
from monkeycli.model.checkpoint import convert_published
from monkeycli.model.packed import pack_8bit
from tests.published_checkpoint import draw_published

NORM = "model.language_model.norm.weight"


@pytest.fixture
def checkpoint(tmp_path):
    published = draw_published(tmp_path / "published")
    convert_published(published, tmp_path / "ours", name="drawn")
    return tmp_path / "ours"


def _rewrite(checkpoint, change):
    weights = load_file(checkpoint / "model.safetensors")
    change(weights)
    save_file(weights, checkpoint / "model.safetensors", metadata={"format": "pt"})


def test_both_layouts_hold_the_same(checkpoint):
    published = check_weights(checkpoint.parent / "published")

    assert check_weights(checkpoint) == published
    assert published.num_parameters > 100_000


@pytest.mark.parametrize(
    "change, complaint",
    [
        (lambda weights: weights.pop(NORM), f"missing: {NORM}"),
        (lambda weights: weights.update({NORM: torch.ones(7)}), r"\(7,\) instead of \(32,\)"),
        (lambda weights: weights.update(extra=torch.ones(7)), "left over: extra"),
    ],
)
def test_weights_that_do_not_fit_are_named(checkpoint, change, complaint):
    _rewrite(checkpoint, change)

    with pytest.raises(ModelError, match=complaint):
        check_weights(checkpoint)


def test_packed_weights_are_checked_as_what_they_become(checkpoint):
    name = "lm_head.weight"
    expected = check_weights(checkpoint)
    _rewrite(checkpoint, lambda weights: weights.update(pack_8bit(name, weights.pop(name))))

    assert check_weights(checkpoint) == expected


def test_sizes_in_the_configuration_count(checkpoint):
    fields = json.loads((checkpoint / "config.json").read_text())
    fields["resampler_config"]["query_grid"] = [8, 8]
    (checkpoint / "config.json").write_text(json.dumps(fields))

    with pytest.raises(ModelError, match=r"queries \(256, 32\) instead of \(64, 32\)"):
        check_weights(checkpoint)


def test_broken_file_is_named(checkpoint):
    (checkpoint / "model.safetensors").write_bytes(b"nothing")

    with pytest.raises(ModelError, match=r"model\.safetensors is broken"):
        check_weights(checkpoint)
