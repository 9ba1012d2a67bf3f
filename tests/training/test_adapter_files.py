"""What was learnt comes back bit for bit, and peft can read its part of it."""

import json
import shutil

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file

from monkeycli.errors import ModelError, OutputError
from monkeycli.model.adapter_files import Base
from monkeycli.model.checkpoint import load_checkpoint
from monkeycli.training.adapter_files import file_key, restore_adapter, save_adapter
from tests.drawn_adapter import draw_run, draw_tuned
from tests.model.drawing import CONV_LLAMA, PATCH_QWEN2
from tests.small_checkpoint import draw_small
from tests.small_disk import small_disk

METHODS = ("full", "lora", "ia3", "prompt", "prefix")
FILES = {
    "full": {"language_model.safetensors"},
    "lora": {"adapter_model.safetensors", "adapter_config.json"},
    "ia3": {"adapter_model.safetensors", "adapter_config.json"},
    "prompt": {"adapter_model.safetensors", "adapter_config.json"},
    "prefix": {"adapter_model.safetensors", "adapter_config.json"},
}
ALWAYS = {"adapter.json", "window_adapters.safetensors", "resampler.safetensors"}


@pytest.fixture(scope="module")
def base(small_folder):
    return Base.of(str(small_folder))


def load(folder):
    return load_checkpoint(folder, dtype=torch.float32, device=torch.device("cpu"))[0]


@pytest.mark.parametrize("method", METHODS)
def test_what_was_saved_comes_back_bit_for_bit(small_folder, base, method, tmp_path):
    saved = draw_run(tmp_path, small_folder, method, vision=True)
    other = draw_tuned(small_folder, method, seed=1, vision=True)

    restore_adapter(other, tmp_path / "adapter", base)

    learnt = other.trainable()
    assert learnt.keys() == saved.trainable().keys()
    for name, weight in saved.trainable().items():
        assert torch.equal(learnt[name], weight), name
        assert learnt[name].requires_grad


@pytest.mark.parametrize("method", METHODS)
def test_there_is_a_file_for_every_part_that_learnt_and_no_more(small_folder, method, tmp_path):
    draw_run(tmp_path / "most", small_folder, method)
    draw_run(tmp_path / "least", small_folder, method, window_adapters=False, resampler=False)

    found = {path.name for path in (tmp_path / "most" / "adapter").iterdir()}
    assert found == FILES[method] | ALWAYS
    found = {path.name for path in (tmp_path / "least" / "adapter").iterdir()}
    assert found == FILES[method] | {"adapter.json"}


@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_lists_of_peft_s_settings_have_one_order(small_folder, method, tmp_path):
    """peft keeps them as sets, whose order differs from process to process."""
    draw_run(tmp_path, small_folder, method)

    settings = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    targets = settings["target_modules"]
    assert len(targets) > 1 and targets == sorted(targets)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")  # peft's
@pytest.mark.parametrize("kind", [CONV_LLAMA, PATCH_QWEN2], ids=["llama", "qwen2"])
@pytest.mark.parametrize("method", ["lora", "ia3", "prompt", "prefix"])
def test_peft_reads_the_language_part(kind, method, tmp_path):
    """The language model with peft's wrapper around it gives what ours gives with virtual tokens
    or layers inside."""
    checkpoint = draw_small(tmp_path / "base", **kind)
    tuned = draw_run(tmp_path / "run", checkpoint, method, window_adapters=False, resampler=False)
    width = tuned.model.config.text_config.hidden_size
    embeds = torch.randn(2, 9, width, generator=torch.Generator().manual_seed(0))
    mask = torch.ones(2, 9, dtype=torch.long)

    wrapped = PeftModel.from_pretrained(
        load(checkpoint).model.language_model, str(tmp_path / "run" / "adapter")
    )

    with torch.inference_mode():
        theirs = wrapped(inputs_embeds=embeds, attention_mask=mask).last_hidden_state
        ours = tuned.model.model(inputs_embeds=embeds, attention_mask=mask).last_hidden_state
    # Theirs gives the states of the virtual tokens, too.
    torch.testing.assert_close(theirs[:, -9:], ours, atol=1e-5, rtol=1e-4)


