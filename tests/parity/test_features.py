"""ViT, resampler and features are those of the published code, window by window."""

import pytest

from tests.parity.reference import PICTURES, difference

TOLERANCE = 1e-5


@pytest.mark.parametrize("name", PICTURES)
def test_patches_are_the_published_ones(tiny, name):
    golden = tiny.tensors[f"{name}.vit_stride16"]

    assert difference(tiny.views[name].patches[:, ::16], golden) <= TOLERANCE


@pytest.mark.parametrize("name", PICTURES)
def test_pooled_patches_are_the_published_ones(tiny, name):
    golden = tiny.tensors[f"{name}.pool_stride8"]

    assert difference(tiny.views[name].pooled[:, ::8], golden) <= TOLERANCE


@pytest.mark.parametrize("name", PICTURES)
def test_features_are_the_published_ones(tiny, name):
    golden = tiny.tensors[f"{name}.image_embeds"]

    assert difference(tiny.views[name].features, golden) <= TOLERANCE


def test_every_patch_of_a_window_and_of_the_global_view_is_the_published_one(tiny):
    views, golden = tiny.views[PICTURES[0]], tiny.tensors

    assert difference(views.patches[1], golden[f"{PICTURES[0]}.vit_r0c1"]) <= TOLERANCE
    assert difference(views.patches[4], golden[f"{PICTURES[0]}.vit_global"]) <= TOLERANCE
    assert difference(views.pooled[1], golden[f"{PICTURES[0]}.pool_r0c1"]) <= TOLERANCE


def test_features_of_the_full_vocabulary_are_the_published_ones(fullvocab):
    golden = fullvocab.tensors[f"{PICTURES[0]}.image_embeds_stride8"]

    assert difference(fullvocab.views[PICTURES[0]].features[::8], golden) <= TOLERANCE
