"""Packed weights: there and back, llama.cpp's own layout, and files that do not fit together."""

from collections.abc import Callable

import pytest
import torch

from monkeycli.model.packed import BLOCK, pack_4bit, pack_8bit, unpack


@pytest.fixture
def weight() -> torch.Tensor:
    """Five rows of three blocks, of quite different sizes."""
    generator = torch.Generator().manual_seed(0)
    scales = torch.tensor([1e-3, 0.1, 1.0, 10.0, 100.0])
    return torch.randn(5, 3 * BLOCK, generator=generator) * scales[:, None]


def test_four_bits_err_by_half_a_step_at_most(weight: torch.Tensor) -> None:
    """A step is a fifteenth of a block's range; float16 scales cost a little more."""
    found = unpack(pack_4bit("w", weight), torch.float32)["w"]
    blocks = weight.view(5, 3, BLOCK)
    step = (blocks.amax(-1) - blocks.amin(-1)) / 15
    error = (found - weight).view(5, 3, BLOCK).abs().amax(-1)
    assert (error <= 0.52 * step).all()


def test_eight_bits_err_by_half_a_step_at_most(weight: torch.Tensor) -> None:
    """A step is a 127th of a block's largest magnitude."""
    found = unpack(pack_8bit("w", weight), torch.float32)["w"]
    step = weight.view(5, 3, BLOCK).abs().amax(-1) / 127
    error = (found - weight).view(5, 3, BLOCK).abs().amax(-1)
    assert (error <= 0.56 * step).all()


@pytest.mark.parametrize("pack", [pack_4bit, pack_8bit])
def test_packing_what_was_packed_changes_nothing(
    pack: Callable[[str, torch.Tensor], dict[str, torch.Tensor]], weight: torch.Tensor
) -> None:
    """Values that lie on the levels of a block stay there."""
    once = unpack(pack("w", weight), torch.float32)["w"]
    twice = unpack(pack("w", once), torch.float32)["w"]
    torch.testing.assert_close(twice, once, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("pack", [pack_4bit, pack_8bit])
@pytest.mark.parametrize("value", [0.0, 0.25, -3.0])
def test_a_block_of_equal_values_is_kept(
    pack: Callable[[str, torch.Tensor], dict[str, torch.Tensor]], value: float
) -> None:
    """Its range is zero, which nothing may be divided by."""
    found = unpack(pack("w", torch.full((2, BLOCK), value)), torch.float32)["w"]
    torch.testing.assert_close(found, torch.full((2, BLOCK), value), rtol=1e-3, atol=0.0)


def test_levels_lie_as_in_llama_cpp() -> None:
    """Byte i of a block holds value i in its low half and value i + 16 in its high half."""
    block = torch.arange(16).to(torch.uint8)
    tensors = {
        "w.q4": (block | (15 - block) << 4)[None],
        "w.q4_scale": torch.full((1, 1), 2.0).half(),
        "w.q4_min": torch.full((1, 1), -1.0).half(),
    }
    expected = [2.0 * level - 1 for level in [*range(16), *reversed(range(16))]]
    assert unpack(tensors, torch.float32)["w"].tolist() == [expected]


def test_eight_bit_levels_are_signed() -> None:
    """Minus 127 to 127, one scale a block."""
    tensors = {
        "w.q8": torch.tensor([[-127, 127] * 16], dtype=torch.int8),
        "w.q8_scale": torch.full((1, 1), 0.5).half(),
    }
    assert unpack(tensors, torch.float32)["w"].tolist() == [[-63.5, 63.5] * 16]


def test_plain_tensors_pass_through() -> None:
    """Cast to the wanted dtype, unless they hold whole numbers."""
    tensors = {"norm.weight": torch.ones(3), "steps": torch.tensor([7])}
    found = unpack(tensors, torch.bfloat16)
    assert found["norm.weight"].dtype == torch.bfloat16
    assert found["steps"].dtype == torch.int64
    assert found.keys() == tensors.keys()


def test_packed_and_plain_stand_side_by_side(weight: torch.Tensor) -> None:
    """Only the names themselves come back."""
    tensors = pack_4bit("a.weight", weight) | pack_8bit("b.weight", weight) | {"c": torch.ones(1)}
    found = unpack(tensors, torch.bfloat16)
    assert set(found) == {"a.weight", "b.weight", "c"}
    assert found["a.weight"].shape == weight.shape
    assert found["a.weight"].dtype == torch.bfloat16


@pytest.mark.parametrize(
    "pack,part", [(pack_4bit, "q4_min"), (pack_4bit, "q4_scale"), (pack_8bit, "q8_scale")]
)
def test_a_missing_companion_is_named(
    pack: Callable[[str, torch.Tensor], dict[str, torch.Tensor]], part: str, weight: torch.Tensor
) -> None:
    """The message says which tensor lacks what."""
    tensors = pack("w", weight)
    del tensors[f"w.{part}"]
    with pytest.raises(ValueError, match=rf"w lacks w\.{part}"):
        unpack(tensors, torch.float32)


def test_scales_of_another_shape_are_refused(weight: torch.Tensor) -> None:
    """They would silently be spread over the wrong blocks."""
    tensors = pack_8bit("w", weight)
    tensors["w.q8_scale"] = tensors["w.q8_scale"][:, :1]
    with pytest.raises(ValueError, match=r"\(5, 3\), not \(5, 1\)"):
        unpack(tensors, torch.float32)


def test_half_a_block_is_refused() -> None:
    """No scale can belong to it."""
    tensors = pack_4bit("w", torch.ones(2, 2 * BLOCK))
    tensors["w.q4"] = tensors["w.q4"][:, :24]
    with pytest.raises(ValueError, match=r"2 rows of 48 packed weights"):
        unpack(tensors, torch.float32)


@pytest.mark.parametrize("shape", [(4, 33), (64,), (2, 2, 32)])
@pytest.mark.parametrize("pack", [pack_4bit, pack_8bit])
def test_only_matrices_of_whole_blocks_can_be_packed(
    pack: Callable[[str, torch.Tensor], dict[str, torch.Tensor]], shape: tuple[int, ...]
) -> None:
    """Said with the tensor's name and shape."""
    with pytest.raises(ValueError, match="w of shape"):
        pack("w", torch.zeros(shape))
