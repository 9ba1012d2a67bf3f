"""Options say what happens when nothing is said."""

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from monkeycli.errors import UsageError
from monkeycli.grid import GRIDS, WindowGrid
from monkeycli.options import GenerateOptions, RasterOptions, parse_batch_size


@pytest.mark.parametrize("kind", [RasterOptions, GenerateOptions])
def test_options_have_defaults_names_and_never_change(kind):
    options = kind()

    with pytest.raises(TypeError, match="positional"):
        kind(1)
    with pytest.raises(FrozenInstanceError):
        setattr(options, fields(kind)[0].name, None)


def test_pages_are_cut_as_their_shape_asks_and_text_is_left_alone():
    options = RasterOptions()

    assert (options.grid, options.grids, options.with_text) == (None, GRIDS, False)
    assert replace(options, grid=WindowGrid(1, 2)).grid == WindowGrid(1, 2)


def test_answers_are_as_long_as_the_published_code_allows():
    assert GenerateOptions() == GenerateOptions(max_tokens=512, batch_size=None)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "Auto", "\u0661", "many"])
def test_a_batch_size_is_auto_or_a_number_from_1(text):
    with pytest.raises(UsageError, match="is neither auto nor a number from 1"):
        parse_batch_size(text)
