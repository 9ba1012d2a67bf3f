"""BLIP-2 as its classes are: tiny and random, but captions hang on images, and matches on both."""

import json
import shutil

import pytest
import torch
from monkey_describe_hf import blip2
from monkey_describe_hf.blip2 import Blip2Captioner, Blip2Matcher
from PIL import Image

from monkeycli.describing.providers import ProviderOptions
from monkeycli.errors import ModelError

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture(scope="module")
def captioner(options):
    return Blip2Captioner(options("blip2"))


@pytest.fixture(scope="module")
def matcher(options):
    return Blip2Matcher(options("blip2_matcher"))


def test_captions_are_words_and_hang_on_the_image(captioner, pictures):
    noise = [Image.effect_noise((60, 90), 80).convert("RGB"), Image.new("RGB", (40, 40), "blue")]
    captions = captioner.caption([*pictures, *noise])

    assert all(caption and "<" not in caption for caption in captions)
    assert all(len(caption.split()) <= blip2.MAX_TOKENS for caption in captions)
    assert len(set(captions)) > 1


def test_captions_are_the_same_alone_and_together(captioner, pictures, monkeypatch):
    together = captioner.caption(pictures * 2)
    monkeypatch.setattr(blip2, "BATCH_SIZE", 3)

    assert captioner.caption(pictures * 2) == together
    assert [captioner.caption([image])[0] for image in pictures] == together[:2]


def test_no_images_are_no_captions(captioner, matcher):
    assert captioner.caption([]) == []
    assert matcher.match([], []) == []


def test_a_match_is_a_probability_that_hangs_on_the_caption_and_on_the_image(matcher, pictures):
    image, turned = pictures
    scores = matcher.match([image, image, turned], ["a red dog", "blue ball", "a red dog"])

    assert all(0 < score < 1 for score in scores)
    assert len({round(score, 4) for score in scores}) == 3


@torch.no_grad()
def test_raw_ids_would_ignore_the_caption_and_say_nothing(matcher, pictures):
    """Why the processor has to be used; fails when transformers mends it."""
    model, processor = matcher._model, matcher._processor
    pixels = processor.image_processor(pictures[0], return_tensors="pt")["pixel_values"]

    def score(text):
        ids = processor.tokenizer(text, return_tensors="pt", padding="max_length", max_length=4)
        mask = torch.ones(1, 8, dtype=torch.int64)
        found = model(pixels, ids["input_ids"], mask[:, :4], use_image_text_matching_head=True)
        return found.logits_per_image.softmax(dim=-1)[0, 1].item()

    assert score("a dog") == score("blue sign")
    first, second = matcher.match([pictures[0]] * 2, ["a dog", "blue sign"])
    assert first != pytest.approx(second, abs=1e-5)


def test_a_matcher_that_is_older_than_places_for_images_gives_the_same(
    matcher, weights, pictures, tmp_path
):
    folder = shutil.copytree(weights("blip2_matcher"), tmp_path / "old")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "image_token_index": None}))
    old = Blip2Matcher(ProviderOptions(where=str(folder), device="cpu"))
    texts = ["a red dog", "two big cats on green grass"]

    assert old._model.config.image_token_index is None
    assert old.match(pictures, texts) == pytest.approx(matcher.match(pictures, texts), abs=1e-5)


def test_matches_are_the_same_alone_and_beside_longer_captions(matcher, pictures):
    texts = ["a dog", "two big red cats on green grass and a sign"]
    together = matcher.match(pictures, texts)
    alone = [matcher.match([image], [text])[0] for image, text in zip(pictures, texts, strict=True)]

    assert together == pytest.approx(alone, abs=1e-5)


def test_captions_of_any_length_are_matched(matcher, pictures):
    (score,) = matcher.match(pictures[:1], ["red dog " * 500])

    assert 0 < score < 1


@pytest.mark.parametrize("text", ["a dog [SEP] red", "<image> a dog", "[[SEP]SEP] [PAD]"])
def test_what_looks_like_a_special_token_in_a_caption_is_text(matcher, pictures, text):
    ids = matcher._processor(
        images=pictures[:1], text=[matcher._as_words(text)], return_tensors="pt"
    )["input_ids"][0].tolist()

    assert ids.count(4) == 4  # the image's own places
    assert ids.count(3) == 1  # one end
    assert ids.count(0) == 0
    assert 0 < matcher.match(pictures[:1], [text])[0] < 1


def test_a_checkpoint_without_places_for_images_is_refused(options, monkeypatch):
    captioner = Blip2Captioner(options("blip2"))
    monkeypatch.setattr(captioner._model.config, "image_token_index", None)

    with pytest.raises(ModelError, match="of an old layout; pull a newer revision"):
        captioner.caption([Image.new("RGB", (30, 30))])


def test_neither_takes_a_checkpoint_of_another_kind(weights):
    with pytest.raises(ModelError, match=r"holds no checkpoint for --global blip2.*'sam'"):
        Blip2Captioner(ProviderOptions(where=str(weights("sam")), device="cpu"))
