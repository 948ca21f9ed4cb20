"""A network on one picture, forwards and back, drawn with the learner's functions."""

import numpy as np
import pytest

from cnnlab.built import lesson_05
from cnnlab.figures import show_backwards
from tests.figures.test_figures import MISBEHAVING

pytestmark = pytest.mark.slow  # most of them draw

NAMES = ["conv2d_backward", "relu_backward", "max_pool2d_backward", "linear_backward", "softmax_cross_entropy_backward"]
FUNCTIONS = {name: getattr(lesson_05, name) for name in NAMES}
PICTURE = np.array([[1, 2, 1, 0], [0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1]])
PARAMS = {
    "conv_weight": np.array([[[[1.0, 0.0], [0.0, -1.0]]]]),
    "conv_bias": np.zeros(1),
    "fc_weight": np.array([[0.1, 0.3, 0.5, 0.7], [0.2, 0.4, 0.6, 0.8]]),
    "fc_bias": np.array([0.1, 0.2]),
}


def test_the_printed_example_is_dead_behind_the_relu():
    """Fact E4."""
    alt = show_backwards(PICTURE, PARAMS, 0, FUNCTIONS, pool_stride=1).alt
    assert "Loss 0.7444" in alt
    assert "maps: 0 0 0; 0 0 0; 0 0 0." in alt
    assert "ReLU: 0.0525 0.0525 0; 0.0525 0.0525 0; 0 0 0." in alt
    assert "pooled: 0.0525 0.0525; 0.0525 0.0525." in alt
    assert "logits: −0.5250 0.5250." in alt
    assert "dweight of the kernel: 0 0; 0 0." in alt
    assert "dweight of the dense layer: 0 0 0 0; 0 0 0 0." in alt


@pytest.mark.parametrize("broken", NAMES)
def test_it_goes_back_as_far_as_the_functions_do(broken):
    def unsolved(*args):
        raise NotImplementedError

    alt = show_backwards(PICTURE, PARAMS, 0, FUNCTIONS | {broken: unsolved}, pool_stride=1).alt
    assert "is not written yet" in alt
    assert ("logits: " in alt) == (broken != "softmax_cross_entropy_backward")
    assert "dweight of the kernel" not in alt


@pytest.mark.parametrize("name", MISBEHAVING)
@pytest.mark.parametrize("broken", ["linear_backward", "relu_backward"])
def test_it_stays_calm_whatever_a_function_does(broken, name):
    alt = show_backwards(PICTURE, PARAMS, 0, FUNCTIONS | {broken: MISBEHAVING[name][0]}, pool_stride=1).alt
    assert "logits: −0.5250 0.5250." in alt
    assert "dweight of the kernel" not in alt
