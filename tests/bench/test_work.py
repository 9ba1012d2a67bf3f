import pytest
import torch

from monkeycli.bench.subjects import CONFIGURATIONS
from monkeycli.bench.work import count_work
from monkeycli.grid import WindowGrid
from monkeycli.model.config import MonkeyConfig

SMALL = MonkeyConfig(**CONFIGURATIONS["small"])
GRID = WindowGrid(2, 2)


def test_the_published_network_costs_what_was_estimated():
    """About 20 TFLOP to encode a page and 17 to read its prompt (estimates by hand)."""
    work = count_work(
        MonkeyConfig(**CONFIGURATIONS["full"]), GRID, prompt_tokens=1291, dtype=torch.bfloat16
    )
    assert work.encode_flops == pytest.approx(21e12, rel=0.05)
    assert work.prefill_flops == pytest.approx(17.5e12, rel=0.05)
    assert work.cache_bytes == 512 * 1024
    # 32 layers of 4 * 4096^2 + 3 * 4096 * 11008, three biases and two norms each, and the head.
    layer = 4 * 4096**2 + 3 * 4096 * 11008 + 5 * 4096
    assert work.weight_bytes == 2 * (32 * layer + 151936 * 4096)


def test_work_grows_with_what_is_asked():
    base = count_work(SMALL, GRID, prompt_tokens=100, dtype=torch.float32)
    longer = count_work(SMALL, GRID, prompt_tokens=200, dtype=torch.float32)
    larger = count_work(SMALL, WindowGrid(1, 2), prompt_tokens=100, dtype=torch.float32)
    assert longer.prefill_flops > base.prefill_flops
    assert longer.encode_flops == base.encode_flops
    assert larger.encode_flops / 3 == pytest.approx(base.encode_flops / 5, rel=1e-3)
    half = count_work(SMALL, GRID, prompt_tokens=100, dtype=torch.bfloat16)
    assert half.weight_bytes * 2 == base.weight_bytes


@pytest.mark.parametrize("kind, share", [("int8", 1 / 4), ("int4", 0.52 / 4)])
def test_matrices_in_few_bits_are_read_sooner_and_the_head_is_not(kind, share):
    plain = count_work(SMALL, GRID, prompt_tokens=100, dtype=torch.float32)
    few = count_work(SMALL, GRID, prompt_tokens=100, dtype=torch.float32, quantize=kind)

    text = SMALL.text_config
    side, inner = text.hidden_size, text.intermediate_size
    matrices = 4 * text.num_hidden_layers * (4 * side**2 + 3 * side * inner)
    saved = plain.weight_bytes - few.weight_bytes
    assert saved == pytest.approx(matrices * (1 - share))
    assert few.prefill_flops == plain.prefill_flops
