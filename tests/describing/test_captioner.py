"""A checkpoint's own caption, from pixels alone."""

import pytest
from PIL import Image

from monkeycli.api import load
from monkeycli.describing.captioner import MAX_TOKENS, MonkeyCaptioner
from monkeycli.describing.providers import ProviderOptions
from monkeycli.errors import ModelError, UsageError
from monkeycli.options import GenerateOptions
from tests.drawn_documents import draw_image
from tests.small_checkpoint import PROMPTS, draw_small


def captioner(folder):
    return MonkeyCaptioner(ProviderOptions(where=str(folder), device="cpu"))


def test_it_says_what_monkey_caption_says(small_folder, tmp_path):
    path = draw_image(tmp_path / "a.png", seed=3, size=(448, 448))
    (record,) = load(small_folder, device="cpu").caption(
        path, text="none", options=GenerateOptions(max_tokens=120)
    )

    assert MAX_TOKENS == 120
    assert captioner(small_folder).caption([Image.open(path)]) == [record.caption]


def test_images_of_any_size_together_and_alone_are_captioned_alike(small_folder, tmp_path):
    sizes = [(448, 448), (900, 700), (40, 1000)]
    images = [
        Image.open(draw_image(tmp_path / f"{n}.png", seed=n, size=size))
        for n, size in enumerate(sizes)
    ]
    monkey = captioner(small_folder)

    assert monkey.caption(images) == [monkey.caption([image])[0] for image in images]


def test_its_name_tells_the_model(small_folder):
    assert captioner(small_folder).by.startswith("small@1.0")


def test_a_model_without_eyes_or_captions_is_refused(tmp_path):
    blind = draw_small(tmp_path / "blind", reads_pixels=False)
    mute = draw_small(tmp_path / "mute", prompts={**PROMPTS, "caption": ""})

    with pytest.raises(ModelError, match="does not read pixels"):
        captioner(blind)
    with pytest.raises(ModelError, match="has learnt no captions"):
        captioner(mute)


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(UsageError):
        captioner(tmp_path / "none")
