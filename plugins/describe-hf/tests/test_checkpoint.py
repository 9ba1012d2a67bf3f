"""A checkpoint is loaded late, from its folder alone, whole, and no code in it is run."""

import json
import shutil

import pytest
from monkey_describe_hf.blip2 import Blip2Captioner, Blip2Matcher
from monkey_describe_hf.sam import SamSegmenter
from PIL import Image
from safetensors.torch import load_file, save_file

from monkeycli.describing.providers import ProviderOptions
from monkeycli.errors import ModelError, UsageError

pytestmark = pytest.mark.usefixtures("no_network")

IMAGE = Image.new("RGB", (40, 40), "red")


@pytest.fixture
def copy(weights, tmp_path):
    """Give a copy of the captioner that may be spoilt, and its options."""
    folder = shutil.copytree(weights("blip2"), tmp_path / "copy")
    return folder, ProviderOptions(where=str(folder), device="cpu")


def test_nothing_is_loaded_before_it_is_needed(copy):
    folder, options = copy
    captioner = Blip2Captioner(options)
    (folder / "model.safetensors").write_bytes(b"\0" * 64)

    with pytest.raises(ModelError, match="copy cannot be loaded"):
        captioner.caption([IMAGE])


def test_name_changes_with_weights_and_with_the_processor(copy):
    folder, options = copy
    names = {Blip2Captioner(options).by}
    assert names == {Blip2Captioner(options).by}
    for name in ("processor_config.json", "tokenizer.json", "model.safetensors"):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data + b" ")
        names.add(Blip2Captioner(options).by)

    assert len(names) == 4
    assert all(name.startswith("blip2-0.1.0@") for name in names)


def test_weights_that_are_not_there_are_not_drawn_at_random(copy):
    folder, options = copy
    path = folder / "model.safetensors"
    kept = load_file(path)
    del kept["language_projection.weight"]
    save_file(kept, path, metadata={"format": "pt"})

    with pytest.raises(ModelError, match=r"lacks 1 weights, language_projection.weight"):
        Blip2Captioner(options).caption([IMAGE])


def test_a_captioner_is_no_matcher(weights):
    """Both call themselves blip-2; their weights tell."""
    options = ProviderOptions(where=str(weights("blip2")), device="cpu")

    with pytest.raises(ModelError, match=r"lacks \d+ weights"):
        Blip2Matcher(options).match([IMAGE], ["a dog"])


def test_code_beside_the_weights_is_not_run(copy):
    folder, options = copy
    (folder / "evil.py").write_text("raise SystemExit('was run')")
    for name in ("config.json", "processor_config.json", "tokenizer_config.json"):
        fields = json.loads((folder / name).read_text())
        kinds = ("AutoConfig", "AutoModel", "AutoProcessor", "AutoTokenizer", "AutoImageProcessor")
        fields["auto_map"] = dict.fromkeys(kinds, "evil.Evil")
        (folder / name).write_text(json.dumps(fields))

    assert Blip2Captioner(options).caption([IMAGE])


def test_a_processor_that_is_not_there_is_an_error(copy):
    folder, options = copy
    for name in ("processor_config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()

    with pytest.raises(ModelError, match="copy cannot be loaded"):
        Blip2Captioner(options).caption([IMAGE])


def test_a_device_that_is_not_there_is_an_error_at_once(weights):
    with pytest.raises(ModelError, match="cuda:99"):
        SamSegmenter(ProviderOptions(where=str(weights("sam")), device="cuda:99"))
    with pytest.raises(UsageError, match="tpu9"):
        SamSegmenter(ProviderOptions(where=str(weights("sam")), device="tpu9"))
