"""Fewer bits: close to the matrices they stand for, all else as it was, no neighbour felt."""

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from monkeycli import options
from monkeycli.errors import ModelError, UsageError
from monkeycli.model import quantize as quantize_module
from monkeycli.model.quantize import (
    BLOCK,
    ROWS,
    Int8Linear,
    count_bytes,
    is_quantized,
    quantize,
    quantize_onto,
)
from tests.model.drawing import PATCH_QWEN2, draw_model, draw_page, draw_processor
from tests.small_checkpoint import WIDE, small_config

CPU = torch.device("cpu")
KINDS = ("int8", "int4")
MATRICES = 2 * 7
"""Of the decoder: four of attention and three of the MLP in each layer."""


@pytest.fixture
def bits():
    """Skip where the package, which is an extra, is not installed."""
    return pytest.importorskip("bitsandbytes")


def quantized(kind, **changed):
    model = draw_model(**{**WIDE, **changed})
    quantize_onto(model, kind, CPU)
    return model


def logits(model):
    inputs = draw_processor(model)(images=draw_page(448, 896), text=" total? 42")
    with torch.inference_mode():
        return model(**inputs).logits


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(options, "find_spec", lambda name: None)

    with pytest.raises(ModelError, match=r"bitsandbytes; pip install 'monkeycli\[quantize\]'"):
        quantize(draw_model(), "int8", CPU)


def test_a_package_that_is_broken_is_told(monkeypatch):
    monkeypatch.setattr(options, "find_spec", lambda name: object())

    def fail(name):
        raise OSError("libcudart.so: cannot open")

    monkeypatch.setattr(quantize_module, "import_module", fail)
    with pytest.raises(ModelError, match=r"cannot be imported: libcudart\.so"):
        quantize(draw_model(), "int8", CPU)


def test_what_a_device_cannot_do_names_the_device(bits, monkeypatch):
    def fail(weight):
        raise RuntimeError("no kernel for this device")

    monkeypatch.setattr(bits.functional, "int8_vectorwise_quant", fail)
    with pytest.raises(ModelError, match=r"cannot hold weights in int8 on cpu: no kernel"):
        quantize(draw_model(), "int8", CPU)


def test_memory_that_does_not_suffice_stays_what_it_is(bits, monkeypatch):
    def fail(weight):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(bits.functional, "int8_vectorwise_quant", fail)
    with pytest.raises(torch.OutOfMemoryError):
        quantize(draw_model(), "int8", CPU)


def test_matrices_in_8_bits_err_by_half_a_step_at_most(bits):
    before = dict(draw_model(**WIDE).named_parameters())
    model = quantized("int8")

    packed = {n: m for n, m in model.named_modules() if isinstance(m, Int8Linear)}
    assert len(packed) == MATRICES
    for name, module in packed.items():
        assert module.levels_OI.dtype == torch.int8
        error = (module.levels_OI * module.scale_O1 - before[f"{name}.weight"]).abs()
        assert (error <= 0.57 * module.scale_O1).all(), name  # weights pass through float16
        assert (module.levels_OI.abs().amax(1) == 127).all()


def test_matrices_in_4_bits_err_by_half_a_step_at_most(bits):
    """NormalFloat's widest step is 0.28 of a block's largest value: half of it is the bound."""
    before = dict(draw_model(**WIDE).named_parameters())
    model = quantized("int4")

    packed = {n: m for n, m in model.named_modules() if isinstance(m, bits.nn.Linear4bit)}
    assert len(packed) == MATRICES
    for name, module in packed.items():
        weight = before[f"{name}.weight"].detach()
        restored = bits.functional.dequantize_4bit(module.weight, module.weight.quant_state)
        blocks = weight.reshape(-1, BLOCK).abs().amax(-1)
        error = (restored - weight).reshape(-1, BLOCK).abs().amax(-1)
        assert (error <= 0.16 * blocks).all(), name
        assert module.weight.numel() == weight.numel() // 2


@pytest.mark.parametrize("kind", KINDS)
def test_all_but_the_decoders_matrices_stays_as_it_was(bits, kind):
    """Embeddings, head, norms, ViT and resampler."""
    before = dict(draw_model(**WIDE).named_parameters())
    after = dict(quantized(kind).named_parameters())

    layers = "model.language_model.layers."
    stays = {n for n in before if not n.startswith(layers) or "norm" in n}
    assert {n.split(".")[0] for n in stays} == {"model", "lm_head"}
    assert all(torch.equal(before[name], after[name]) for name in stays)


@pytest.mark.parametrize("kind, bound", [("int8", 0.05), ("int4", 0.6)])
def test_logits_stay_close(bits, kind, bound):
    plain = logits(draw_model(**WIDE))
    apart = (logits(quantized(kind)) - plain).std() / plain.std()

    assert 0 < apart < bound


