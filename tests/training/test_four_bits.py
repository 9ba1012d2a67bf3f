"""4 bits: close to the matrices they stand for, and something beside them learns."""

import pytest
import torch

from monkeycli.errors import ModelError
from monkeycli.model.adapter_files import Base
from monkeycli.model.adapter_merge import load_adapter
from monkeycli.model.checkpoint import load_checkpoint
from monkeycli.training import four_bits
from monkeycli.training.adapter_files import restore_adapter, save_adapter
from monkeycli.training.four_bits import BLOCK, quantize
from monkeycli.training.mixture import Tuning
from monkeycli.training.tuning import prepare
from tests.model.drawing import PATCH_QWEN2, draw_model, draw_page, draw_processor
from tests.small_checkpoint import draw_small, small_config

TEXT = {
    **small_config().text_config.to_dict(),
    "hidden_size": BLOCK,
    "intermediate_size": 2 * BLOCK,
    "head_dim": 16,
}
WIDE = {
    "text_config": TEXT,
    "resampler_config": {"hidden_size": BLOCK, "query_grid": [2, 2], "num_attention_heads": 2},
}
TUNING = Tuning(method="qlora", rank=2, alpha=4)


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(four_bits, "bitsandbytes", None)

    with pytest.raises(ModelError, match=r"bitsandbytes; pip install 'monkeycli\[qlora\]'"):
        prepare(draw_model(), TUNING)


@pytest.fixture
def bits():
    """Skip where the package, which is an extra, is not installed."""
    return pytest.importorskip("bitsandbytes")


def logits(model):
    inputs = draw_processor(model)(images=draw_page(448, 896), text=" total? 42")
    with torch.inference_mode():
        return model(**inputs).logits


def test_matrices_in_four_bits_stay_close(bits):
    """NormalFloat's widest step is 0.28 of a block's largest value: half of it is the bound."""
    model = draw_model(**WIDE)
    before = {name: part.clone() for name, part in model.named_parameters()}
    quantize(model.model.language_model)

    packed = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, bits.nn.Linear4bit)
    }
    assert len(packed) == 2 * 7
    for name, module in packed.items():
        weight = before[f"{name}.weight"]
        restored = bits.functional.dequantize_4bit(module.weight, module.weight.quant_state)
        blocks = weight.reshape(-1, BLOCK).abs().amax(-1)
        error = (restored - weight).reshape(-1, BLOCK).abs().amax(-1)
        assert (error <= 0.16 * blocks).all(), name
        assert module.weight.numel() == weight.numel() // 2


def test_matrices_that_blocks_do_not_fit_stay_as_they_are(bits):
    model = draw_model(**PATCH_QWEN2)
    before = logits(model)
    quantize(model.model.language_model)

    torch.testing.assert_close(logits(model), before)


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
