"""qlora: what stands beside 4 bits learns, they do not, and it is an adapter of the whole base."""

import pytest
import torch

from monkeycli import options
from monkeycli.errors import ModelError
from monkeycli.model.adapter_files import Base
from monkeycli.model.adapter_merge import load_adapter
from monkeycli.model.checkpoint import load_checkpoint
from monkeycli.training.adapter_files import restore_adapter, save_adapter
from monkeycli.training.mixture import Tuning
from monkeycli.training.tuning import prepare
from tests.model.drawing import draw_model, draw_page, draw_processor
from tests.small_checkpoint import WIDE, draw_small

TUNING = Tuning(method="qlora", rank=2, alpha=4)


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(options, "find_spec", lambda name: None)

    with pytest.raises(ModelError, match=r"bitsandbytes; pip install 'monkeycli\[quantize\]'"):
        prepare(draw_model(), TUNING)


@pytest.fixture
def bits():
    """Skip where the package, which is an extra, is not installed."""
    return pytest.importorskip("bitsandbytes")


def logits(model):
    inputs = draw_processor(model)(images=draw_page(448, 896), text=" total? 42")
    with torch.inference_mode():
        return model(**inputs).logits


def test_what_stands_beside_four_bits_learns_and_they_do_not(bits):
    model = draw_model(**WIDE).train()
    tuned = prepare(model, TUNING)
    inputs = draw_processor(model)(images=draw_page(896, 1344), text=" total? 42")
    before = [part.clone() for part in model.parameters() if not part.requires_grad]

    model(**inputs, labels=inputs["input_ids"]).loss.backward()
    torch.optim.AdamW(tuned.trainable().values(), lr=0.1).step()

    assert all(part.grad is not None for part in tuned.trainable().values())
    assert (
        tuned.trainable().keys()
        == prepare(draw_model(**WIDE), Tuning(method="lora", rank=2)).trainable().keys()
    )
    after = [part for part in model.parameters() if not part.requires_grad]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_what_was_learnt_is_an_adapter_of_the_unquantized_base(bits, tmp_path):
    folder = draw_small(tmp_path / "base", **WIDE)
    base = Base.of(str(folder))

    def load():
        return load_checkpoint(folder, dtype=torch.float32, device=torch.device("cpu"))[0]

    tuned = prepare(load(), TUNING)
    with torch.no_grad():
        for weight in tuned.trainable().values():
            weight.add_(torch.randn_like(weight), alpha=0.1)
    save_adapter(tuned, tmp_path / "adapter", base)

    again = prepare(load(), TUNING)
    restore_adapter(again, tmp_path / "adapter", base)
    assert torch.equal(logits(again.model), logits(tuned.model))

    merged, plain = load(), load()
    load_adapter(merged, tmp_path / "adapter", base)
    apart = (logits(merged) - logits(tuned.model)).std() / logits(plain).std()
    moved = (logits(merged) - logits(plain)).std() / logits(plain).std()
    assert apart < 0.5 * moved  # what 4 bits lose is less than what was learnt
