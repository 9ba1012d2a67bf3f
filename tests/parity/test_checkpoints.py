"""A published checkpoint gives the same model from every container, saved, converted, loaded."""

import json
import shutil

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor

from monkeycli.model.checkpoint import convert_published, load_checkpoint
from monkeycli.model.files import read_weights
from monkeycli.model.keys import from_published, to_published
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.processing import MonkeyProcessor
from tests.parity.reference import difference

CASE = "ask.portrait_text.png"
CPU = torch.device("cpu")


def _assert_same_weights(ours, theirs):
    ours, theirs = ours.state_dict(), theirs.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.fixture(scope="module")
def saved(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    tiny.model.save_pretrained(folder)
    tiny.processor.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("name", ["tiny", "fullvocab"])
def test_names_there_and_back_are_the_same(request, name):
    published = read_weights(request.getfixturevalue(name).folder)
    back = to_published(from_published(published))

    assert back.keys() == published.keys()
    assert all(torch.equal(back[key], tensor) for key, tensor in published.items())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
def test_pickle_gives_the_same_weights(tiny, tmp_path, dtype):
    weights = {name: part.to(dtype) for name, part in read_weights(tiny.folder).items()}
    torch.save(weights, tmp_path / "pytorch_model.bin")
    for name in ("config.json", "qwen.tiktoken"):
        shutil.copy(tiny.folder / name, tmp_path)

    model, processor = load_checkpoint(tmp_path, dtype=torch.float32, device=CPU)
    assert processor.config.vision_config == tiny.processor.config.vision_config
    loaded = to_published(model.state_dict())
    assert all(torch.equal(loaded[name], part.float()) for name, part in weights.items())


def test_checkpoint_without_adapters_is_the_one_whose_adapters_add_nothing(tiny, tmp_path):
    """Such derivatives of the published checkpoints exist."""
    weights = read_weights(tiny.folder)
    bare = {name: part for name, part in weights.items() if "lora" not in name}
    still = {n: torch.zeros_like(p) if "lora_scale" in n else p for n, p in weights.items()}
    page = tiny.processor(images=[Image.new("RGB", (900, 800), "navy")], text=[" What? Answer: "])
    logits = []
    for name, kept in (("bare", bare), ("still", still)):
        folder = tmp_path / name
        folder.mkdir()
        save_file(kept, folder / "model.safetensors")
        for file in ("config.json", "qwen.tiktoken"):
            shutil.copy(tiny.folder / file, folder)
        model, _ = load_checkpoint(folder, dtype=torch.float32, device=CPU)
        with torch.inference_mode():
            logits.append(model(**page, logits_to_keep=1).logits)

    assert torch.equal(*logits)


@pytest.mark.parametrize("load", [MonkeyForConditionalGeneration, AutoModelForImageTextToText])
@torch.inference_mode()
def test_saved_model_gives_the_same_logits(tiny, saved, load):
    model = load.from_pretrained(saved, local_files_only=True).eval()
    inputs = tiny.inputs(CASE)

    assert isinstance(model, MonkeyForConditionalGeneration)
    _assert_same_weights(model, tiny.model)
    ours, theirs = (each(**inputs, logits_to_keep=1).logits for each in (model, tiny.model))
    assert difference(ours, theirs) <= 1e-5  # where weights lie in memory changes the last bits
    assert model.generation_config.to_diff_dict() == tiny.model.generation_config.to_diff_dict()


@pytest.mark.parametrize("load", [MonkeyProcessor, AutoProcessor])
def test_saved_processor_gives_the_same_inputs(tiny, saved, load):
    processor = load.from_pretrained(saved, local_files_only=True)
    text = "A <img>b</img> <|im_end|> total?"
    ours, theirs = (
        each(images=[tiny.picture("square_photo.png")], text=[text])
        for each in (processor, tiny.processor)
    )

    assert isinstance(processor, MonkeyProcessor)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    template = "<|im_start|>{question}<|im_end|>"
    ids = processor.encode_template(template, question=text)
    assert ids == tiny.processor.encode_template(template, question=text)


def test_saved_configuration_is_the_same(tiny, saved):
    config = AutoConfig.from_pretrained(saved, local_files_only=True)

    ignored = {"architectures", "dtype", "transformers_version", "_name_or_path"}
    ours, theirs = config.to_dict(), tiny.model.config.to_dict()
    assert {k: v for k, v in ours.items() if k not in ignored and not isinstance(v, dict)} == {
        k: v for k, v in theirs.items() if k not in ignored and not isinstance(v, dict)
    }
    assert config.grid_rule == tiny.model.config.grid_rule
    assert not {"visual", "auto_map"} & json.loads((saved / "config.json").read_text()).keys()


def test_converted_checkpoint_is_the_one_converted_in_memory(tiny, tmp_path):
    target = tmp_path / "converted"
    config = convert_published(tiny.folder, target, name="monkey-chat@0000000")
    model, processor = load_checkpoint(target, dtype=torch.float32, device=CPU)

    _assert_same_weights(model, tiny.model)
    assert config.prompts["caption"] == " Generate the detailed caption in English: Answer: "
    assert processor.prompts.caption == config.prompts["caption"]
    assert processor.config.checkpoint_name == "monkey-chat@0000000"
    assert not list(target.glob("*.bin")) and not (target / "qwen.tiktoken").exists()


def test_bfloat16_is_that_of_the_published_code(tiny, parity):
    """Both round at the same places, so they lie closer together than rounding moves either.

    As shares of the published code's own drift from float32, by root mean square: this model lies
    0.50 to 0.55 from that code (instruction sets from AVX2 to AMX), with norms in bfloat16 0.90.
    How far it drifts from float32 itself tells nothing: 0.95 to 1.04 by instruction set. Errors as
    small as an epsilon of 1e-4 hide in the rounding; the float32 goldens find those.
    """
    drift = json.loads((parity / "bf16_drift.json").read_text())
    model, _ = load_checkpoint(tiny.folder, dtype=torch.bfloat16, device=CPU)
    with torch.inference_mode():
        logits = model(**tiny.inputs(CASE), logits_to_keep=1).logits[0, -1].float()
    theirs = load_file(parity / "goldens_tiny_bf16.safetensors")["first_logits"].float()
    exact = tiny.tensors[f"{CASE}.first_logits"].float()

    assert difference(theirs, exact) == pytest.approx(drift["logits_max_abs_diff"])
    assert difference(logits, theirs) <= drift["logits_max_abs_diff"]
    assert (logits - theirs).norm() <= 0.7 * (theirs - exact).norm()
