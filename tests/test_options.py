"""Options say what happens when nothing is said."""

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from monkeycli import options
from monkeycli.errors import ModelError, UsageError
from monkeycli.grid import ANY_GRID, WindowGrid
from monkeycli.options import (
    GenerateOptions,
    RasterOptions,
    check_quantization,
    parse_batch_size,
)


@pytest.mark.parametrize("kind", [RasterOptions, GenerateOptions])
def test_options_have_defaults_names_and_never_change(kind):
    options = kind()

    with pytest.raises(TypeError, match="positional"):
        kind(1)
    with pytest.raises(FrozenInstanceError):
        setattr(options, fields(kind)[0].name, None)


def test_pages_are_cut_as_their_shape_asks_and_text_is_left_alone():
    options = RasterOptions()

    assert (options.grid, options.rule, options.with_text) == (None, ANY_GRID, False)
    assert replace(options, grid=WindowGrid(1, 2)).grid == WindowGrid(1, 2)


def test_answers_are_as_long_as_the_published_code_allows():
    assert GenerateOptions() == GenerateOptions(max_tokens=512, batch_size=None)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "Auto", "\u0661", "many"])
def test_a_batch_size_is_auto_or_a_number_from_1(text):
    with pytest.raises(UsageError, match="is neither auto nor a number from 1"):
        parse_batch_size(text)


@pytest.mark.parametrize("kind", ["int8", "int4"])
def test_to_quantize_needs_a_package(monkeypatch, kind):
    monkeypatch.setattr(options, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=rf"{kind} .*; pip install 'monkeycli\[quantize\]'"):
        check_quantization(kind)
    check_quantization("none")

    monkeypatch.setattr(options, "find_spec", lambda name: object())
    check_quantization(kind)


@pytest.mark.parametrize("kind", ["", "int3", "8", "None"])
def test_a_quantization_is_one_of_three(kind):
    with pytest.raises(UsageError, match="is not one of none, int8, int4"):
        check_quantization(kind)
