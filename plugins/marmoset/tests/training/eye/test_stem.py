"""The stem that is trained is the stem of the checkpoint once its normalization is folded in."""

import torch
from training.configuration import marmoset_config
from training.eye.alphabet import NUM_CLASSES
from training.eye.stem import MEAN, STD, CharacterStem, fold

from monkeycli.model.stem import build_stem


def test_folded_stem_gives_the_same_patches():
    torch.manual_seed(0)
    trained = CharacterStem().eval()
    for module in trained.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor in (module.weight, module.bias, module.running_mean, module.running_var):
                tensor.data.uniform_(0.5, 1.5)
    stem = build_stem(marmoset_config().vision_config)
    stem.load_state_dict(fold(trained))
    pixels = torch.randint(256, (1, 448, 448, 3), dtype=torch.uint8)
    normalised = (pixels.permute(0, 3, 1, 2).float() / 255 - MEAN) / STD

    with torch.inference_mode():
        torch.testing.assert_close(
            stem(normalised), trained.stem8(normalised), rtol=1e-3, atol=1e-3
        )


def test_every_cell_has_a_logit_for_every_class():
    stem = CharacterStem().eval()

    with torch.inference_mode():
        logits = stem(torch.zeros(1, 64, 96, 3, dtype=torch.uint8))

    assert logits.shape == (1, 8, 24, NUM_CLASSES)
