"""The map explorer: what its controls show, and that it stays calm whatever the learner's function does."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from cnnlab.built.lesson_10 import feature_maps
from cnnlab.watchman import NEAR_SIGHTED, Watchman, ready
from cnnlab.widgets import explore_maps

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype(np.uint8)
LAYERS = {"conv 1": ("features.2", 3, 2), "conv 2": ("features.5", 7, 4)}


def explorer(function):
    torch.manual_seed(0)
    return explore_maps(function, Watchman(NEAR_SIGHTED).eval(), IMAGES, ready(IMAGES), LAYERS)


@pytest.mark.slow
def test_a_layer_a_picture_and_a_unit_are_chosen():
    found = explorer(feature_maps)
    assert "conv 1 returns 16 maps of 16 × 16; unit 0 answers most in pictures" in found.spoken()
    assert found.view.value.count("<img") == 2
    found.controls["unit"].value = 9
    found.controls["layer"].value = "conv 2"
    assert "conv 2 returns 32 maps of 8 × 8; unit 9" in found.spoken()
    found.controls["unit"].value = 31
    found.controls["picture"].value = 3
    assert "Picture 3, conv 2" in found.view.value
    found.controls["layer"].value = "conv 1"
    assert "unit 15" in found.spoken()


def unwritten(model, x, layer_names):
    raise NotImplementedError


@pytest.mark.parametrize("function", [unwritten, lambda *a: None, lambda *a: {"features.2": 3}, lambda: 1, 7])
def test_what_is_no_answer_gives_a_calm_sentence(function):
    found = explorer(function)
    assert "<img" not in found.view.value
    assert found.state.says
    found.controls["picture"].value = 2
    assert found.state.says
