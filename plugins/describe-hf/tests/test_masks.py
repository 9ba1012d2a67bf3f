"""Masks: which are believed, where they lie, and which repeat another."""

import pytest
import torch
from monkey_describe_hf.masks import (
    Frame,
    Shape,
    box_of,
    draw_shapes,
    drop_repeated,
    grid_points,
    measure_stability,
)


def _mask(box, side=16, inside=90.0, outside=-90.0):
    left, top, right, bottom = box
    mask = torch.full((side, side), outside)
    mask[top:bottom, left:right] = inside
    return mask


def test_points_cover_the_image_evenly():
    points = grid_points(32)

    assert points.shape == (1024, 2)
    assert points.min() == pytest.approx(1 / 64)
    assert points.max() == pytest.approx(63 / 64)
    assert len(set(map(tuple, points.tolist()))) == 1024


def test_only_masks_that_the_model_is_sure_of_and_that_have_an_edge_are_believed():
    faint = _mask((2, 2, 6, 6), inside=0.5, outside=-0.5)  # nothing is left further in
    masks = torch.stack([_mask((2, 2, 6, 6)), _mask((2, 2, 6, 6)), faint])
    shapes = draw_shapes(masks, torch.tensor([0.95, 0.88, 0.95]), size=(16, 16))

    assert [shape.quality for shape in shapes] == [pytest.approx(0.95)]


def test_shapes_lie_where_they_are_in_the_image():
    (shape,) = draw_shapes(_mask((4, 8, 8, 16))[None], torch.tensor([1.3]), size=(160, 320))

    assert shape.box == pytest.approx((80, 80, 160, 160), abs=10)
    assert shape.pixels_HW.shape == (shape.box[3] - shape.box[1], shape.box[2] - shape.box[0])
    assert shape.pixels_HW.float().mean() > 0.9
    assert shape.quality == 1.0, "a model's own estimate may exceed 1"


def test_what_lies_beside_the_image_in_its_frame_is_cut_off():
    """The image fills the upper half of the square: height 512 of 1024."""
    frame = Frame(512, 1024, 1024)
    masks = torch.stack([_mask((4, 2, 8, 4)), _mask((4, 10, 8, 14))])
    (shape,) = draw_shapes(masks, torch.tensor([1.0, 1.0]), size=(80, 160), frame=frame)

    assert shape.box == pytest.approx((40, 20, 80, 40), abs=4)


def test_many_masks_are_drawn_in_parts_and_none_is_lost():
    masks = torch.stack([_mask((0, 0, 4, 4 + number % 12)) for number in range(40)])

    assert len(draw_shapes(masks, torch.ones(40), size=(16, 16))) == 40
    assert draw_shapes(masks[:0], torch.ones(0), size=(16, 16)) == []


def test_stability_is_the_share_that_is_left():
    half = torch.tensor([[2.0, 0.0], [2.0, 0.0]])

    assert measure_stability(torch.stack([half, half + 5, half - 9])).tolist() == [0.5, 1.0, 0.0]


def test_an_empty_mask_has_no_box():
    assert box_of(torch.zeros(3, 3, dtype=torch.bool)) is None


def _shape(box, quality):
    return Shape(box, torch.ones(box[3] - box[1], box[2] - box[0], dtype=torch.bool), quality)


def test_of_two_that_repeat_each_other_the_better_stays_best_first():
    worse, better = _shape((0, 0, 10, 10), 0.9), _shape((0, 0, 10, 11), 0.95)
    apart, half = _shape((20, 20, 30, 30), 0.99), _shape((0, 0, 10, 5), 0.89)

    assert drop_repeated([worse, better, apart, half]) == [apart, better, half]
    assert drop_repeated([]) == []


def test_overlap_at_the_limit_is_allowed():
    first, second = _shape((0, 0, 10, 10), 0.9), _shape((0, 0, 10, 7), 0.8)  # IoU 0.7

    assert len(drop_repeated([first, second])) == 2
