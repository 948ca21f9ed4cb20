"""Figures of blame: their arithmetic is redone here, with the worked example and with others."""

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from cnnlab.built.lesson_05 import avg_pool2d_backward, max_pool2d_backward
from cnnlab.figures import show_bias_blame, show_flip, show_input_blame, show_kernel_blame, show_routes, show_wires
from tests.figures.test_figures import MISBEHAVING

pytestmark = pytest.mark.slow  # most of them draw

X = np.array([[3, 1, 2], [0, 2, 1], [4, 1, 5]])
KERNEL = np.array([[1, 0], [0, -1]])
DOUT = np.array([[1, -1], [2, 0]])


def rows(array):
    return "; ".join(" ".join(str(int(v)).replace("-", "−") for v in row) for row in array)


def test_wires_say_values_and_blame_in_order():
    alt = show_wires(["× w", "+ b"], [2, 6, 5], [3, 1, 1], {0: ("w", 3, 2)}).alt
    assert "Forwards from 2: × w: 6, then + b: 5." in alt
    assert "Blame, from the end: 1, 1, 3." in alt
    assert "w is 3 and gets blame 2." in alt


def test_each_weights_blame_is_worked_out():
    """Fact F4, question A."""
    alt = show_kernel_blame(X, DOUT).alt
    assert "weight [0, 0]: 3·1 + 1·(−1) + 0·2 + 2·0 = 2." in alt
    expected = correlate2d(X, DOUT, "valid")
    for (u, v), value in np.ndenumerate(expected):
        assert f"weight [{u}, {v}]: " in alt
        assert alt.split(f"weight [{u}, {v}]: ")[1].split(".")[0].endswith(f"= {value}")


def test_the_inputs_blame_is_laid_patch_by_patch_and_the_centre_added_up():
    """Fact F4, question B."""
    alt = show_input_blame(KERNEL, DOUT, lit=(1, 1)).alt
    assert rows(convolve2d(DOUT, KERNEL)) == "1 −1 0; 2 −1 1; 0 −2 0"
    assert f"The blame of the input: {rows(convolve2d(DOUT, KERNEL))}." in alt
    assert "(−1) + 0 + 0 + 0 = −1" in alt


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_laying_patches_and_sliding_the_turned_kernel_are_the_same(stride):
    kernel = np.array([[1, 2], [-3, 4]])
    laid = show_input_blame(kernel, DOUT, stride).alt.split("blame of the input: ")[1].rstrip(".")
    slid = show_flip(kernel, DOUT, stride).alt
    assert slid.rstrip(".").endswith(f"dx {laid}")
    assert ("spread" in slid) == (stride > 1)


def test_the_bias_adds_up_images_and_places():
    dout = np.arange(16).reshape(2, 2, 2, 2)
    assert "dbias[0] is 44, dbias[1] is 76" in show_bias_blame(dout).alt


def test_routes_are_those_of_the_learners_functions():
    alt = show_routes(
        [[1, 2, 3], [4, 9, 5], [6, 7, 8]], [[1, 2], [3, 4]], 2, 1,
        max_pooling=max_pool2d_backward, average_pooling=avg_pool2d_backward,
    ).alt  # fmt: skip
    assert "max pooling: 0 0 0; 0 10 0; 0 0 0." in alt
    assert "average pooling: 0.25 0.75 0.50; 1 2.50 1.50; 0.75 1.75 1." in alt


@pytest.mark.parametrize("name", MISBEHAVING)
def test_routes_stay_calm(name):
    function, sentence = MISBEHAVING[name]
    assert sentence in show_routes([[1, 2], [3, 4]], [[1]], 2, mine=function).alt
