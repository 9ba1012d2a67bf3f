"""The stem that is trained is the stem of the checkpoint once its normalization is folded in."""

import torch
from training.configuration import marmoset_config
from training.eye.alphabet import NUM_CLASSES
from training.eye.stem import MEAN, STD, CharacterStem, fold, unfold

from monkeycli.model.stem import build_stem


def _trained():
    """A stem that has been through some training."""
    torch.manual_seed(0)
    stem = CharacterStem().eval()
    for module in stem.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor in (module.weight, module.bias, module.running_mean, module.running_var):
                tensor.data.uniform_(0.5, 1.5)
    return stem


def test_folded_stem_gives_the_same_patches():
    trained = _trained()
    stem = build_stem(marmoset_config().vision_config)
    stem.load_state_dict(fold(trained))
    pixels = torch.randint(256, (1, 448, 448, 3), dtype=torch.uint8)
    normalised = (pixels.permute(0, 3, 1, 2).float() / 255 - MEAN) / STD

    with torch.inference_mode():
        torch.testing.assert_close(
            stem(normalised), trained.stem8(normalised), rtol=1e-3, atol=1e-3
        )


def test_an_unfolded_stem_computes_the_same_and_can_be_trained():
    trained, again = _trained(), CharacterStem()
    again.norm.load_state_dict(trained.norm.state_dict())
    again.head.load_state_dict(trained.head.state_dict())
    pixels = torch.randint(256, (2, 64, 96, 3), dtype=torch.uint8)
    unfold(fold(trained), again, pixels)

    with torch.no_grad():
        expected = trained(pixels)
        torch.testing.assert_close(again.eval()(pixels), expected, rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(again.train()(pixels), expected, rtol=1e-3, atol=1e-3)
    again(pixels).mean().backward()
    assert all(tensor.grad is not None for tensor in again.parameters())


def test_every_cell_has_a_logit_for_every_class():
    stem = CharacterStem().eval()

    with torch.inference_mode():
        logits = stem(torch.zeros(1, 64, 96, 3, dtype=torch.uint8))

    assert logits.shape == (1, 8, 24, NUM_CLASSES)
