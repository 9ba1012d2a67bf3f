"""Between two sets of weights lies a third one; what is counted is not averaged."""

import sys

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from training.average import average, main


@pytest.mark.parametrize("share, weight", [(0, 1.0), (1, 3.0), (0.7, 2.4)])
def test_weights_lie_between(share, weight):
    before = {"a": torch.tensor([1.0]), "n": torch.tensor(5)}
    after = {"a": torch.tensor([3.0]), "n": torch.tensor(9)}
    found = average(before, after, share)

    assert found["a"].item() == pytest.approx(weight)
    assert found["n"].item() == 9


def test_a_file_keeps_its_type_and_what_is_said_of_it(tmp_path, monkeypatch):
    for name, value in (("before", 1.0), ("after", 2.0)):
        weights = {"a": torch.full((3,), value, dtype=torch.bfloat16)}
        save_file(weights, tmp_path / name, metadata={"steps": name})
    words = ["average", tmp_path / "before", tmp_path / "after", "--out", tmp_path / "runs" / "new"]
    monkeypatch.setattr(sys, "argv", [*map(str, words)])
    main()
    found = load_file(tmp_path / "runs" / "new")["a"]

    assert found.dtype == torch.bfloat16
    assert found.tolist() == [1.5] * 3
    with safe_open(tmp_path / "runs" / "new", "pt") as file:
        assert file.metadata() == {"steps": "after"}