def test_weights_gathered_elsewhere_are_written_in_place_of_the_model_s(
    small_folder, base, tmp_path
):
    tuned = draw_tuned(small_folder, "lora")
    gathered = {name: torch.zeros_like(part) for name, part in tuned.trainable().items()}

    save_adapter(tuned, tmp_path, base, weights=gathered)

    for path in tmp_path.glob("*.safetensors"):
        assert not any(part.any() for part in load_file(path).values())


def test_saving_again_replaces_what_was_there(small_folder, base, tmp_path):
    draw_run(tmp_path, small_folder, "lora")
    tuned = draw_run(tmp_path, small_folder, "lora", seed=1)
    other = draw_tuned(small_folder, "lora", seed=2)

    restore_adapter(other, tmp_path / "adapter", base)

    for name, weight in tuned.trainable().items():
        assert torch.equal(other.trainable()[name], weight)


def test_full_disk_is_an_output_error_that_names_the_file(small_folder, base, tmp_path):
    tuned = draw_tuned(small_folder, "full")

    with small_disk(10_000), pytest.raises(OutputError, match=r"\.safetensors cannot be written"):
        save_adapter(tuned, tmp_path / "adapter", base)

    assert not (tmp_path / "adapter" / "adapter.json").exists()  # so nobody takes it for whole


def test_folder_that_cannot_be_made_is_an_output_error(small_folder, base, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="file"):
        save_adapter(draw_tuned(small_folder, "prompt"), tmp_path / "file" / "adapter", base)


# What is restored must be what was begun


@pytest.fixture
def adapter(small_folder, tmp_path):
    draw_run(tmp_path, small_folder, "lora")
    return tmp_path / "adapter"


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"method": "ia3"}, ["by method 'lora'", "by 'ia3'"]),
        ({"method": "lora", "resampler": False}, ["resampler.safetensors", "needs"]),
        ({"method": "lora", "rank": 5}, ["_proj.lora_A.weight has shape (2, 32), not (5, 32)"]),
    ],
    ids=["method", "part", "rank"],
)
def test_adapter_of_other_settings_is_refused(small_folder, base, adapter, settings, words):
    tuned = draw_tuned(small_folder, **settings)

    with pytest.raises(ModelError) as error:
        restore_adapter(tuned, adapter, base)
    for word in words:
        assert word in error.value.message


def test_adapter_of_another_checkpoint_is_refused(small_folder, base, adapter, tmp_path):
    other = Base.of(str(draw_small(tmp_path / "other", seed=1, checkpoint_name="other@2.0")))

    with pytest.raises(ModelError, match=r"belongs to small@1\.0 .*not to other@2\.0"):
        restore_adapter(draw_tuned(small_folder, "lora"), adapter, other)


def test_missing_tensor_is_named(small_folder, base, adapter):
    path = adapter / "resampler.safetensors"
    tensors = load_file(path)
    tensors.pop("model.resampler.queries")
    save_file(tensors, path)

    with pytest.raises(ModelError, match=r"resampler\.safetensors lacks model\.resampler\.queries"):
        restore_adapter(draw_tuned(small_folder, "lora"), adapter, base)


def test_adapter_names_its_base_to_peft(small_folder, adapter):
    fields = json.loads((adapter / "adapter_config.json").read_text())

    assert fields["base_model_name_or_path"] == str(small_folder)
    assert fields["inference_mode"] is True


def test_moved_adapter_is_the_same(small_folder, base, adapter, tmp_path):
    shutil.move(adapter, tmp_path / "elsewhere")

    restore_adapter(draw_tuned(small_folder, "lora", seed=1), tmp_path / "elsewhere", base)


@pytest.mark.parametrize(
    "name, file",
    [
        ("model.language_model.embed_tokens.weight", "language_model"),
        ("lm_head.weight", "language_model"),
        ("model.resampler.norm_out.weight", "resampler"),
        ("model.vision.blocks.0.fc1.weight", "vision"),
        ("model.vision.blocks.0.attention.in_adapter.lora_a", "window_adapters"),
        ("model.virtual_tokens.embeddings", "adapter_model"),
    ],
)
def test_every_part_has_its_file(name, file):
    assert file_key(name)[0] == f"{file}.safetensors"
