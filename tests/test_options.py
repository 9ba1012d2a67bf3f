"""Options say what happens when nothing is said."""

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from monkeycli.grid import GRIDS, WindowGrid
from monkeycli.options import GenerateOptions, RasterOptions


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