@pytest.mark.parametrize("kind", KINDS)
def test_biases_are_kept_and_rows_of_zeros_are_zeros(bits, kind):
    layer = nn.Linear(BLOCK, ROWS)
    nn.init.zeros_(layer.weight)
    decoder = nn.ModuleDict({"layer": layer})
    quantize(decoder, kind, CPU)

    with torch.inference_mode():
        found = decoder.eval()["layer"](torch.randn(3, BLOCK))
    torch.testing.assert_close(found, layer.bias.expand(3, -1), rtol=0, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_neighbours_in_a_batch_change_nothing(bits, kind):
    """One whose states are large would, were what comes in rounded by the batch."""
    model = quantized(kind)
    torch.manual_seed(0)
    for layer in model.model.language_model.layers:
        states = torch.randn(3, 5, BLOCK)
        loud = torch.cat([states, 100 * torch.randn(3, 5, BLOCK)])
        with torch.inference_mode():
            alone, beside = layer.self_attn.q_proj(states), layer.self_attn.q_proj(loud)[:3]
        torch.testing.assert_close(beside, alone, rtol=0, atol=1e-6 * float(alone.abs().max()))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_products_are_in_the_dtype_of_the_model(bits, dtype):
    model = draw_model(**WIDE).to(dtype)
    quantize_onto(model, "int8", CPU)

    assert model.dtype == dtype
    found = model.model.language_model(inputs_embeds=torch.ones(1, 3, BLOCK, dtype=dtype))
    assert found.last_hidden_state.dtype == dtype
    assert found.last_hidden_state.isfinite().all()


def test_matrices_that_blocks_do_not_fit_stay_as_they_are(bits):
    decoder = nn.ModuleDict(
        {
            "fits": nn.Linear(BLOCK, ROWS),
            "short_rows": nn.Linear(BLOCK + 2, ROWS),
            "few_rows": nn.Linear(BLOCK, ROWS - 2),
            "no_matrix": nn.LayerNorm(BLOCK),
        }
    )
    quantize(decoder, "int4", CPU)

    assert [type(layer) for layer in decoder.values()] == [
        bits.nn.Linear4bit,
        nn.Linear,
        nn.Linear,
        nn.LayerNorm,
    ]


def test_a_decoder_of_which_nothing_fits_is_refused(bits):
    model = draw_model(**PATCH_QWEN2)

    with pytest.raises(ModelError, match=r"no matrix .* held in int4: rows .*; choose int8"):
        quantize(model.model.language_model, "int4", CPU)
    quantize(model.model.language_model, "int8", CPU)


@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_what_was_counted(bits, kind):
    """But for what 4 bits hold for each matrix whatever its size: these are small."""
    big = {"hidden_size": 256, "intermediate_size": 512, "head_dim": 64}
    resampler = {**WIDE["resampler_config"], "hidden_size": 256}
    text = {**WIDE["text_config"], **big}
    model = draw_model(text_config=text, resampler_config=resampler)
    layers = model.model.language_model.layers
    counted = count_bytes(layers, kind, torch.float32)
    plain = count_bytes(layers, "none", torch.float32)
    assert plain == sum(weight.numel() * 4 for weight in layers.parameters())

    quantize_onto(model, kind, CPU)
    tensors = {name: t for name, t in layers.state_dict().items() if "quant_map" not in name}
    held = sum(t.numel() * t.element_size() for t in tensors.values())
    assert held == pytest.approx(counted, rel=0.06)
    assert held < 0.3 * plain


def test_none_is_no_kind_to_quantize_to():
    assert not is_quantized(nn.Linear(BLOCK, ROWS), "none")
    with pytest.raises(UsageError, match="'int3' is not one of none, int8, int4"):
        quantize(draw_model(), "int3", CPU)


KERNELS = """
def get_kernel(*words, **more):
    raise SystemExit("the hub was asked")
"""
IMPORT = """
import logging, sys, kernels

class Watch:
    seen = []

    def find_spec(self, name, *_):
        if name == "bitsandbytes":
            self.seen.append(sys.modules.get("kernels"))

sys.meta_path.insert(0, Watch())
"""
LOOK = """
assert Watch.seen == [None], Watch.seen
assert sys.modules["kernels"] is kernels
assert not logging.getLogger("bitsandbytes.backends.cpu.ops").disabled
"""
IMPORTS = {
    "quantize": "from monkeycli.model.quantize import _import_bitsandbytes as do; do()",
    "peft": "import monkeycli.training.adapter_files",
}


@pytest.mark.usefixtures("bits")
@pytest.mark.parametrize("code", IMPORTS.values(), ids=IMPORTS)
def test_to_import_it_asks_no_hub_and_says_nothing(tmp_path, code):
    """A hub is asked on some processors only: so what it is asked with is out of the way."""
    (tmp_path / "kernels.py").write_text(KERNELS)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", f"{IMPORT}\n{code}\n{LOOK}"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_sizes_of_the_tests_are_those_that_fit():
    text = small_config(**WIDE).text_config
    assert not (text.hidden_size % BLOCK or text.intermediate_size % BLOCK)
