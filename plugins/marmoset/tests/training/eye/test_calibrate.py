"""What a stem keeps of the windows it saw, and how readily it ends words."""

import torch
from training.eye.alphabet import NUM_CLASSES, SPACE
from training.eye.calibrate import favour_word_ends, take_statistics
from training.eye.stem import CharacterStem


def test_statistics_are_those_of_the_windows_however_they_come_in_batches():
    torch.manual_seed(0)
    pixels = torch.randint(256, (4, 64, 64, 3), dtype=torch.uint8)
    stem = CharacterStem()
    stem.stem8[0][1].running_mean.fill_(7)
    with torch.no_grad():
        normalised = (pixels.permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.25
        mean = stem.stem8[0][0](normalised).mean((0, 2, 3))

    for batch in (2, 4):
        take_statistics(stem, pixels, batch)
        torch.testing.assert_close(stem.stem8[0][1].running_mean, mean, rtol=1e-3, atol=1e-5)
        assert not stem.training


def test_only_word_ends_are_favoured():
    stem = CharacterStem().eval()
    pixels = torch.randint(256, (1, 64, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        before = stem(pixels)
        favour_word_ends(stem, 1.5)
        gained = stem(pixels) - before

    expected = torch.zeros(NUM_CLASSES)
    expected[SPACE] = 1.5
    torch.testing.assert_close(gained, expected.expand_as(gained), rtol=0, atol=1e-5)
