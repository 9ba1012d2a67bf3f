"""A configuration says every size, survives the disk, and refuses nothing silently."""

import json

import pytest
from transformers import AutoConfig

from monkeycli.errors import ModelError
from monkeycli.grid import GRIDS, GridRule, WindowGrid
from monkeycli.model.checkpoint import load_config
from monkeycli.model.config import MonkeyConfig, MonkeyResamplerConfig, MonkeyVisionConfig
from tests.small_checkpoint import small_config


def test_defaults_are_the_published_sizes():
    config = MonkeyConfig()

    assert config.vision_config.patch_grid == (32, 32)
    assert config.resampler_config.num_queries == 256
    assert config.num_features(WindowGrid(2, 2)) == 1280
    assert config.grid_rule == GridRule((WindowGrid(2, 2),))
    assert config.prompts["ask"] == " {question} Answer: "


@pytest.mark.parametrize(
    "grid, features", [("1x1", 252), ("1x2", 756), ("2x2", 1260), ("2x3", 1764), ("3x2", 1764)]
)
def test_queries_of_any_grid_are_counted_for_every_view(grid, features):
    """28 rows of 9 queries suit lines of print; a 1x1 grid has only the global view."""
    config = small_config(resampler_config={"hidden_size": 32, "query_grid": [28, 9]})
    (chosen,) = [each for each in GRIDS if str(each) == grid]

    assert config.num_features(chosen) == features


@pytest.mark.parametrize("patch_size, side", [(14, 32), (16, 28), (28, 16), (56, 8)])
def test_patches_fill_the_window(patch_size, side):
    assert MonkeyVisionConfig(patch_size=patch_size).patch_grid == (side, side)


@pytest.mark.parametrize("text", ["llama", "qwen2"])
def test_configuration_comes_back_from_the_disk(tmp_path, text):
    config = small_config(
        text_config={"model_type": text, "hidden_size": 32, "tie_word_embeddings": True},
        train_length=64,
        no_answer=None,
    )
    config.save_pretrained(tmp_path)
    loaded = AutoConfig.from_pretrained(tmp_path, local_files_only=True)

    assert isinstance(loaded, MonkeyConfig)
    assert isinstance(loaded.vision_config, MonkeyVisionConfig)
    assert isinstance(loaded.resampler_config, MonkeyResamplerConfig)
    assert loaded.text_config.model_type == text
    assert loaded.tie_word_embeddings
    before, after = config.to_dict(), loaded.to_dict()
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"transformers_version", "_name_or_path", "dtype", "architectures"}


def test_parts_may_be_given_as_configurations_or_as_their_fields():
    vision = MonkeyVisionConfig(hidden_size=16)
    text = AutoConfig.for_model("llama", hidden_size=32)
    config = MonkeyConfig(vision_config=vision, text_config=text)

    assert config.vision_config is vision
    assert config.text_config is text
    assert MonkeyConfig(vision_config={"hidden_size": 16}).vision_config.hidden_size == 16


def test_fields_given_are_not_changed():
    text = {"model_type": "llama", "hidden_size": 32}
    MonkeyConfig(text_config=text)

    assert text == {"model_type": "llama", "hidden_size": 32}


def test_prompt_that_is_not_given_is_the_published_one():
    prompts = MonkeyConfig(prompts={"ask": "{question}"}).prompts

    assert prompts["ask"] == "{question}"
    assert prompts["caption"] == " Generate the detailed caption in English: "


def test_grids_that_no_page_is_cut_into_are_left_out():
    config = MonkeyConfig(grids=[[3, 2], [4, 4], [1, 1]])

    assert config.grid_rule.grids == (WindowGrid(1, 1), WindowGrid(3, 2))


def test_a_way_to_choose_grids_that_is_unknown_breaks_the_configuration(tmp_path):
    fields = small_config().to_dict() | {"grid_by": "luck"}
    (tmp_path / "config.json").write_text(json.dumps(fields))

    with pytest.raises(ModelError, match=r"configuration is broken: .* not by 'luck'"):
        load_config(tmp_path)


def test_attention_that_is_asked_for_reaches_every_part():
    config = small_config()
    config._attn_implementation = "eager"

    parts = (config.vision_config, config.resampler_config, config.text_config)
    assert [part._attn_implementation for part in parts] == ["eager"] * 3
