"""A scan differs from the sheet as its number says, and characters move with their print."""

import random

import numpy as np
import pytest
from training.eye.scans import needles, slant, wear


def _dot(x, y):
    sheet = np.full((200, 300, 3), 255, np.uint8)
    sheet[y - 1 : y + 2, x - 1 : x + 2] = 0
    return sheet


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("place", [(40, 50), (150, 100), (260, 150)])
def test_a_character_moves_with_its_print(seed, place):
    leaning, xs, ys = slant(random.Random(seed), _dot(*place), [place[0] + 0.5], [place[1] + 0.5])
    dark = np.argwhere(leaning[..., 0] < 100) + 0.5

    assert leaning.shape == (200, 300, 3)
    assert dark.mean(axis=0) == pytest.approx((ys[0], xs[0]), abs=0.7)


def test_sheets_lean_both_ways_but_little():
    falls = []
    for seed in range(40):
        _, _, ys = slant(random.Random(seed), _dot(9, 9), [0.0, 300.0], [100.0, 100.0])
        falls.append((ys[1] - ys[0]) / 300)

    assert min(falls) < -0.01 < 0.01 < max(falls)
    assert max(map(abs, falls)) < 0.04


def test_a_scan_is_what_its_seed_says():
    sheet = _dot(150, 100)
    scans = [wear(random.Random(seed), sheet, 20) for seed in range(60)]

    assert all(scan.shape == sheet.shape and scan.dtype == np.uint8 for scan in scans)
    assert all(
        np.array_equal(scan, wear(random.Random(seed), sheet, 20))
        for seed, scan in enumerate(scans[:10])
    )
    assert len({scan.tobytes() for scan in scans}) > 50


def test_print_is_still_darker_than_its_paper():
    for seed in range(60):
        scan = wear(random.Random(seed), _dot(150, 100), 20).astype(float).mean(axis=-1)

        assert scan[98:103, 148:153].min() < np.median(scan)


def test_needles_print_dots_where_print_was_and_nothing_elsewhere():
    sheet = np.full((200, 300, 3), 255, np.uint8)
    sheet[80:120, 100:110] = 0
    for seed in range(20):
        dots = needles(random.Random(seed), sheet, 24)

        assert dots.shape == sheet.shape and dots.dtype == np.uint8
        assert dots[80:120, 100:110].mean() < 200
        away = dots.copy()
        away[75:125, 95:115] = 255
        assert away.min() == 255
    assert np.array_equal(dots, needles(random.Random(seed), sheet, 24))
