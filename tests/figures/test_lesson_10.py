"""Lesson 10's pictures: what they say."""

import numpy as np

from cnnlab.figures import show_effective, show_excited, show_feature_maps, show_filters, show_reasons, show_trials
from cnnlab.figures.inside import core_of

RNG = np.random.default_rng(0)
FRAME = RNG.integers(0, 256, (16, 16, 3)).astype(np.uint8)


def test_filters_and_maps_are_counted():
    assert "5 filters of 3 × 3" in show_filters(RNG.standard_normal((5, 3, 3, 3))).alt
    picture = show_feature_maps(FRAME, {"conv 1": RNG.standard_normal((4, 8, 8))}, most=3)
    assert "(conv 1 8 × 8)" in picture.alt
    assert picture.png()


def test_exciting_patches_name_their_layers():
    picture = show_excited({"conv 1": {0: [FRAME, FRAME], 7: [FRAME, FRAME]}})
    assert "2 patches for each of 2 units, from layers conv 1" in picture.alt
    assert picture.png()


def test_the_core_of_a_field_is_an_odd_square():
    heat = np.zeros((9, 9))
    heat[4, 4], heat[3:6, 3:6] = 1.0, 0.5
    assert core_of(heat) == 3
    assert core_of(np.ones((9, 9))) == 9
    assert core_of(np.ones((9, 9)), part=0.01) == 1
    assert (
        "could see 5 × 5 pixels, and 90% of its say is within 3 × 3"
        in show_effective(heat[..., None] * [1, 1, 1], {"a": (heat, 5)}).alt
    )


def test_trials_are_read_out_in_percent():
    picture = show_trials({"as it is": (0.99, 0.5), "a wider field": (1.0, 1.0)})
    assert "as it is: small 99%, large 50%; a wider field: small 100%, large 100%" in picture.alt
    assert picture.png()


def test_reasons_of_nothing_are_drawn_too():
    maps = [np.zeros((4, 4)), RNG.standard_normal((3, 5))]
    picture = show_reasons([FRAME, FRAME], {"occlusion": maps}, ["one", "two"])
    assert "2 pictures (one; two), each with occlusion" in picture.alt
    assert picture.png()
